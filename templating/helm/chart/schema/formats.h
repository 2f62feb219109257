#pragma once

#include <string_view>

#include "templating/helm/chart/schema/node.h"

namespace headgate::templating::helm {

// The check of a format's name; nullptr where it is not known, and then nothing is checked.
Format FindFormat(std::string_view name);

}  // namespace headgate::templating::helm
