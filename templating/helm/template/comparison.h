#pragma once

#include "templating/helm/function.h"

namespace headgate::templating::helm {

// eq, ne, lt, le, gt, ge by the rules of Go's text/template: numbers of one kind only compare with
// each other, and nil with anything.
Value Equal(Call& call);
Value NotEqual(Call& call);
Value Less(Call& call);
Value LessOrEqual(Call& call);
Value Greater(Call& call);
Value GreaterOrEqual(Call& call);

}  // namespace headgate::templating::helm
