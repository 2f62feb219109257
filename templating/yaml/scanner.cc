#include "templating/yaml/scanner.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace headgate::templating::yaml {
namespace {

// How far the reference looks for the next comment of a block.
constexpr ptrdiff_t kCommentGapMax = 512;

}  // namespace

Scanner::Scanner(const Source& source, Arena* arena)
    : at_(source.text.data()),
      end_(at_ + source.text.size()),
      line_start_(at_),
      line_(source.first_line),
      ascii_(source.ascii),
      lf_only_(source.lf_only),
      arena_(arena),
      counted_at_(at_) {}

bool Scanner::Complain(const Spot& spot, std::string text) {
  return ComplainAt(spot.line, ColumnOf(spot), std::move(text));
}

bool Scanner::ComplainAt(uint32_t line, uint32_t column, std::string text) {
  if (!complaint_) complaint_ = {line, column, std::move(text)};
  return false;
}

uint32_t Scanner::CountedColumnOf(const Spot& spot) {
  if (counted_at_ < spot.line_start || counted_at_ > spot.at) {
    counted_at_ = spot.line_start;
    counted_ = 0;
  }
  counted_ += static_cast<uint32_t>(
      std::count_if(counted_at_, spot.at, [](char c) { return (c & 0xC0) != 0x80; }));
  counted_at_ = spot.at;
  return counted_ + 1;
}

void Scanner::TakeBreak(std::string* text) {
  const size_t length = BreakLength(at_);
  if (length == 3) {
    text->append(at_, length);  // LS and PS stay what they are
  } else {
    text->push_back('\n');
  }
  PassBreak(length);
}

void Scanner::PassLine() {
  if (lf_only_) {
    const void* found = std::memchr(at_, '\n', static_cast<size_t>(end_ - at_));
    at_ = found ? static_cast<const char*>(found) : end_;
    return;
  }
  while (at_ != end_ && BreakLength(at_) == 0) ++at_;
}

// A comment in a line of its own may be followed by others that are indented with tabs.
void Scanner::PassCommentsBelow() {
  PassLine();
  const Spot kept = spot();
  while (at_ != end_ && at_ - kept.at < kCommentGapMax) {
    if (Is(*at_, kBlank)) {
      ++at_;
    } else if (const size_t length = BreakLength(at_)) {
      PassBreak(length);
    } else {
      break;
    }
  }
  if (at_ != end_ && *at_ == '#') return;
  at_ = kept.at;
  line_start_ = kept.line_start;
  line_ = kept.line;
}

bool Scanner::PassToToken(bool tabs, bool tabs_below) {
  bool passed = at_ == line_start_;
  while (at_ != end_) {
    const char c = *at_;
    if (c == ' ' || (c == '\t' && tabs)) {
      ++at_;
    } else if (c == '\n') {
      PassBreak(1);
      passed = true;
      tabs = tabs_below;
    } else if (c == '#') {
      if (passed) {
        PassCommentsBelow();
      } else {
        PassLine();
      }
    } else if (const size_t length = BreakLength(at_)) {
      PassBreak(length);
      passed = true;
      tabs = tabs_below;
    } else {
      break;
    }
  }
  return passed;
}

void Scanner::SkipBlanks() {
  while (at_ != end_ && Is(*at_, kBlank)) ++at_;
}

bool Scanner::IsMarkerHere(std::string_view marker) const {
  return end_ - at_ >= 3 && std::memcmp(at_, marker.data(), 3) == 0 &&
         (at_ + 3 == end_ || IsSpace(at_ + 3));
}

}  // namespace headgate::templating::yaml
