#include "templating/yaml/scanner.h"

namespace headgate::templating::yaml {

// The end of the scalar on this line, blanks before it included.
const char* Scanner::EndOfPlain(const char* from, bool flow) const {
  const int stop = flow ? kFlowStop : kPlainStop;
  for (const char* at = from;; ++at) {
    while (!Is(*at, stop)) ++at;
    switch (*at) {
      case ':':
        if (IsSpace(at + 1)) return at;
        break;
      case '#':
        if (at > from && Is(at[-1], kBlank)) return at;
        break;
      case '\xC2':
      case '\xE2':
        if (BreakLength(at) != 0) return at;
        break;
      default:
        return at;
    }
  }
}

// At a line feed: whether the next line is no further line of a scalar, because it begins at the
// column of the block or before. Passes to where it begins then. Most scalars end so.
bool Scanner::EndsBelow(int indent) {
  const char* at = at_ + 1;
  while (at != end_ && *at == ' ') ++at;
  if (at != end_ && (at - at_ - 1 > indent || Is(*at, kBlank | kBreak | kMaybeBreak))) return false;
  PassBreak(1);
  at_ = at;
  return true;
}

bool Scanner::ScanPlain(int indent, bool flow, Scalar* scalar) {
  const char* start = at_;
  at_ = EndOfPlain(at_, flow);
  const char* end = at_;
  while (Is(end[-1], kBlank)) --end;
  const std::string_view text(start, static_cast<size_t>(end - start));
  scalar->style = Style::kPlain;
  scalar->text = text;
  scalar->past_break = false;
  if (at_ == end_ || BreakLength(at_) == 0) return true;
  if (*at_ == '\n' && !flow && EndsBelow(indent)) {
    scalar->past_break = true;
    return true;
  }
  return ContinuePlain(indent + 1, flow, text, scalar);
}

// From a line break to the next line that is not empty. Tabs must not stand in for indentation.
bool Scanner::PassPlainBreaks(int indent, std::string* breaks) {
  while (at_ != end_) {
    if (*at_ == ' ' || *at_ == '\t') {
      if (*at_ == '\t' && at_ - line_start_ < indent) {
        return Complain(spot(), "spaces expected as indentation, a tab found");
      }
      ++at_;
    } else if (BreakLength(at_) != 0) {
      TakeBreak(breaks);
    } else {
      break;
    }
  }
  return true;
}

// The following lines, as far as they belong to the scalar whose first line is `first`.
bool Scanner::ContinuePlain(int indent, bool flow, std::string_view first, Scalar* scalar) {
  std::string breaks;
  scratch_.clear();
  bool joined = false;
  while (true) {
    breaks.clear();
    if (!PassPlainBreaks(indent, &breaks)) return false;
    scalar->past_break = true;
    if (at_ == end_ || (!flow && at_ - line_start_ < indent) || AtDocumentMarker() || *at_ == '#') {
      break;
    }
    const char* start = at_;
    at_ = EndOfPlain(at_, flow);
    if (at_ == start) break;
    if (!joined) scratch_.assign(first);
    joined = true;
    scalar->past_break = false;
    // One line break is a blank; of several, the first goes.
    if (breaks == "\n") {
      scratch_ += ' ';
    } else {
      scratch_.append(breaks, breaks[0] == '\n' ? 1 : 0);
    }
    const char* end = at_;
    while (Is(end[-1], kBlank)) --end;
    scratch_.append(start, end);
    if (at_ == end_ || BreakLength(at_) == 0) break;
  }
  if (joined) scalar->text = arena_->Copy(scratch_);
  return true;
}

}  // namespace headgate::templating::yaml
