#include <algorithm>
#include <cstring>

#include "templating/yaml/scanner.h"

namespace headgate::templating::yaml {

struct Scanner::BlockHeader {
  bool literal = true;
  bool strip = false, keep = false;
  int indent = 0;  // as written; 0 where it is not
};

// "|", ">2-", "|+ # comment", up to the end of the line.
bool Scanner::ScanBlockHeader(BlockHeader* header) {
  const Spot start = spot();
  header->literal = *at_++ == '|';
  for (int i = 0; i < 2 && at_ != end_; ++i) {
    const char c = *at_;
    if ((c == '+' || c == '-') && !header->strip && !header->keep) {
      header->strip = c == '-';
      header->keep = c == '+';
    } else if (c >= '0' && c <= '9' && header->indent == 0) {
      if (c == '0') return Complain(start, "an indentation of 1 to 9 expected, 0 found");
      header->indent = c - '0';
    } else {
      break;
    }
    ++at_;
  }
  SkipBlanks();
  if (at_ != end_ && *at_ == '#') PassLine();
  if (at_ == end_) return true;
  const size_t length = BreakLength(at_);
  if (length == 0) {
    return Complain(start, "the end of the line expected behind the sign that begins a text block");
  }
  PassBreak(length);
  return true;
}

// Passes indentation and empty lines; finds out the indentation where it is 0.
bool Scanner::PassBlockBreaks(const Spot& start, int parent_indent, int* indent,
                              std::string* breaks) {
  int widest = 0;
  while (true) {
    while (at_ != end_ && *at_ == ' ' && (*indent == 0 || at_ - line_start_ < *indent)) ++at_;
    widest = std::max(widest, static_cast<int>(at_ - line_start_));
    if (at_ == end_) break;
    if (*at_ == '\t' && (*indent == 0 || at_ - line_start_ < *indent)) {
      return Complain(start, "spaces expected as indentation of a text block, a tab found");
    }
    if (BreakLength(at_) == 0) break;
    TakeBreak(breaks);
  }
  if (*indent == 0) *indent = std::max({widest, parent_indent + 1, 1});
  return true;
}

bool Scanner::ScanBlock(int parent_indent, Scalar* scalar) {
  const Spot start = spot();
  BlockHeader header;
  if (!ScanBlockHeader(&header)) return false;
  int indent = header.indent == 0 ? 0 : std::max(parent_indent, 0) + header.indent;
  std::string breaks, last_break;
  if (!PassBlockBreaks(start, parent_indent, &indent, &breaks)) return false;
  std::string& text = scratch_;
  text.clear();
  bool indented = false;  // the line before begins with a blank: it is not folded
  while (at_ != end_ && at_ - line_start_ == indent) {
    const bool blank = Is(*at_, kBlank);
    if (!header.literal && !indented && !blank && last_break == "\n") {
      if (breaks.empty()) text += ' ';
    } else {
      text += last_break;
    }
    text += breaks;
    last_break.clear();
    breaks.clear();
    indented = blank;
    const char* from = at_;
    PassLine();  // to the end of the line
    text.append(from, at_);
    if (at_ != end_) TakeBreak(&last_break);
    if (!PassBlockBreaks(start, parent_indent, &indent, &breaks)) return false;
  }
  if (!header.strip) text += last_break;
  if (header.keep) text += breaks;
  scalar->text = arena_->Copy(text);
  scalar->style = header.literal ? Style::kLiteral : Style::kFolded;
  scalar->past_break = true;
  return true;
}

}  // namespace headgate::templating::yaml
