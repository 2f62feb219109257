#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace headgate::templating::helm {

// Whether Helm takes this for a release's name; the error says what it demands.
core::Status CheckReleaseName(std::string_view name);

// The name that a template makes (--name-template), which has all functions and no values.
core::Result<std::string> RenderReleaseName(std::string_view text);

}  // namespace headgate::templating::helm
