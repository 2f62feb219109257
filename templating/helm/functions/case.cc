// Upper and lower case, and the spellings of names: snake_case, CamelCase, kebab-case. As Go's
// strings, Masterminds/goutils 1.1.1 and huandu/xstrings 1.5.0 do.

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "templating/helm/functions/functions.h"
#include "templating/helm/functions/words.h"
#include "templating/helm/unicode.h"

namespace headgate::templating::helm {
namespace {

// Each character changed; what is no UTF-8 becomes U+FFFD. A text that stays the same is not
// copied.
template <class Change>
Value Mapped(Call& call, Change change) {
  const std::string_view text = call.Text(0);
  std::string made;
  bool differs = false;
  for (std::string_view rest = text; !rest.empty();) {
    const char32_t rune = TakeRune(&rest);
    AppendRune(&made, change(rune));
  }
  differs = made != text;
  return differs ? call.New(made) : call[0];
}

Value Upper(Call& call) { return Mapped(call, ToUpper); }
Value Lower(Call& call) { return Mapped(call, ToLower); }

bool PartsWords(char32_t rune) {
  if (rune < 0x80) {
    return !((rune >= '0' && rune <= '9') || (rune >= 'a' && rune <= 'z') ||
             (rune >= 'A' && rune <= 'Z') || rune == '_');
  }
  return !IsLetter(rune) && !IsDigit(rune) && IsSpace(rune);
}

Value Title(Call& call) {
  char32_t before = ' ';
  return Mapped(call, [&before](char32_t rune) {
    const bool starts = PartsWords(std::exchange(before, rune));
    return starts ? ToTitle(rune) : rune;
  });
}

Value Untitle(Call& call) {
  bool starts = true;
  return Mapped(call, [&starts](char32_t rune) {
    if (IsSpace(rune)) {
      starts = true;
      return rune;
    }
    return std::exchange(starts, false) ? ToLower(rune) : rune;
  });
}

// Unicode's category Lt.
bool IsTitle(char32_t rune) {
  switch (rune) {
    case 0x1c5:
    case 0x1c8:
    case 0x1cb:
    case 0x1f2:
    case 0x1fbc:
    case 0x1fcc:
    case 0x1ffc:
      return true;
    default:
      return rune >= 0x1f88 && rune <= 0x1faf && (rune & 8) != 0;
  }
}

Value SwapCase(Call& call) {
  bool after_space = true;
  return Mapped(call, [&after_space](char32_t rune) {
    if (IsUpper(rune) || IsTitle(rune)) {
      after_space = false;
      return ToLower(rune);
    }
    if (IsLower(rune)) return std::exchange(after_space, false) ? ToTitle(rune) : ToUpper(rune);
    after_space = IsSpace(rune);
    return rune;
  });
}

// Of bytes, as if they were Latin-1.
Value Initials(Call& call) {
  std::string made;
  bool starts = true;
  for (const char c : call.Text(0)) {
    const char32_t rune = static_cast<unsigned char>(c);
    if (IsSpace(rune)) {
      starts = true;
    } else if (std::exchange(starts, false)) {
      AppendRune(&made, rune);
    }
  }
  return call.New(made);
}

Value CamelCase(Call& call) { return call.New(PascalCase(call.Text(0))); }
Value SnakeCase(Call& call) { return call.New(JoinedWords(call.Text(0), '_')); }
Value KebabCase(Call& call) { return call.New(JoinedWords(call.Text(0), '-')); }

constexpr Function kFunctions[] = {
    {"upper", {Type::kString}, Upper},         {"lower", {Type::kString}, Lower},
    {"title", {Type::kString}, Title},         {"untitle", {Type::kString}, Untitle},
    {"swapcase", {Type::kString}, SwapCase},   {"initials", {Type::kString}, Initials},
    {"camelcase", {Type::kString}, CamelCase}, {"snakecase", {Type::kString}, SnakeCase},
    {"kebabcase", {Type::kString}, KebabCase},
};

}  // namespace

void AddCases(FunctionTable* table) { table->Add(kFunctions); }

}  // namespace headgate::templating::helm
