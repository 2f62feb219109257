#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headgate::templating::helm {

// The parts of a URL, each of which has characters of its own that need no escape.
enum class UrlPart : uint8_t { kPath, kHost, kZone, kUser, kFragment };

std::string EscapeUrl(std::string_view text, UrlPart part);
// Nothing where an escape is none, or a character is not allowed there.
std::optional<std::string> UnescapeUrl(std::string_view text, UrlPart part, std::string* error);

}  // namespace headgate::templating::helm
