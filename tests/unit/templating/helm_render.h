#pragma once

#include <string>
#include <string_view>

#include "templating/helm/function.h"

namespace headgate::templating::helm {

// Evaluates one template as Helm would evaluate a file of a chart: `.Values` is a JSON object, and
// .Release.Name, .Chart.Name and .Capabilities are there. Beside Go's functions it has list, dict,
// set, default, typeOf, until, seq64 (a list of int64) and now, for tests of the language alone.
struct Rendered {
  std::string text;   // what was written, or
  std::string error;  // as helm prints it
};
Rendered RenderText(std::string_view text, std::string_view values_json = "{}",
                    const Limits& limits = {});

}  // namespace headgate::templating::helm
