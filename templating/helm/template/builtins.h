#pragma once

#include <span>

#include "templating/helm/function.h"

namespace headgate::templating::helm {

// Go's own functions (and, call, eq, index, len, printf, ...) and Helm's include, tpl, required and
// fail.
std::span<const Function> Builtins();

}  // namespace headgate::templating::helm
