#include <fmt/format.h>

#include "templating/yaml/scalar.h"
#include "templating/yaml/utf8.h"
#include "templating/yaml/yaml.h"

namespace headgate::templating {
namespace {

constexpr size_t kLineWidth = 80;        // a blank after this column becomes a line break
constexpr size_t kSimpleKeyBytes = 128;  // longer keys are written as "? key"
constexpr char32_t kReplacement = 0xFFFD;

// What is no UTF-8 counts as U+FFFD, byte by byte.
std::u32string RunesOf(std::string_view text) {
  std::u32string runes;
  runes.reserve(text.size());
  while (!text.empty()) runes += TakeRune(&text).value_or(kReplacement);
  return runes;
}

bool IsBreak(char32_t c) {
  return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
}
bool IsBlank(char32_t c) { return c == ' ' || c == '\t'; }
// As the reference has it: tabs and everything above U+FFFD are escaped.
bool IsPrintable(char32_t c) {
  return c == '\n' || (c >= 0x20 && c <= 0x7E) || (c >= 0xA0 && c <= 0xD7FF) ||
         (c >= 0xE000 && c <= 0xFFFD && c != 0xFEFF);
}

// Which styles can carry a text.
struct Styles {
  bool multiline = false;
  bool plain = true;
  bool single_quoted = true;
  bool literal = true;
};

bool StartsLikeSyntax(const std::u32string& text) {
  if (text.starts_with(U"---") || text.starts_with(U"...")) return true;
  const bool alone = text.size() == 1 || IsBlank(text[1]) || IsBreak(text[1]);
  if (text[0] == '-' || text[0] == '?' || text[0] == ':') return alone;
  return std::u32string_view(U"#,[]{}&*!|>'\"%@`").find(text[0]) != std::u32string_view::npos;
}

Styles StylesFor(const std::u32string& text) {
  Styles styles;
  if (text.empty()) {
    styles.literal = false;
    return styles;
  }
  bool indicators = StartsLikeSyntax(text), special = false;
  bool space_break = false, break_space = false;
  for (size_t at = 0; at < text.size(); ++at) {
    const char32_t c = text[at];
    const char32_t before = at == 0 ? U'\n' : text[at - 1];
    const bool last = at + 1 == text.size();
    if (at > 0 && c == ':' && (last || IsBlank(text[at + 1]) || IsBreak(text[at + 1]))) {
      indicators = true;
    }
    if (at > 0 && c == '#' && (IsBlank(before) || IsBreak(before))) indicators = true;
    if (!IsPrintable(c)) special = true;
    if (IsBreak(c)) styles.multiline = true;
    if (at > 0 && c == ' ' && IsBreak(before)) break_space = true;
    if (at > 0 && IsBreak(c) && before == ' ') space_break = true;
  }
  const bool padded =
      text.front() == ' ' || text.back() == ' ' || IsBreak(text.front()) || IsBreak(text.back());
  styles.plain =
      !indicators && !padded && !break_space && !space_break && !special && !styles.multiline;
  styles.single_quoted = !break_space && !space_break && !special;
  styles.literal = text.back() != ' ' && !space_break && !special;
  return styles;
}

class Printer {
 public:
  std::string Take() { return std::move(out_); }

  void Document(const core::Value& value) {
    Node(value, -2, false);
    Put('\n');
  }

 private:
  void Put(char32_t c) {
    if (c == '\n') {
      out_ += '\n';
      column_ = 0;
      return;
    }
    ++column_;
    if (c < 0x80) {
      out_ += static_cast<char>(c);
    } else if (c < 0x800) {
      out_ += {static_cast<char>(0xC0 | (c >> 6)), static_cast<char>(0x80 | (c & 0x3F))};
    } else if (c < 0x10000) {
      out_ += {static_cast<char>(0xE0 | (c >> 12)), static_cast<char>(0x80 | ((c >> 6) & 0x3F)),
               static_cast<char>(0x80 | (c & 0x3F))};
    } else {
      out_ += {static_cast<char>(0xF0 | (c >> 18)), static_cast<char>(0x80 | ((c >> 12) & 0x3F)),
               static_cast<char>(0x80 | ((c >> 6) & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))};
    }
  }
  void Put(std::string_view ascii) {
    for (char c : ascii) Put(static_cast<char32_t>(c));
  }
  void NewLine(int indent) {
    Put('\n');
    for (int i = 0; i < indent; ++i) Put(' ');
  }

  // A value inside a block at column `indent`; its own lines stand two further right. `compact`:
  // "- " or ": " was just written, so that a block may begin on this line.
  void Node(const core::Value& value, int indent, bool compact) {
    if (const core::Map* map = value.AsMap(); map && !map->empty()) {
      return Mapping(*map, indent + 2, compact || indent < 0);
    }
    if (const core::List* list = value.AsList(); list && !list->empty()) {
      return Sequence(*list, compact || indent < 0 ? indent + 2 : indent, compact || indent < 0);
    }
    if (indent >= 0 && !compact) Put(' ');
    Scalar(value, indent + 2);
  }

  void Mapping(const core::Map& map, int indent, bool compact) {
    for (const core::Map::Entry& entry : map) {
      if (!compact) NewLine(indent);
      compact = false;
      const std::u32string key = RunesOf(entry.first);
      if (StylesFor(key).multiline || entry.first.size() > kSimpleKeyBytes) {
        Put("? ");
        String(entry.first, key, indent + 2, false);
        NewLine(indent);
        Put(": ");
        Node(entry.second, indent, true);
        continue;
      }
      String(entry.first, key, indent + 2, true);
      Put(':');
      Node(entry.second, indent, false);
    }
  }

  void Sequence(const core::List& list, int indent, bool compact) {
    for (const core::Value& item : list) {
      if (!compact) NewLine(indent);
      compact = false;
      Put("- ");
      Node(item, indent, true);
    }
  }

  void Scalar(const core::Value& value, int indent) {
    if (const bool* b = value.AsBool()) return Put(*b ? "true" : "false");
    if (const int64_t* n = value.AsInt()) return Put(fmt::format("{}", *n));
    if (const double* d = value.AsFloat()) return Put(ShowFloat(*d));
    if (const std::string* s = value.AsString()) return String(*s, RunesOf(*s), indent, false);
    Put(value.is_map() ? "{}" : value.is_list() ? "[]" : "null");
  }

  void String(std::string_view text, const std::u32string& runes, int indent, bool key) {
    const Styles styles = StylesFor(runes);
    if (text.find('\n') != std::string_view::npos) {
      if (styles.literal && !key) return Literal(runes, indent);
      return DoubleQuoted(runes, indent, key);
    }
    if (NeedsQuotes(text) || (key && text == "<<")) return DoubleQuoted(runes, indent, key);
    if (styles.plain) return Plain(runes, indent, key);
    if (styles.single_quoted) return SingleQuoted(runes, indent, key);
    DoubleQuoted(runes, indent, key);
  }

  // Whether the blank at `at` is written as a line break.
  bool Folds(const std::u32string& text, size_t at, bool key, bool after_space) const {
    return !key && !after_space && column_ > kLineWidth && at > 0 && at + 1 < text.size();
  }

  void Plain(const std::u32string& text, int indent, bool key) {
    for (size_t at = 0; at < text.size(); ++at) {
      const bool after_space = at > 0 && text[at - 1] == ' ';
      if (text[at] == ' ' && Folds(text, at, key, after_space) && text[at + 1] != ' ') {
        NewLine(indent);
      } else {
        Put(text[at]);
      }
    }
  }

  void SingleQuoted(const std::u32string& text, int indent, bool key) {
    Put('\'');
    for (size_t at = 0; at < text.size(); ++at) {
      const bool after_space = at > 0 && text[at - 1] == ' ';
      if (text[at] == ' ' && Folds(text, at, key, after_space) && text[at + 1] != ' ') {
        NewLine(indent);
        continue;
      }
      if (text[at] == '\'') Put('\'');
      Put(text[at]);
    }
    Put('\'');
  }

  void DoubleQuoted(const std::u32string& text, int indent, bool key) {
    Put('"');
    // The reference escapes every character of a text that begins with a byte order mark.
    const bool escape_all = text.starts_with(0xFEFF);
    bool after_space = false;
    for (size_t at = 0; at < text.size(); ++at) {
      const char32_t c = text[at];
      if (c == ' ' && Folds(text, at, key, after_space)) {
        NewLine(indent);
        if (text[at + 1] == ' ') Put('\\');
      } else if (escape_all || !IsPrintable(c) || IsBreak(c) || c == '"' || c == '\\') {
        Escape(c);
      } else {
        Put(c);
      }
      after_space = c == ' ';
    }
    Put('"');
  }

  void Escape(char32_t c) {
    static constexpr std::pair<char32_t, char> kShort[] = {
        {0x00, '0'},  {0x07, 'a'}, {0x08, 'b'}, {0x09, 't'},   {0x0A, 'n'},
        {0x0B, 'v'},  {0x0C, 'f'}, {0x0D, 'r'}, {0x1B, 'e'},   {'"', '"'},
        {'\\', '\\'}, {0x85, 'N'}, {0xA0, '_'}, {0x2028, 'L'}, {0x2029, 'P'}};
    for (const auto& [rune, letter] : kShort) {
      if (rune != c) continue;
      Put('\\');
      return Put(static_cast<char32_t>(letter));
    }
    const uint32_t number = c;
    if (c <= 0xFF) return Put(fmt::format("\\x{:02X}", number));
    Put(c <= 0xFFFF ? fmt::format("\\u{:04X}", number) : fmt::format("\\U{:08X}", number));
  }

  void Literal(const std::u32string& text, int indent) {
    Put('|');
    if (text[0] == ' ' || IsBreak(text[0])) Put('2');
    const size_t size = text.size();
    if (!IsBreak(text[size - 1])) {
      Put('-');
    } else if (size == 1 || IsBreak(text[size - 2])) {
      Put('+');
    }
    // The line break that ends a block is the one that comes before what follows.
    std::u32string_view rest = text;
    if (IsBreak(rest.back())) rest.remove_suffix(1);
    bool at_start = true;
    Put('\n');
    for (char32_t c : rest) {
      if (at_start && !IsBreak(c)) {
        for (int i = 0; i < indent; ++i) Put(' ');
      }
      at_start = IsBreak(c);
      Put(c);
    }
  }

  std::string out_;
  size_t column_ = 0;
};

}  // namespace

std::string PrintYaml(const core::Value& value) {
  Printer printer;
  printer.Document(value);
  return printer.Take();
}

std::string PrintYaml(const core::Objects& objects) {
  std::string out;
  for (const core::Object& object : objects) {
    if (!out.empty()) out += "---\n";
    out += PrintYaml(object.body);
  }
  return out;
}

}  // namespace headgate::templating
