#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace headgate::templating::helm {

class Map;
class Value;

// Where the values of one render live: texts, lists, maps, objects. Nothing is freed by itself; a
// whole stretch goes at once (Release), or all with the heap. So values are copied freely, may
// refer to each other in circles as Go's do, and a pointer stays good as long as its stretch.
//
// A stretch is what was allocated since a Mark: of one template file, say. Maps are changed in
// place, and a map that is older than the stretch may come to hold values of it (`set $.Values
// ...`); Map tells the heap, and Release then keeps the stretch.
//
// Not for several threads at once.
class Heap {
 public:
  Heap();
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;
  ~Heap();

  std::string_view Copy(std::string_view text);  // the same text, living here
  char* NewText(size_t bytes);                   // to be filled by the caller; not terminated
  std::span<Value> NewList(size_t size);         // nils
  Map* NewMap(size_t capacity = 0);

  // An object of the caller's own; its destructor runs when its stretch goes.
  template <class T, class... Args>
  T* New(Args&&... args) {
    static_assert(alignof(T) <= alignof(void*));
    T* made = new (Allocate(sizeof(T))) T(std::forward<Args>(args)...);
    if constexpr (!std::is_trivially_destructible_v<T>) {
      doomed_.push_back({made, [](void* object) { static_cast<T*>(object)->~T(); }});
    }
    return made;
  }

  void* Allocate(size_t bytes);  // aligned for pointers, not initialized

  // What is held, in bytes; for limits. Released stretches do not count.
  size_t bytes() const { return bytes_; }

  struct Mark {
    size_t chunks, doomed, bytes;
    std::byte* next;
    std::byte* end;
    bool escaped;  // of the stretch around this one
  };
  Mark Begin();
  void Release(const Mark& mark);  // the youngest that was begun and not yet released

  // The number of the present stretch; a map remembers it. See Map.
  uint32_t stretch() const { return stretch_; }
  void Escaped() { escaped_ = true; }

 private:
  struct Chunk {
    std::unique_ptr<std::byte[]> memory;
    size_t bytes;
  };
  struct Doomed {
    void* object;
    void (*destroy)(void*);
  };
  void Destroy(size_t keep);

  std::byte* next_ = nullptr;
  std::byte* end_ = nullptr;
  size_t bytes_ = 0;
  uint32_t stretch_ = 0;
  bool escaped_ = false;
  std::vector<Chunk> chunks_;
  std::vector<Doomed> doomed_;
  Chunk spare_ = {};  // kept from the last release
};

}  // namespace headgate::templating::helm
