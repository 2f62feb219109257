#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace headgate::templating::helm {

// Base64 and Base32 of RFC 4648 with padding, and the errors of Go's decoders.

std::string EncodeBase64(std::string_view bytes);
std::string EncodeBase32(std::string_view bytes);

// What was decoded, or where the first byte is that does not belong there, as Go counts. Line ends
// are skipped (and not counted in Base32).
using Decoded = std::variant<std::string, size_t>;
Decoded DecodeBase64(std::string_view text);
Decoded DecodeBase32(std::string_view text);

}  // namespace headgate::templating::helm
