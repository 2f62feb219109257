#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace headgate::templating::helm {

// Characters as Go's unicode and utf8 packages see them.

inline constexpr char32_t kRuneError = 0xfffd;  // what bytes that are no UTF-8 are read as

bool IsLetter(char32_t rune);
bool IsDigit(char32_t rune);   // decimal ones
bool IsNumber(char32_t rune);  // all
bool IsUpper(char32_t rune);
bool IsLower(char32_t rune);
bool IsPunct(char32_t rune);
bool IsSpace(char32_t rune);
bool IsPrint(char32_t rune);

char32_t ToUpper(char32_t rune);
char32_t ToLower(char32_t rune);
char32_t ToTitle(char32_t rune);

// Takes the first character off a text that is not empty: kRuneError, and one byte, where it is no
// UTF-8. An honest U+FFFD has three `bytes`.
char32_t TakeRune(std::string_view* text, size_t* bytes = nullptr);
void AppendRune(std::string* out, char32_t rune);  // what is no character becomes kRuneError
size_t CountRunes(std::string_view text);

}  // namespace headgate::templating::helm
