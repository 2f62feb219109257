#include "templating/yaml/key_order.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "templating/yaml/letters.h"
#include "templating/yaml/utf8.h"

namespace headgate::templating::yaml {
namespace {

bool IsContinuation(char c) { return (c & 0xC0) == 0x80; }

// Where two texts begin to differ, at the first byte of a character.
size_t Difference(std::string_view a, std::string_view b) {
  const size_t shared = std::min(a.size(), b.size());
  size_t at = 0;
  while (at < shared && a[at] == b[at]) ++at;
  const auto inside = [at](std::string_view text) {
    return at < text.size() && IsContinuation(text[at]);
  };
  if (inside(a) || inside(b)) {
    while (at > 0 && IsContinuation(a[at - 1])) --at;
    if (at > 0) --at;
  }
  return at;
}

char32_t RuneAt(std::string_view text, size_t at) {
  text.remove_prefix(at);
  if ((text[0] & 0x80) == 0) return static_cast<unsigned char>(text[0]);
  return TakeRune(&text).value_or(0xFFFD);
}

// The number whose digits begin `text`; overflows as in the reference.
struct Run {
  uint64_t value = 0;
  size_t digits = 0;
};
Run RunOf(std::string_view text, uint64_t value) {
  Run run{value, 0};
  while (!text.empty()) {
    const char32_t rune = TakeRune(&text).value_or(0xFFFD);
    if (!IsDigit(rune)) break;
    run.value = run.value * 10 + (rune - U'0');
    ++run.digits;
  }
  return run;
}

// Whether the digits right before `at` hold one that is not 0.
bool FollowsNumber(std::string_view text, size_t at) {
  while (at > 0) {
    size_t start = at - 1;
    while (start > 0 && IsContinuation(text[start])) --start;
    const char32_t rune = RuneAt(text, start);
    if (!IsDigit(rune)) return false;
    if (rune != U'0') return true;
    at = start;
  }
  return false;
}

bool FollowsDigit(std::string_view text, size_t at) {
  if (at == 0) return false;
  size_t start = at - 1;
  while (start > 0 && IsContinuation(text[start])) --start;
  return IsDigit(RuneAt(text, start));
}

bool Less(std::string_view a, std::string_view b, bool letters_behind_digits) {
  const size_t at = Difference(a, b);
  if (at == a.size() || at == b.size()) return a.size() < b.size();
  const char32_t x = RuneAt(a, at), y = RuneAt(b, at);
  const bool x_letter = IsLetter(x), y_letter = IsLetter(y);
  if (x_letter && y_letter) return x < y;
  if (x_letter || y_letter) {
    return letters_behind_digits && FollowsDigit(a, at) ? x_letter : y_letter;
  }
  // A zero within a number is a digit like others, one that leads it counts for nothing.
  const bool within = (x == U'0' || y == U'0') && FollowsNumber(a, at);
  const Run x_run = RunOf(a.substr(at), within ? 1 : 0),
            y_run = RunOf(b.substr(at), within ? 1 : 0);
  if (x_run.value != y_run.value) {
    return static_cast<int64_t>(x_run.value) < static_cast<int64_t>(y_run.value);
  }
  return x_run.digits != y_run.digits ? x_run.digits < y_run.digits : x < y;
}

}  // namespace

bool KeyLess(std::string_view a, std::string_view b) { return Less(a, b, false); }
bool KeyLessIn3(std::string_view a, std::string_view b) { return Less(a, b, true); }

}  // namespace headgate::templating::yaml
