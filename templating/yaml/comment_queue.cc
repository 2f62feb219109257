#include "templating/yaml/comment_queue.h"

#include <algorithm>
#include <utility>

namespace headgate::templating::yaml {
namespace {

constexpr int64_t kLookAheadMax = 512;       // bytes between a token and its comment
constexpr int64_t kKeyCharactersMax = 1024;  // of a key without "?"

void AppendLine(const std::string& more, std::string* text) {
  if (more.empty()) return;
  if (!text->empty()) *text += '\n';
  *text += more;
}

}  // namespace

CommentQueue::CommentQueue(const Source& source, const std::vector<Taken>& taken)
    : text_(source.text), taken_(taken), first_line_(source.first_line) {
  tokens_.push_back({TokenKind::kStreamStart, {}});
}

char CommentQueue::At(int64_t index) const {
  return index < static_cast<int64_t>(text_.size()) ? text_[static_cast<size_t>(index)] : '\0';
}

int64_t CommentQueue::BreakAt(int64_t index) const {
  if (index >= static_cast<int64_t>(text_.size())) return 0;
  return static_cast<int64_t>(BreakLength(text_.data() + index));
}

CommentQueue::Mark CommentQueue::MarkOf(const Spot& spot) const {
  return {spot.at - text_.data(), static_cast<int64_t>(spot.line) - first_line_, spot.indent()};
}

// Behind a token; how many line breaks it ended with decides what the next comment belongs to.
void CommentQueue::MoveTo(const Spot& spot) {
  at_ = MarkOf(spot);
  newlines_ = 0;
  std::string_view before = text_.substr(0, static_cast<size_t>(at_.index));
  while (!before.empty()) {
    size_t length = 1;
    if (before.ends_with("\r\n") || before.ends_with("\xC2\x85")) {
      length = 2;
    } else if (before.ends_with("\xE2\x80\xA8") || before.ends_with("\xE2\x80\xA9")) {
      length = 3;
    }
    const bool line_break = length > 1 || before.back() == '\n' || before.back() == '\r';
    if (!line_break && before.back() != ' ' && before.back() != '\t') break;
    newlines_ += line_break ? 1 : 0;
    before.remove_suffix(length);
  }
}

void CommentQueue::PassBreak() {
  at_.index += BreakAt(at_.index);
  ++at_.line;
  at_.column = 0;
  ++newlines_;
}

void CommentQueue::PassByte() {
  if (!IsBlankAt(at_.index)) newlines_ = 0;
  ++at_.index;
  ++at_.column;
}

TokenKind CommentQueue::Peek() {
  if (!available_) FetchMore();
  Unfold(tokens_[head_]);
  return tokens_[head_].kind;
}

void CommentQueue::Skip() {
  available_ = false;
  ++head_;
}

void CommentQueue::FetchMore() {
  while (head_ + 2 >= tokens_.size() || HeadMayBeKey()) FetchNext();
  available_ = true;
}

bool CommentQueue::HeadMayBeKey() {
  const auto found =
      std::lower_bound(keys_.begin(), keys_.end(), head_,
                       [](const Key& key, size_t token) { return key.token < token; });
  if (found == keys_.end() || found->token != head_ || !found->possible) return false;
  const bool valid =
      found->mark.line == at_.line && at_.index - found->mark.index <= kKeyCharactersMax;
  if (!valid) found->possible = false;
  return valid;
}

void CommentQueue::Insert(size_t position, TokenKind kind, Mark start) {
  tokens_.insert(tokens_.begin() + static_cast<ptrdiff_t>(position), {kind, start});
}

void CommentQueue::BeginBlock(size_t position, TokenKind kind, Mark start) {
  if (flow_level_ > 0 || indent_ >= start.column) return;
  indents_.push_back(indent_);
  indent_ = start.column;
  Insert(position, kind, start);
}

// Ends the blocks that are indented further; before comments at the column of what ends, which are
// its foot.
void CommentQueue::Unroll(int64_t column, Mark scan) {
  if (flow_level_ > 0) return;
  Mark block = scan;
  --block.index;
  while (indent_ > column) {
    int64_t stop = block.index;
    for (size_t i = comments_.size(); i-- > 0;) {
      if (comments_[i].end.index < stop) break;
      if (comments_[i].start.column == indent_ + 1) block = comments_[i].start;
      stop = comments_[i].scan.index;
    }
    tokens_.push_back({TokenKind::kBlockEnd, block});
    indent_ = indents_.back();
    indents_.pop_back();
  }
}

void CommentQueue::FetchNext() {
  const Mark scan = at_;
  if (next_ == taken_.size()) {
    PassBlanks({});
    Unroll(at_.column, scan);
    if (at_.column != 0) {
      at_.column = 0;
      ++at_.line;
    }
    Unroll(-1, at_);
    keys_.back().possible = false;
    tokens_.push_back({TokenKind::kStreamEnd, at_});
    return;
  }
  const Taken& taken = taken_[next_++];
  PassBlanks(taken);
  Unroll(at_.column, scan);
  Mark comment = at_;
  const bool follows = taken.kind == (flow_level_ > 0 ? TokenKind::kSeparator : TokenKind::kValue);
  if (follows) comment = tokens_.back().start;
  const Mark start = MarkOf(taken.start);
  Add(taken, start);
  if (taken.kind == TokenKind::kScalar && (*taken.start.at == '|' || *taken.start.at == '>') &&
      flow_level_ == 0) {
    // A comment behind the sign that begins the block.
    at_ = start;
    newlines_ = 0;
    while (!IsBlankAt(at_.index) && !IsBreakOrEnd(at_.index) && At(at_.index) != '#') PassByte();
    while (IsBlankAt(at_.index)) PassByte();
    if (At(at_.index) == '#') TakeLineComment(start);
  }
  MoveTo(taken.stop);
  const bool marker = taken.kind == TokenKind::kDirective ||
                      taken.kind == TokenKind::kDocumentStart ||
                      taken.kind == TokenKind::kDocumentEnd;
  if (!marker && tokens_.back().kind != TokenKind::kItem) TakeLineComment(comment);
}

void CommentQueue::Add(const Taken& taken, Mark start) {
  const size_t position = tokens_.size();
  Key& key = keys_.back();
  switch (taken.kind) {
    case TokenKind::kDirective:
    case TokenKind::kDocumentStart:
    case TokenKind::kDocumentEnd:
      Unroll(-1, at_);
      key.possible = false;
      break;
    case TokenKind::kItem:
      BeginBlock(position, TokenKind::kBlockSequence, start);
      key.possible = false;
      break;
    case TokenKind::kKey:
      BeginBlock(position, TokenKind::kBlockMapping, start);
      key.possible = false;
      break;
    case TokenKind::kValue:
      if (taken.had_key) {
        Insert(key.token, TokenKind::kKey, key.mark);
        BeginBlock(key.token, TokenKind::kBlockMapping, key.mark);
        key.possible = false;
      } else {
        BeginBlock(position, TokenKind::kBlockMapping, start);
      }
      break;
    case TokenKind::kSeparator:
      key.possible = false;
      break;
    case TokenKind::kFlowSequenceEnd:
    case TokenKind::kFlowMappingEnd:
      if (keys_.size() > 1) keys_.pop_back();
      --flow_level_;
      break;
    default:
      if (taken.may_be_key) key = {true, position, start};
      break;
  }
  tokens_.push_back({taken.kind, start});
  if (taken.kind == TokenKind::kFlowSequence || taken.kind == TokenKind::kFlowMapping) {
    keys_.push_back({false, position, start});
    ++flow_level_;
  }
}

// A comment behind "key:" is the head of what begins below with "-".
void CommentQueue::MakeHead() {
  if (comments_.empty() || tokens_.size() < 2) return;
  Comment& comment = comments_.back();
  if (comment.line.empty() || tokens_.back().kind != TokenKind::kItem ||
      tokens_[tokens_.size() - 2].kind != TokenKind::kBlockSequence || BreakAt(at_.index) != 0) {
    return;
  }
  comment.head = std::exchange(comment.line, {});
  if (comment.start.line == at_.line - 1) comment.token = at_;
}

// Up to the next token, or the end of the source.
void CommentQueue::PassBlanks(const Taken& next) {
  const Mark scan = at_;
  const int64_t end =
      next.start.at ? next.start.at - text_.data() : static_cast<int64_t>(text_.size());
  while (true) {
    while (at_.index < end && IsBlankAt(at_.index)) PassByte();
    MakeHead();
    if (At(at_.index) == '#' && at_.index < end) PassComments(scan);
    if (BreakAt(at_.index) == 0) break;
    PassBreak();
  }
}

// To the end of the line; `seen`: where the comment begins, blanks and breaks may stand before it.
void CommentQueue::TakeLine(int64_t seen, Mark* start, std::string* text) {
  while (true) {
    if (IsBreakOrEnd(at_.index)) {
      if (at_.index >= seen) return;
      PassBreak();
      continue;
    }
    if (at_.index >= seen) {
      if (start && text->empty()) *start = at_;
      *text += At(at_.index);
    }
    PassByte();
  }
}

void CommentQueue::TakeLineComment(Mark token) {
  if (newlines_ > 0) return;
  int64_t ahead = 0;
  while (ahead < kLookAheadMax && IsBlankAt(at_.index + ahead)) ++ahead;
  if (ahead == kLookAheadMax || At(at_.index + ahead) != '#') return;
  Comment comment;
  comment.token = token;
  TakeLine(at_.index + ahead, &comment.start, &comment.line);
  comments_.push_back(std::move(comment));
}

// Comments in lines of their own. What is followed by an empty line, or stands less deep than what
// comes, is a foot of what is above; the rest is the head of what is below.
void CommentQueue::PassComments(Mark scan) {
  const Token& last = tokens_.back();
  const bool second = last.kind == TokenKind::kSeparator && tokens_.size() > 1;
  const Token token = second ? tokens_[tokens_.size() - 2] : last;
  const int64_t next_indent = std::max<int64_t>(indent_, 0);
  bool recent_empty = false, first_empty = newlines_ <= 1;
  int64_t foot_line = -1;
  if (scan.line > 0) {
    foot_line = at_.line - newlines_ + 1;
    if (newlines_ == 0 && at_.column > 1) ++foot_line;
  }
  Comment comment;
  comment.scan = scan;
  comment.token = token.start;
  std::string text;
  int64_t line = at_.line, column = at_.column, ahead = 0;
  const auto end_foot = [&] {
    const Mark here{at_.index + ahead, line, column};
    comment.end = here;
    comment.foot = std::exchange(text, {});
    comments_.push_back(std::move(comment));
    comment = {};
    comment.scan = comment.token = here;
  };
  Mark start;
  for (; ahead < kLookAheadMax; ++ahead) {
    ++column;
    const int64_t index = at_.index + ahead;
    if (IsBlankAt(index)) continue;
    const char c = At(index);
    const bool close = flow_level_ > 0 && (c == ']' || c == '}');
    if (close || IsBreakOrEnd(index)) {
      if (close || !recent_empty) {
        const bool below = start.line == foot_line && token.kind != TokenKind::kValue;
        if (close || (first_empty && (below || start.column - 1 < next_indent))) {
          if (!text.empty()) {
            if (start.column - 1 < next_indent) comment.token = start;
            comment.start = start;
            end_foot();
          }
        } else if (!text.empty() && c != '\0') {
          text += '\n';
        }
      }
      if (BreakAt(index) == 0) break;
      first_empty = false;
      recent_empty = true;
      column = 0;
      ++line;
      continue;
    }
    if (!text.empty() && (close || (column - 1 < next_indent && column != start.column))) {
      comment.start = start;
      end_foot();
    }
    if (c != '#') break;
    if (text.empty()) {
      start = {index, line, column};
    } else {
      text += '\n';
    }
    recent_empty = false;
    std::string taken;
    TakeLine(index, nullptr, &taken);
    text += taken;
    ahead = 0;
    column = 0;
    line = at_.line;
  }
  if (text.empty()) return;
  comment.token = comment.start = start;
  comment.end = {at_.index + ahead - 1, line, column};
  comment.head = std::move(text);
  comments_.push_back(std::move(comment));
}

// Takes the comments up to a token off the queue.
void CommentQueue::Unfold(const Token& token) {
  for (; comment_head_ < comments_.size(); ++comment_head_) {
    Comment& comment = comments_[comment_head_];
    if (token.start.index < comment.token.index) return;
    // An end has no head; what follows it has.
    if (!comment.head.empty() && token.kind == TokenKind::kBlockEnd) return;
    AppendLine(comment.head, &pending_.head);
    AppendLine(comment.foot, &pending_.foot);
    AppendLine(comment.line, &pending_.line);
    comment = {};
  }
}

}  // namespace headgate::templating::yaml
