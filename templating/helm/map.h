#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace headgate::templating::helm {

class Heap;
class Value;

// A Go map by string: shared by all that refer to it, changed in place. Iteration is sorted by
// key, bytewise, which is all that Helm's printers and `range` ever show. Values are nil or
// typed, never kNilAny. Made by Heap::NewMap.
//
// A small map is searched; a large one has an index. Sorting happens on demand, and its result is
// kept until a key comes or goes.
class Map {
 public:
  struct Entry;

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  const Value* Find(std::string_view key) const;  // nullptr where it is not; good until a change
  bool Has(std::string_view key) const { return Find(key) != nullptr; }
  Value Get(std::string_view key) const;  // nil where it is not

  // Sets or replaces. The key is viewed: it must live as long as the map (in `heap`, or longer).
  void Set(std::string_view key, const Value& value, Heap* heap);
  bool Erase(std::string_view key);  // whether it was there

  // Sorted by key; good until the next change. Who changes the map meanwhile iterates over a
  // Snapshot.
  std::span<const Entry> entries();
  std::span<const Entry> Snapshot(Heap* heap);

 private:
  friend class Heap;
  Map(Heap* heap, size_t capacity);

  uint32_t Position(std::string_view key) const;  // of an entry; kNone
  void Grow(Heap* heap, uint32_t capacity);
  void BuildIndex();
  void Link(uint32_t entry);
  void Unlink(uint32_t entry);
  uint32_t SlotOf(uint32_t entry) const;

  static constexpr uint32_t kNone = UINT32_MAX;

  Entry* entries_ = nullptr;
  uint32_t* index_ = nullptr;  // open addressing; of 2 * capacity_ slots, where the map is large
  uint32_t size_ = 0;
  uint32_t capacity_ = 0;
  uint32_t stretch_;  // of the heap, when it was made
  bool sorted_ = true;
};

}  // namespace headgate::templating::helm
