#include "templating/helm/heap.h"

#include <algorithm>
#include <cstring>

#include "templating/helm/value.h"

namespace headgate::templating::helm {
namespace {

constexpr size_t kFirstChunkBytes = 16 * 1024;
constexpr size_t kChunkBytesMax = 1024 * 1024;

}  // namespace

Heap::Heap() = default;
Heap::~Heap() { Destroy(0); }

void* Heap::Allocate(size_t bytes) {
  constexpr size_t kAlign = alignof(void*);
  bytes = (bytes + kAlign - 1) & ~(kAlign - 1);
  if (static_cast<size_t>(end_ - next_) < bytes) {
    const size_t usual =
        std::min(kChunkBytesMax, std::max(kFirstChunkBytes, chunks_.empty() ? 0 : bytes_ / 2));
    if (spare_.bytes >= bytes) {
      chunks_.push_back(std::move(spare_));
      spare_ = {};
    } else {
      const size_t size = std::max(bytes, usual);
      chunks_.push_back({std::unique_ptr<std::byte[]>(new std::byte[size]), size});
    }
    bytes_ += chunks_.back().bytes;
    next_ = chunks_.back().memory.get();
    end_ = next_ + chunks_.back().bytes;
  }
  void* result = next_;
  next_ += bytes;
  return result;
}

std::string_view Heap::Copy(std::string_view text) {
  if (text.empty()) return {};
  char* copy = NewText(text.size());
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

char* Heap::NewText(size_t bytes) { return static_cast<char*>(Allocate(bytes)); }

std::span<Value> Heap::NewList(size_t size) {
  // Never nullptr, also where it is empty: a list that is nil is another thing in Go.
  auto* items = static_cast<Value*>(Allocate(std::max<size_t>(1, size) * sizeof(Value)));
  std::uninitialized_default_construct_n(items, std::max<size_t>(1, size));
  return {items, size};
}

Map* Heap::NewMap(size_t capacity) { return new (Allocate(sizeof(Map))) Map(this, capacity); }

Heap::Mark Heap::Begin() {
  const Mark mark = {chunks_.size(), doomed_.size(), bytes_, next_, end_, escaped_};
  escaped_ = false;
  ++stretch_;
  return mark;
}

void Heap::Release(const Mark& mark) {
  // What escaped lives on in the stretch around this one, and what that one holds may be older
  // than it too.
  const bool keep = escaped_;
  escaped_ = mark.escaped || keep;
  ++stretch_;
  if (keep) return;
  Destroy(mark.doomed);
  if (chunks_.size() > mark.chunks) {
    Chunk& largest =
        *std::max_element(chunks_.begin() + static_cast<ptrdiff_t>(mark.chunks), chunks_.end(),
                          [](const Chunk& a, const Chunk& b) { return a.bytes < b.bytes; });
    if (largest.bytes <= kChunkBytesMax && largest.bytes > spare_.bytes) {
      spare_ = std::move(largest);
    }
    chunks_.resize(mark.chunks);
  }
  next_ = mark.next;
  end_ = mark.end;
  bytes_ = mark.bytes;
}

void Heap::Destroy(size_t keep) {
  while (doomed_.size() > keep) {
    const Doomed last = doomed_.back();
    doomed_.pop_back();
    last.destroy(last.object);
  }
}

}  // namespace headgate::templating::helm
