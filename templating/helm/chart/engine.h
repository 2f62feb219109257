#pragma once

#include "templating/helm/function.h"

namespace headgate::templating::helm {

// The functions and methods that charts' templates have. Made once.
const FunctionTable& ChartFunctions();

}  // namespace headgate::templating::helm
