#include "templating/yaml/node.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cstring>
#include <new>
#include <optional>
#include <utility>

namespace headgate::templating::yaml {
namespace {

constexpr size_t kFirstChunkBytes = size_t{16} * 1024;
constexpr size_t kChunkBytesMax = size_t{4} << 20;
constexpr size_t kHugePageBytes = size_t{2} << 20;
constexpr size_t kCopiedBytesMax = size_t{32} << 10;  // longer texts are kept as they are

// Makes room for `more` items at the end.
void Reserve(Arena* arena, Node* node, uint32_t more) {
  const uint32_t wanted = node->size + more;
  if (wanted <= node->capacity) return;
  const uint32_t capacity = std::max({wanted, node->capacity * 2, uint32_t{4}});
  auto** items = static_cast<Node**>(arena->Allocate(capacity * sizeof(Node*)));
  std::copy_n(node->items, node->size, items);
  node->items = items;
  node->capacity = capacity;
}

void EraseItems(Node* node, size_t from, size_t count) {
  assert(from + count <= node->size);
  std::copy(node->items + from + count, node->items + node->size, node->items + from);
  node->size -= static_cast<uint32_t>(count);
}

// Trees of many megabytes are walked again and again; in huge pages that takes a tenth less time.
void AskForHugePages(std::byte* start, size_t bytes) {
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t at = reinterpret_cast<uintptr_t>(start);
  const uintptr_t first = (at + page - 1) / page * page, end = (at + bytes) / page * page;
  madvise(start + (first - at), end - first, MADV_HUGEPAGE);  // where it cannot, nothing is lost
}

std::optional<size_t> EntryOf(const Node& node, std::string_view name) {
  for (size_t i = 0; i < node.entries(); ++i) {
    if (node.key(i)->text() == name) return i;
  }
  return std::nullopt;
}

bool EqualMappings(const Node& a, const Node& b) {
  if (a.size != b.size) return false;
  for (size_t i = 0; i < a.entries(); ++i) {
    // The same place first: most mappings that are equal have the same order.
    const Node* other =
        b.key(i)->text() == a.key(i)->text() ? b.value(i) : b.Find(a.key(i)->text());
    if (!other || !Equal(*a.value(i), *other)) return false;
  }
  return true;
}

}  // namespace

Arena::Arena() : Arena(kFirstChunkBytes) {}
Arena::Arena(size_t first_bytes) : chunk_bytes_(first_bytes) {}
Arena::~Arena() = default;

void Arena::AddChunk(size_t bytes_min) {
  const size_t chunk = std::max(bytes_min, chunk_bytes_);
  chunk_bytes_ = std::min(chunk_bytes_ * 2, kChunkBytesMax);
  chunks_.push_back(std::unique_ptr<std::byte[]>(new std::byte[chunk]));
  if (chunk >= kHugePageBytes) AskForHugePages(chunks_.back().get(), chunk);
  bytes_ += chunk;
  next_ = chunks_.back().get();
  end_ = next_ + chunk;
}

size_t Arena::bytes() const { return bytes_; }

std::string_view Arena::Keep(std::string text) {
  // Beside the nodes that will view it.
  if (text.size() <= kCopiedBytesMax) return Copy(text);
  bytes_ += text.capacity();
  texts_.push_back(std::make_unique<const std::string>(std::move(text)));
  return *texts_.back();
}

std::string_view Arena::Copy(std::string_view text) { return Join({text}); }

std::string_view Arena::Join(std::initializer_list<std::string_view> parts) {
  size_t length = 0;
  for (std::string_view part : parts) length += part.size();
  auto* start = static_cast<char*>(Allocate(length));
  char* at = start;
  for (std::string_view part : parts) at = std::copy(part.begin(), part.end(), at);
  return {start, length};
}

Node* Arena::NewNull() { return NewScalar("null", Tag::kNull); }
Node* Arena::NewBool(bool value) { return NewScalar(value ? "true" : "false", Tag::kBool); }

Node* Arena::NewInt(int64_t value) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  const std::string_view text(digits.data(), static_cast<size_t>(end - digits.data()));
  return NewScalar(Copy(text), Tag::kInt);
}

Node* Arena::NewMapping(size_t capacity) {
  Node* node = NewSequence(2 * capacity);
  node->kind = Kind::kMapping;
  node->tag = Tag::kMapping;
  return node;
}

Node* Arena::NewSequence(size_t capacity) {
  Node* node = new (Allocate(sizeof(Node))) Node;
  node->kind = Kind::kSequence;
  node->tag = Tag::kSequence;
  node->style = Style::kBlock;
  node->items = nullptr;
  if (capacity > 0) Reserve(this, node, static_cast<uint32_t>(capacity));
  return node;
}

Extra* Arena::NewExtra() { return new (Allocate(sizeof(Extra))) Extra; }

Node* Arena::Clone(const Node& node) {
  Node* copy = new (Allocate(sizeof(Node))) Node(node);
  if (node.extra) {
    copy->extra = NewExtra();
    *copy->extra = *node.extra;
  }
  if (node.is_scalar()) return copy;
  copy->items = static_cast<Node**>(Allocate(node.size * sizeof(Node*)));
  copy->capacity = node.size;
  for (uint32_t i = 0; i < node.size; ++i) copy->items[i] = Clone(*node.items[i]);
  return copy;
}

void Node::SetString(std::string_view text) {
  kind = Kind::kScalar;
  style = Style::kPlain;
  tag = Tag::kString;
  explicit_tag = false;
  size = capacity = 0;
  set_text(text);
}

void Node::Assign(const Node& other) { *this = other; }

Node* Node::Find(std::string_view name) const {
  const std::optional<size_t> entry = EntryOf(*this, name);
  return entry ? value(*entry) : nullptr;
}

void Node::Set(Arena* arena, std::string_view name, Node* value) {
  if (const std::optional<size_t> entry = EntryOf(*this, name)) {
    items[2 * *entry + 1] = value;
  } else {
    AppendEntry(arena, arena->NewScalar(name), value);
  }
}

Node* Node::MakeMapping(Arena* arena, std::string_view name) {
  Node* found = Find(name);
  if (found && found->is_mapping()) return found;
  if (found && !found->is_null()) return nullptr;
  Node* made = arena->NewMapping();
  Set(arena, name, made);
  return made;
}

bool Node::Erase(std::string_view name) {
  const std::optional<size_t> entry = EntryOf(*this, name);
  if (entry) EraseEntry(*entry);
  return entry.has_value();
}

void Node::EraseEntry(size_t entry) { EraseItems(this, 2 * entry, 2); }

void Node::Append(Arena* arena, Node* item) {
  assert(is_sequence());
  Reserve(arena, this, 1);
  items[size++] = item;
}

void Node::AppendEntry(Arena* arena, Node* key, Node* value) {
  assert(is_mapping());
  Reserve(arena, this, 2);
  items[size++] = key;
  items[size++] = value;
}

void Node::Insert(Arena* arena, size_t position, Node* item) {
  assert(is_sequence() && position <= size);
  Reserve(arena, this, 1);
  std::copy_backward(items + position, items + size, items + size + 1);
  items[position] = item;
  ++size;
}

void Node::EraseItem(size_t position) {
  assert(is_sequence());
  EraseItems(this, position, 1);
}

void Node::Clear() {
  assert(!is_scalar());
  size = 0;
}

bool Equal(const Node& a, const Node& b) {
  if (a.kind != b.kind || a.tag != b.tag) return false;
  if (a.is_scalar()) return a.text() == b.text();
  if (a.is_mapping()) return EqualMappings(a, b);
  return std::equal(a.children().begin(), a.children().end(), b.children().begin(),
                    b.children().end(), [](const Node* x, const Node* y) { return Equal(*x, *y); });
}

}  // namespace headgate::templating::yaml
