#pragma once

#include <string>
#include <vector>

#include "templating/helm/chart/limits.h"
#include "templating/helm/chart/schema/node.h"

namespace headgate::templating::helm {

// What is wrong with a value: at most some twenty lines of the form "at /a/0: a string expected, a
// number found". No value is shown. Empty where all is well.
std::vector<std::string> CheckValue(const SchemaNode& schema, const Value& value,
                                    const ChartLimits& limits);

}  // namespace headgate::templating::helm
