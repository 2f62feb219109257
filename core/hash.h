#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/value.h"

namespace headgate::core {

// SHA-256 as 64 lower-case hexadecimal digits.
std::string Sha256(std::string_view bytes);

// Hash of a value's content: the same whatever the order of keys, other for other content. 64
// hexadecimal digits.
std::string ContentHash(const Value& value);

// The first `digits` of a hash, for names and for people.
std::string_view Short(std::string_view hash, size_t digits = 8);

// Base64 (RFC 4648, section 4) with padding; decoding ignores line ends, and is kInvalid for
// anything else that is wrong.
std::string ToBase64(std::string_view bytes);
Result<std::string> FromBase64(std::string_view text);

}  // namespace headgate::core
