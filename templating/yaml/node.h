#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/value.h"

namespace headgate::templating::yaml {

enum class Kind : uint8_t { kScalar, kMapping, kSequence };

// How a node was written, and is written again where styles are kept.
enum class Style : uint8_t {
  kPlain,
  kSingleQuoted,
  kDoubleQuoted,
  kLiteral,
  kFolded,
  kBlock,
  kFlow
};

// What a node is, resolved when it is parsed or made.
enum class Tag : uint8_t {
  kNull,
  kBool,
  kInt,
  kFloat,
  kString,
  kTimestamp,
  kBinary,
  kMerge,  // "<<"
  kMapping,
  kSequence,
  kOther,  // a tag of the document's own; its text is in Extra
  kNone,   // a made scalar without one: what a reader would make of it, printed in its style
};

// What few nodes have.
struct Extra {
  std::string_view tag;  // as written, where it is none of the above
  // What is below is read only where comments are kept. Comments have their '#', lines are parted
  // by
  // '\n'.
  std::string_view head_comment, line_comment, foot_comment;
  std::string_view document_head, document_foot;  // of the document whose root this is
  std::string_view anchor;                        // "&name" before it
  std::string_view alias;                         // it was "*name", and is printed so
};

struct Node;

// Owns nodes, and the texts they view; everything goes at once. Nothing is ever freed before, so a
// pointer to a node stays good as long as its arena. Not for several threads at once.
class Arena {
 public:
  Arena();
  explicit Arena(size_t first_bytes);  // that it gets at first, where more is a waste
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena();

  // The same text, living as long as the arena.
  std::string_view Keep(std::string text);       // moved, not copied: for whole files
  std::string_view Copy(std::string_view text);  // for short ones
  std::string_view Join(std::initializer_list<std::string_view> parts);

  inline Node* NewScalar(std::string_view text, Tag tag = Tag::kString,
                         Style style = Style::kPlain);
  Node* NewNull();
  Node* NewBool(bool value);
  Node* NewInt(int64_t value);
  Node* NewMapping(size_t capacity = 0);   // of entries
  Node* NewSequence(size_t capacity = 0);  // of items
  Extra* NewExtra();
  // A deep copy, comments and positions included. The texts are shared: they must live in this
  // arena, or longer.
  Node* Clone(const Node& node);

  void* Allocate(size_t bytes) {  // aligned for pointers; not initialized
    bytes = (bytes + alignof(void*) - 1) / alignof(void*) * alignof(void*);
    if (bytes > static_cast<size_t>(end_ - next_)) AddChunk(bytes);
    std::byte* start = next_;
    next_ += bytes;
    return start;
  }
  size_t bytes() const;  // that it holds, for limits and measurements

 private:
  void AddChunk(size_t bytes_min);

  std::byte* next_ = nullptr;
  std::byte* end_ = nullptr;
  size_t chunk_bytes_;
  size_t bytes_ = 0;
  std::vector<std::unique_ptr<std::byte[]>> chunks_;
  std::vector<std::unique_ptr<const std::string>> texts_;
};

// One node of a YAML tree. Made by an Arena only; changed in place. A mapping's items are its keys
// and values in turn; keys are scalars nearly always, and unique where the parser was asked to see
// to it. Aliases do not occur: the parser expands them.
struct Node {
  Kind kind = Kind::kScalar;
  Style style = Style::kPlain;
  Tag tag = Tag::kNull;
  bool explicit_tag = false;  // the tag was written, not resolved
  uint32_t line = 0;          // from 1; 0 for made nodes
  uint32_t column = 0;        // from 1, in code points
  uint32_t size = 0;          // of items: twice the number of entries for a mapping
  uint32_t capacity = 0;
  union {
    struct {
      const char* data;
      size_t length;
    } scalar;
    Node** items;
  };
  Extra* extra = nullptr;

  Node() : scalar{nullptr, 0} {}

  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_mapping() const { return kind == Kind::kMapping; }
  bool is_sequence() const { return kind == Kind::kSequence; }
  bool is_null() const { return kind == Kind::kScalar && tag == Tag::kNull; }
  bool is_string() const { return kind == Kind::kScalar && tag == Tag::kString; }

  // A scalar's text, quotes and folding undone; "" for others.
  std::string_view text() const {
    return is_scalar() ? std::string_view(scalar.data, scalar.length) : std::string_view();
  }
  // The text of a scalar is viewed, not copied: it must live in the arena or longer.
  void set_text(std::string_view text) { scalar = {text.data(), text.size()}; }
  // Becomes a string scalar, plain in style; position and comments stay.
  void SetString(std::string_view text);
  // Becomes what `other` is, sharing its items; comments and position become the other's, too.
  void Assign(const Node& other);

  std::span<Node* const> children() const {
    return is_scalar() ? std::span<Node* const>() : std::span<Node* const>(items, size);
  }
  size_t entries() const { return is_mapping() ? size / 2 : 0; }  // of a mapping
  Node* key(size_t entry) const { return items[2 * entry]; }
  Node* value(size_t entry) const { return items[2 * entry + 1]; }

  // The value of a mapping's key; nullptr where it has none or is no mapping. Linear in the number
  // of entries.
  Node* Find(std::string_view name) const;
  template <class... Keys>
  Node* Find(std::string_view name, std::string_view next, Keys... rest) const {
    const Node* found = Find(name);
    return found ? found->Find(next, rest...) : nullptr;
  }
  // The text of a string at a path; "" where it is missing or no scalar.
  template <class... Keys>
  std::string_view TextAt(Keys... keys) const {
    const Node* found = Find(keys...);
    return found ? found->text() : std::string_view();
  }

  // Replaces the value of a key in place, or appends the entry.
  void Set(Arena* arena, std::string_view name, Node* value);
  // The mapping at a key; made where it is missing or null. nullptr where something else is there.
  Node* MakeMapping(Arena* arena, std::string_view name);
  bool Erase(std::string_view name);  // whether it was there
  void EraseEntry(size_t entry);
  void Append(Arena* arena, Node* item);                   // to a sequence
  void AppendEntry(Arena* arena, Node* key, Node* value);  // not looked up
  void Insert(Arena* arena, size_t position, Node* item);  // into a sequence
  void EraseItem(size_t position);                         // of a sequence
  void Clear();                                            // no items
};

Node* Arena::NewScalar(std::string_view text, Tag tag, Style style) {
  Node* node = new (Allocate(sizeof(Node))) Node;
  node->style = style;
  node->tag = tag;
  node->set_text(text);
  return node;
}

// Equal in kind, tag, text and items; a mapping's order, styles, comments and positions do not
// count.
bool Equal(const Node& a, const Node& b);

// The same tree as a value: scalars typed by their tag, keys as strings, timestamps as strings, a
// position for each. Numbers that int64 cannot hold become floats.
core::Value ToValue(const Node& node);
Node* FromValue(Arena* arena, const core::Value& value);

}  // namespace headgate::templating::yaml
