#include "templating/yaml/comments.h"

#include <string>
#include <utility>

#include "templating/yaml/comment_queue.h"

namespace headgate::templating::yaml {
namespace {

// Walks the trees and the tokens side by side.
class Walker {
 public:
  Walker(const Source& source, const std::vector<Taken>& taken, Arena* arena)
      : queue_(source, taken), arena_(arena) {
    queue_.Peek();
    queue_.Skip();
  }

  void Document(Node* root) {
    TokenKind kind = queue_.Peek();
    while (kind == TokenKind::kDocumentEnd) kind = Next();
    bool empty = false;
    if (kind == TokenKind::kDirective || kind == TokenKind::kDocumentStart) {
      while (kind == TokenKind::kDirective) kind = Next();
      kind = Next();
      empty = kind == TokenKind::kDirective || kind == TokenKind::kDocumentStart ||
              kind == TokenKind::kDocumentEnd || kind == TokenKind::kStreamEnd;
    } else {
      SplitHead(root);
    }
    if (!empty) Value(root, false);
    if (queue_.Peek() == TokenKind::kDocumentEnd) queue_.Skip();
    const Pending pending = Take();
    SetText(root, &Extra::document_foot, pending.foot.empty() ? pending.head : pending.foot);
  }

 private:
  TokenKind Next() {
    queue_.Skip();
    return queue_.Peek();
  }

  Pending Take() { return std::exchange(queue_.pending(), {}); }

  void SetText(Node* node, std::string_view Extra::*member, std::string_view text) {
    if (!node->extra) {
      if (text.empty()) return;
      node->extra = arena_->NewExtra();
    }
    node->extra->*member = arena_->Copy(text);
  }
  static std::string_view TextOf(const Node& node, std::string_view Extra::*member) {
    return node.extra ? node.extra->*member : std::string_view();
  }
  void SetAll(Node* node) {
    const Pending pending = Take();
    SetText(node, &Extra::head_comment, pending.head);
    SetEnd(node, pending);
  }
  void SetEnd(Node* node, const Pending& pending) {
    SetText(node, &Extra::line_comment, pending.line);
    SetText(node, &Extra::foot_comment, pending.foot);
  }

  // Of what stands before the first node, the part above the last empty line is the document's.
  void SplitHead(Node* root) {
    std::string& head = queue_.pending().head;
    for (size_t at = head.size(); at-- > 1;) {
      if (head[at] != '\n') continue;
      const bool last = at + 1 == head.size();
      if (!last && head[at - 1] != '\n') continue;
      SetText(root, &Extra::document_head, std::string_view(head).substr(0, last ? at : at - 1));
      head.erase(0, at + 1);
      return;
    }
  }

  // `dashes`: a list may stand at the column of the mapping around it.
  void Value(Node* node, bool dashes) {
    TokenKind kind = queue_.Peek();
    if (kind == TokenKind::kAlias) {
      SetAll(node);
      queue_.Skip();
      return;
    }
    while (kind == TokenKind::kProperty) kind = Next();
    if (dashes && kind == TokenKind::kItem) return Items(node, false);
    switch (kind) {
      case TokenKind::kScalar:
        SetAll(node);
        queue_.Skip();
        return;
      case TokenKind::kFlowSequence:
        SetAll(node);
        return FlowItems(node);
      case TokenKind::kFlowMapping:
        SetAll(node);
        return FlowEntries(node);
      case TokenKind::kBlockSequence:
        SetStem(node);
        return Items(node, true);
      case TokenKind::kBlockMapping:
        SetStem(node);
        return Entries(node);
      default:
        return;
    }
  }

  void SetStem(Node* node) {
    SetText(node, &Extra::head_comment, std::exchange(queue_.pending().stem, {}));
  }

  // The comment above a "-" belongs to the collection that begins behind it as a whole.
  void SplitStem(size_t length) {
    if (length == 0) return;
    const TokenKind kind = queue_.Peek();
    if (kind != TokenKind::kBlockSequence && kind != TokenKind::kBlockMapping) return;
    Pending& pending = queue_.pending();
    pending.stem = pending.head.substr(0, length);
    pending.head.erase(0, pending.head.size() == length ? length : length + 1);
  }

  void Items(Node* node, bool has_end) {
    if (has_end) queue_.Skip();
    for (Node* item : node->children()) {
      queue_.Peek();
      const size_t head = queue_.pending().head.size();
      queue_.Skip();
      SplitStem(head);
      const TokenKind kind = queue_.Peek();
      const bool empty = kind == TokenKind::kItem || kind == TokenKind::kBlockEnd ||
                         (!has_end && (kind == TokenKind::kKey || kind == TokenKind::kValue));
      if (!empty) Value(item, false);
    }
    queue_.Peek();
    if (has_end) queue_.Skip();
    SetEnd(node, {});
  }

  static bool EndsEntry(TokenKind kind) {
    return kind == TokenKind::kKey || kind == TokenKind::kValue || kind == TokenKind::kBlockEnd;
  }

  void Entries(Node* node) {
    queue_.Skip();
    for (size_t i = 0; i < node->entries(); ++i) {
      Node *key = node->key(i), *value = node->value(i);
      if (queue_.Peek() == TokenKind::kKey && !EndsEntry(Next())) Value(key, true);
      // Dedented, it belongs to the value before.
      if (i > 0) MoveFoot(key, node->key(i - 1));
      if (queue_.Peek() == TokenKind::kValue && !EndsEntry(Next())) Value(value, true);
      if (TextOf(*key, &Extra::foot_comment).empty()) MoveFoot(value, key);
    }
    queue_.Peek();
    SetEnd(node, Take());
    queue_.Skip();
    if (node->size > 0) MoveFoot(node, node->key(node->entries() - 1));
  }

  void MoveFoot(Node* from, Node* to) {
    const std::string_view foot = TextOf(*from, &Extra::foot_comment);
    if (foot.empty()) return;
    SetText(to, &Extra::foot_comment, foot);
    from->extra->foot_comment = {};
  }

  void FlowItems(Node* node) {
    queue_.Skip();
    for (Node* item : node->children()) {
      TokenKind kind = queue_.Peek();
      if (kind == TokenKind::kSeparator) kind = Next();
      if (kind == TokenKind::kKey) {
        FlowPair(item);
      } else {
        Value(item, false);
      }
    }
    if (queue_.Peek() == TokenKind::kSeparator) Next();
    SetEnd(node, Take());
    queue_.Skip();
  }

  static bool EndsFlow(TokenKind kind) {
    return kind == TokenKind::kSeparator || kind == TokenKind::kFlowSequenceEnd ||
           kind == TokenKind::kFlowMappingEnd;
  }

  void FlowPair(Node* pair) {
    Next();
    Value(pair->key(0), false);
    FlowValue(pair->key(0), pair->value(0));
    queue_.Peek();
    SetEnd(pair, {});
  }

  // Behind a key; its foot takes the value's, as in blocks.
  void FlowValue(Node* key, Node* value) {
    if (queue_.Peek() == TokenKind::kValue && !EndsFlow(Next())) Value(value, false);
    if (TextOf(*key, &Extra::foot_comment).empty()) MoveFoot(value, key);
  }

  void FlowEntries(Node* node) {
    queue_.Skip();
    for (size_t i = 0; i < node->entries(); ++i) {
      TokenKind kind = queue_.Peek();
      if (kind == TokenKind::kSeparator) kind = Next();
      const bool marked = kind == TokenKind::kKey;
      if (marked) kind = Next();
      if (kind != TokenKind::kValue && !EndsFlow(kind)) Value(node->key(i), false);
      if (marked) {
        FlowValue(node->key(i), node->value(i));
      } else {
        queue_.Peek();
      }
    }
    if (queue_.Peek() == TokenKind::kSeparator) Next();
    SetEnd(node, Take());
    queue_.Skip();
  }

  CommentQueue queue_;
  Arena* const arena_;
};

}  // namespace

void AttachComments(const Source& source, const std::vector<Taken>& taken, Arena* arena,
                    const std::vector<Node*>& documents) {
  Walker walker(source, taken, arena);
  for (Node* root : documents) walker.Document(root);
}

}  // namespace headgate::templating::yaml
