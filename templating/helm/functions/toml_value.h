#pragma once

#include <string>
#include <string_view>

#include "templating/helm/value.h"

namespace headgate::templating::helm {

// A number, time or word of TOML: "0x1f", "1_000.5", "1979-05-27 07:32:00Z", "true". False where
// it is none: `error` says why.
bool ReadTomlScalar(std::string_view text, Heap* heap, Value* value, std::string* error);

}  // namespace headgate::templating::helm
