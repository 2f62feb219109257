#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "templating/yaml/comments.h"

namespace headgate::templating::yaml {

// The comments that wait for a node.
struct Pending {
  std::string head, line, foot, stem;
};

// The tokens of a source in the order in which go-yaml 3 gives them to its parser, with the
// comments that are known when each is looked at.
class CommentQueue {
 public:
  CommentQueue(const Source& source, const std::vector<Taken>& taken);

  // The next token; the comments up to it are in pending().
  TokenKind Peek();
  void Skip();
  Pending& pending() { return pending_; }

 private:
  // Offsets from the start of the source; lines and columns as the reference counts them, from 0
  // (columns of comments from 1).
  struct Mark {
    int64_t index = 0, line = 0, column = 0;
  };
  struct Token {
    TokenKind kind;
    Mark start;
  };
  struct Comment {
    Mark scan, token, start, end;
    std::string head, line, foot;
  };
  struct Key {
    bool possible = false;
    size_t token = 0;
    Mark mark;
  };

  void FetchMore();
  void FetchNext();
  bool HeadMayBeKey();
  void Add(const Taken& taken, Mark start);
  void Unroll(int64_t column, Mark scan);
  void Insert(size_t position, TokenKind kind, Mark start);
  void BeginBlock(size_t position, TokenKind kind, Mark start);
  void PassBlanks(const Taken& next);
  void PassComments(Mark scan);
  void TakeLineComment(Mark token);
  void TakeLine(int64_t seen, Mark* start, std::string* text);
  void Unfold(const Token& token);
  void MakeHead();

  char At(int64_t index) const;
  int64_t BreakAt(int64_t index) const;
  bool IsBreakOrEnd(int64_t index) const { return BreakAt(index) != 0 || At(index) == '\0'; }
  bool IsBlankAt(int64_t index) const { return At(index) == ' ' || At(index) == '\t'; }
  Mark MarkOf(const Spot& spot) const;
  void MoveTo(const Spot& spot);
  void PassBreak();
  void PassByte();

  const std::string_view text_;
  const std::vector<Taken>& taken_;
  const uint32_t first_line_;
  size_t next_ = 0;  // of taken_
  Mark at_;
  int64_t newlines_ = 0;  // since the last character that is no blank
  std::vector<Token> tokens_;
  size_t head_ = 0;
  bool available_ = false;
  std::vector<Comment> comments_;
  size_t comment_head_ = 0;
  std::vector<Key> keys_{1};
  std::vector<int64_t> indents_;
  int64_t indent_ = -1;
  int64_t flow_level_ = 0;
  Pending pending_;
};

}  // namespace headgate::templating::yaml
