#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace headgate::templating {

// Takes one code point off the front of a text that is not empty, by RFC 3629: no overlong forms,
// no surrogates. Nothing, and one byte taken off, where the front is no UTF-8.
std::optional<char32_t> TakeRune(std::string_view* text);

bool IsUtf8(std::string_view text);

void AppendRune(char32_t rune, std::string* out);

}  // namespace headgate::templating
