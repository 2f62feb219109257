#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/value.h"

namespace headgate::templating {

// The value of a plain (unquoted, untagged) scalar, typed as kustomize's reader does.
core::Value ResolvePlain(std::string_view text);

// "2001-1-2", "2001-12-14 21:59:43.1" or RFC 3339 as RFC 3339; nothing for other texts.
std::optional<std::string> ResolveTimestamp(std::string_view text);

// Whether a plain scalar of this text would be read as something else than this string by readers
// of YAML 1.1 or 1.2 (yes, 0x1f, 1:30, 2001-01-01, ...). Such strings are printed in quotes.
bool NeedsQuotes(std::string_view text);

// A float as Go prints it: the shortest digits that read back, an exponent below 1e-4 and from
// 1e6, whole numbers as integers.
std::string ShowFloat(double number);

}  // namespace headgate::templating
