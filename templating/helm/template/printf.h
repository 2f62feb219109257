#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "templating/helm/value.h"

namespace headgate::templating::helm {

// Go's fmt over values: every verb, flag, width, precision and argument index, and its words for
// what does not fit ("%!d(string=x)").
//
// Each appends to `out` and says whether all of it fitted: `out` may grow to `bytes_max`, and a
// value may be nested kDepthMax deep (a map that holds itself is deeper). Addresses (%p) are made
// up, so that the same render prints the same.

bool AppendPrintf(std::string* out, std::string_view format, std::span<const Value> arguments,
                  size_t bytes_max);
// fmt.Sprint: spaces between arguments where neither is a string.
bool AppendPrint(std::string* out, std::span<const Value> arguments, size_t bytes_max);
bool AppendPrintln(std::string* out, std::span<const Value> arguments, size_t bytes_max);

// One value as %v prints it. nil is "<nil>".
bool AppendValue(std::string* out, const Value& value, size_t bytes_max);

}  // namespace headgate::templating::helm
