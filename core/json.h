#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "core/value.h"

namespace headgate::core {

// One JSON document as a tree. kInvalid names line and column. Numbers without a fraction or
// exponent that fit in 64 bits are integers. Depth is bounded (kJsonDepthMax); of a key given twice
// the last one counts, as in Kubernetes.
inline constexpr int kJsonDepthMax = 1000;
Result<Value> ParseJson(std::string_view text);

// Compact JSON, keys in the map's order. Strings that are no UTF-8 are mended with U+FFFD.
std::string ToJson(const Value& value);
// The same over several lines, indented by two spaces.
std::string ToPrettyJson(const Value& value);
// Compact, keys sorted: equal for equal values.
std::string ToCanonicalJson(const Value& value);

}  // namespace headgate::core
