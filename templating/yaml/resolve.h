#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "templating/yaml/node.h"

namespace headgate::templating::yaml {

// unsigned where int64 is too small.
using Number = std::variant<int64_t, uint64_t, double>;

// What a plain scalar says, if it says a number: 1_000, 0x1F, 0o17 and 017, 0b11, 1e3, .5, -.inf.
// As go-yaml 3 reads it; 1e400 is none.
std::optional<Number> ParseNumber(std::string_view text);

// A moment as RFC 3339: "2001-1-2", "2001-12-14 21:59:43.1" and the like are such.
struct Timestamp {
  std::string text;
  bool in_json = true;  // false where Go's JSON refuses it: an offset of 24 hours
};
std::optional<Timestamp> ParseTimestamp(std::string_view text);
bool IsTimestamp(std::string_view text);

// true, True, TRUE, false, ...: for texts that resolve to a bool.
inline bool BoolOf(std::string_view text) { return text[0] == 't' || text[0] == 'T'; }

// Whether a plain scalar of this text would be read as something else than this string by readers
// of YAML 1.1, as go-yaml 2 sees them: yes, on, 0x1f, 1:30, 2001-01-01, ~, ...
bool IsSpecialIn11(std::string_view text);

}  // namespace headgate::templating::yaml
