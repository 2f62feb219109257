#include "templating/yaml/text_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "templating/yaml/characters.h"
#include "templating/yaml/utf8.h"

namespace headgate::templating::yaml {
namespace {

constexpr size_t kLineWidth = 80;

bool IsContinuation(char c) { return (c & 0xC0) == 0x80; }

// Of the line break at `at`; the text may end anywhere.
size_t BreakAt(std::string_view text, size_t at) {
  const std::string_view rest = text.substr(at);
  if (rest.starts_with('\n') || rest.starts_with('\r')) return 1;
  if (rest.starts_with("\xC2\x85")) return 2;
  return rest.starts_with("\xE2\x80\xA8") || rest.starts_with("\xE2\x80\xA9") ? 3 : 0;
}

bool IsSpaceAt(std::string_view text, size_t at) { return at < text.size() && text[at] == ' '; }

// Whether a character stands in double quotes without an escape.
bool StandsQuoted(char32_t c) {
  return (c >= 0x20 && c <= 0x7E && c != '"' && c != '\\') ||
         (c >= 0xA0 && c <= 0xD7FF && c != 0x2028 && c != 0x2029) ||
         (c >= 0xE000 && c <= 0xFFFD && c != 0xFEFF);
}

}  // namespace

void TextWriter::NewLine(int indent) {
  if (!fresh_) {
    out_->push_back('\n');
    line_start_ = out_->size();
  }
  out_->append(static_cast<size_t>(std::max(indent, 0)), ' ');
  fresh_ = false;
}

void TextWriter::LineBreak() {
  out_->push_back('\n');
  line_start_ = out_->size();
  fresh_ = true;
}

size_t TextWriter::column() const {
  return static_cast<size_t>(std::count_if(out_->begin() + static_cast<ptrdiff_t>(line_start_),
                                           out_->end(), [](char c) { return !IsContinuation(c); }));
}

// Whether the line ends before the column behind which it would be folded; bytes are no fewer than
// characters.
bool TextWriter::Fits(std::string_view text) const {
  return out_->size() - line_start_ + text.size() <= kLineWidth;
}

void TextWriter::PutBreak(std::string_view text, size_t* at) {
  const size_t length = BreakAt(text, *at);
  out_->append(text.substr(*at, length));
  *at += length;
  line_start_ = out_->size();
  fresh_ = true;
}

void TextWriter::Plain(std::string_view text, int indent, bool fold) {
  if (!fold || Fits(text) || text.find(' ') == std::string_view::npos) return Put(text);
  size_t column = this->column();
  bool spaces = false;
  for (size_t at = 0; at < text.size(); ++at) {
    const bool space = text[at] == ' ';
    if (space && !spaces && column > kLineWidth && !IsSpaceAt(text, at + 1)) {
      NewLine(indent);
      column = static_cast<size_t>(std::max(indent, 0));
    } else {
      out_->push_back(text[at]);
      column += IsContinuation(text[at]) ? 0 : 1;
    }
    spaces = space;
  }
  fresh_ = false;
}

void TextWriter::SingleQuoted(std::string_view text, int indent, bool fold) {
  Put("'");
  bool spaces = false, breaks = false;
  size_t column = this->column();
  for (size_t at = 0; at < text.size();) {
    const bool space = text[at] == ' ';
    if (space) {
      if (fold && !spaces && column > kLineWidth && at > 0 && at + 1 < text.size() &&
          !IsSpaceAt(text, at + 1)) {
        NewLine(indent);
        column = static_cast<size_t>(std::max(indent, 0));
        ++at;
      } else {
        out_->push_back(text[at++]);
        ++column;
        fresh_ = false;
      }
      spaces = true;
    } else if (BreakAt(text, at) != 0) {
      if (!breaks && text[at] == '\n') LineBreak();
      PutBreak(text, &at);
      column = 0;
      breaks = true;
    } else {
      if (breaks) {
        NewLine(indent);
        column = static_cast<size_t>(std::max(indent, 0));
      }
      if (text[at] == '\'') {
        out_->push_back('\'');
        ++column;
      }
      column += IsContinuation(text[at]) ? 0 : 1;
      out_->push_back(text[at++]);
      fresh_ = spaces = breaks = false;
    }
  }
  Put("'");
}

void TextWriter::DoubleQuoted(std::string_view text, int indent, bool fold) {
  Put("\"");
  // The reference escapes every character of a text that begins with a byte order mark.
  const bool escape_all = text.starts_with("\xEF\xBB\xBF");
  bool spaces = false;
  size_t counted = out_->size(), column = this->column();
  for (std::string_view rest = text; !rest.empty();) {
    const size_t at = text.size() - rest.size();
    const char32_t rune = TakeRune(&rest).value_or(0xFFFD);
    if (escape_all || !StandsQuoted(rune)) {
      PutEscape(rune);
      column += out_->size() - counted;
      spaces = false;
    } else if (rune == ' ') {
      if (fold && !spaces && column > kLineWidth && at > 0 && !rest.empty()) {
        NewLine(indent);
        if (IsSpaceAt(text, at + 1)) out_->push_back('\\');
        column = out_->size() - line_start_;
      } else {
        out_->push_back(' ');
        ++column;
      }
      spaces = true;
    } else {
      AppendRune(rune, out_);
      ++column;
      spaces = false;
    }
    counted = out_->size();
  }
  Put("\"");
}

void TextWriter::PutEscape(char32_t rune) {
  static constexpr std::pair<char32_t, char> kShort[] = {
      {0x00, '0'},  {0x07, 'a'}, {0x08, 'b'}, {0x09, 't'},   {0x0A, 'n'},
      {0x0B, 'v'},  {0x0C, 'f'}, {0x0D, 'r'}, {0x1B, 'e'},   {'"', '"'},
      {'\\', '\\'}, {0x85, 'N'}, {0xA0, '_'}, {0x2028, 'L'}, {0x2029, 'P'}};
  for (const auto& [known, letter] : kShort) {
    if (known == rune) return Put({std::string{'\\', letter}});
  }
  const uint32_t number = rune;
  Put(number <= 0xFF     ? fmt::format("\\x{:02X}", number)
      : number <= 0xFFFF ? fmt::format("\\u{:04X}", number)
                         : fmt::format("\\U{:08X}", number));
}

void TextWriter::BlockHeader(char sign, std::string_view text) {
  out_->push_back(sign);
  if (text[0] == ' ' || BreakAt(text, 0) != 0) out_->push_back('2');
  size_t last = text.size() - 1;
  while (IsContinuation(text[last])) --last;
  if (BreakAt(text, last) == 0) {
    out_->push_back('-');
  } else if (last == 0) {
    out_->push_back('+');
  } else {
    --last;
    while (IsContinuation(text[last])) --last;
    if (BreakAt(text, last) != 0) out_->push_back('+');
  }
  fresh_ = false;
}

void TextWriter::Literal(std::string_view text, int indent) {
  bool breaks = true;
  for (size_t at = 0; at < text.size();) {
    if (BreakAt(text, at) != 0) {
      PutBreak(text, &at);
      breaks = true;
      continue;
    }
    if (breaks) NewLine(indent);
    breaks = false;
    // To the end of the line; other breaks are looked at one by one.
    const size_t start = at++;
    while (at < text.size() && !Is(text[at], kBreak | kMaybeBreak)) ++at;
    out_->append(text.substr(start, at - start));
    fresh_ = false;
  }
}

// As go-yaml 3 does it, which folds no long lines.
void TextWriter::Folded(std::string_view text, int indent) {
  bool breaks = true, indented = true;
  for (size_t at = 0; at < text.size();) {
    if (BreakAt(text, at) != 0) {
      if (!breaks && !indented && text[at] == '\n') {
        // It looks at the beginning of the text here, not at what follows.
        size_t first = 0;
        while (const size_t length = BreakAt(text, first)) first += length;
        if (first < text.size() && text[first] != ' ' && text[first] != '\t') LineBreak();
      }
      PutBreak(text, &at);
      breaks = true;
      continue;
    }
    if (breaks) {
      NewLine(indent);
      indented = text[at] == ' ' || text[at] == '\t';
    }
    out_->push_back(text[at++]);
    fresh_ = breaks = false;
  }
}

}  // namespace headgate::templating::yaml
