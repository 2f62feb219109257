#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "templating/yaml/comments.h"
#include "templating/yaml/parse.h"
#include "templating/yaml/scanner.h"

namespace headgate::templating::yaml {

// Builds the trees of a text, with a stack of its own: one frame for each collection that has begun
// and not ended. A node is placed where the innermost frame waits for one; that it is a key is
// known when its ":" comes. All functions that return bool return false after a complaint.
class Parser {
 public:
  Parser(const Source& source, const ParseOptions& options, Arena* arena);

  bool Run();
  std::vector<Node*> TakeDocuments() { return std::move(documents_); }
  const std::vector<Taken>& taken() const { return taken_; }  // where comments are kept
  const std::optional<Complaint>& complaint() const { return scanner_.complaint(); }

 private:
  enum class Block : uint8_t {
    kDocument,
    kMapping,
    kSequence,
    kIndentless,  // a sequence whose dashes stand at the column of the mapping around it
    kFlowMapping,
    kFlowSequence,
    kFlowPair  // a mapping of one entry without braces, in a flow sequence
  };
  // What a frame waits for.
  enum class Wait : uint8_t {
    kNode,      // the document's node, an item
    kKey,       // a key with its ":", "?"; in a flow mapping a key, "?", the end
    kKeyNode,   // the key behind a "?"
    kColon,     // the ":" behind a key in a flow mapping or behind "? key"; it may be missing
    kValue,     // behind a ":"
    kSeparator  // "-" or ","; the end
  };
  struct Frame {
    Block block = Block::kDocument;
    Wait wait = Wait::kNode;
    bool explicit_key = false;  // the present key began with "?"
    bool has_merge = false;     // there is a key "<<"
    int outer_indent = -1;      // of the block around it
    uint32_t first_item = 0;    // its items on items_
    Node* node = nullptr;
    Spot indicator;  // the last "-", "?" or ":"
    std::unique_ptr<std::unordered_map<std::string_view, uint32_t>> lines;  // of keys, if many
  };
  // Tag and anchor before a node.
  struct Properties {
    std::string_view anchor, other_tag;
    Tag tag = Tag::kNull;
    bool has_anchor = false, has_tag = false;
    Spot spot;
    bool any() const { return has_anchor || has_tag; }
  };
  // Where a key may have begun.
  struct KeyStart {
    bool possible = false;
    bool required = false;  // it stands where the keys of the mapping around it do
    Spot spot;
  };

  // parser.cc: documents
  bool Step();
  bool StartDocument();
  bool EndDocument();
  bool Marker();
  bool Directive();
  bool EndStream();

  // parser_block.cc
  bool BlockToken();
  bool Unroll(int column);
  bool Dash();
  bool Question();
  bool BlockColon();
  bool BlockKey(Node* key);
  bool OpenBlock(Block block, const Spot& spot);
  bool EndEntry();
  bool CloseIndentless();
  void PassTabsBeforeComment();

  // parser_flow.cc
  bool FlowToken();
  bool OpenFlow();
  bool CloseFlow();
  bool Comma();
  bool FlowColon();
  bool FlowQuestion();
  bool EndFlowEntry();
  bool OpenPair(const Spot& spot);

  // For the comments: what begins at `start` has just been taken.
  void Took(TokenKind kind, const Spot& start, bool flag = false) {
    if (options_.keep_comments) NoteTaken(kind, start, flag);
  }
  void NoteTaken(TokenKind kind, const Spot& start, bool flag);

  // parser_node.cc
  bool ScalarToken();
  bool TextBlock();
  bool AliasToken();
  bool PropertyToken();
  bool SaveKey() { return !key_allowed_ || NoteKey(); }
  bool NoteKey();
  bool DropKey();
  bool KeyIsValid();
  bool ColonFollows() const;
  bool Finish(Node* node);
  bool JoinProperties() { return !inner_.any() || JoinSome(); }
  bool JoinSome();
  bool Place(Node* node);
  bool PlaceEmpty();
  bool PushKey(Node* key);
  bool Apply(Properties* properties, Node* node) {
    return !properties->any() || ApplySome(properties, node);
  }
  bool ApplySome(Properties* properties, Node* node);
  Node* NewScalar(const Spot& spot, const Scalar& scalar);
  Extra* ExtraOf(Node* node) const;
  bool Open(Block block, const Spot& spot);
  Node* Detach();
  bool Close();
  bool Expects() const;
  bool Unexpected(const Spot& spot, std::string_view found);
  bool ResolveTag(const Spot& spot, std::string_view handle, std::string_view suffix);

  // parser_alias.cc
  Node* Expand(const Node& target, size_t depth);
  bool MergeEntries(Node* mapping);
  bool AddSource(const Node& key, Node* value, std::vector<Node*>* sources);

  Frame& top() { return frames_.back(); }
  const Frame& top() const { return frames_.back(); }
  bool in_flow() const { return flow_level_ > 0; }

  Scanner scanner_;
  const ParseOptions& options_;
  Arena* const arena_;
  std::vector<Node*> documents_;
  std::vector<Taken> taken_;
  std::vector<Frame> frames_;
  std::vector<Node*> items_;          // of all frames
  std::vector<KeyStart> outer_keys_;  // one for each flow collection that is open
  std::unordered_map<std::string_view, Node*> anchors_;
  std::vector<std::pair<std::string_view, std::string_view>> handles_;  // of %TAG
  KeyStart key_;
  Properties inner_;  // before the node that is to come, from the line of key_
  Properties outer_;  // from earlier lines
  Properties held_;   // outer_, while a flow collection is open
  const char* document_start_ = nullptr;
  size_t flow_level_ = 0;
  size_t alias_bytes_ = 0;
  int indent_ = -1;          // of the innermost block mapping or sequence
  bool key_allowed_ = true;  // a key, "-" or "?" may begin here
  bool open_ = false;        // a document has begun
  bool first_ = true;        // it need not begin with "---"
  bool version_ = false;     // %YAML was given
  bool directives_ = false;  // "---" has to follow
};

}  // namespace headgate::templating::yaml
