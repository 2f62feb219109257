#include "templating/helm/chart/text.h"

#include <algorithm>

#include "templating/helm/unicode.h"

namespace headgate::templating::helm {
namespace {

// Where the last character of a text that is not empty begins.
size_t LastRune(std::string_view text) {
  size_t at = text.size() - 1;
  while (at > 0 && text.size() - at < 4 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) {
    --at;
  }
  return at;
}

}  // namespace

std::string_view TrimSpace(std::string_view text) {
  while (!text.empty()) {
    std::string_view rest = text;
    if (!IsSpace(TakeRune(&rest))) break;
    text = rest;
  }
  while (!text.empty()) {
    std::string_view last = text.substr(LastRune(text));
    const size_t bytes = last.size();
    if (!IsSpace(TakeRune(&last)) || !last.empty()) break;
    text.remove_suffix(bytes);
  }
  return text;
}

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + ('a' - 'A')) : a) == b;
  });
}

std::string WithoutCarriageReturns(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') result += text[i];
  }
  return result;
}

}  // namespace headgate::templating::helm
