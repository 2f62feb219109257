#include "templating/helm/map.h"

#include <algorithm>
#include <cstring>
#include <random>

#include "templating/helm/value.h"

namespace headgate::templating::helm {
namespace {

// Up to here a map is searched entry by entry.
constexpr uint32_t kSearched = 12;

// Keyed, so that nobody can choose keys that collide.
uint64_t Hash(std::string_view text) {
  static const uint64_t kKey = [] {
    std::random_device random;
    return (static_cast<uint64_t>(random()) << 32) | random();
  }();
  uint64_t hash = kKey;
  const auto mix = [&hash](uint64_t word) {
    const auto wide = static_cast<unsigned __int128>(hash ^ word) * 0x9e3779b97f4a7c15u;
    hash = static_cast<uint64_t>(wide) ^ static_cast<uint64_t>(wide >> 64) ^ kKey;
  };
  mix(text.size());
  while (text.size() >= 8) {
    uint64_t word;
    std::memcpy(&word, text.data(), 8);
    mix(word);
    text.remove_prefix(8);
  }
  uint64_t rest = 0;
  if (!text.empty()) std::memcpy(&rest, text.data(), text.size());
  mix(rest);
  return hash;
}

}  // namespace

Map::Map(Heap* heap, size_t capacity) : stretch_(heap->stretch()) {
  if (capacity > 0) {
    uint32_t rounded = 4;
    while (rounded < capacity) rounded *= 2;
    Grow(heap, rounded);
  }
}

uint32_t Map::Position(std::string_view key) const {
  if (!index_) {
    for (uint32_t i = 0; i < size_; ++i) {
      if (entries_[i].key == key) return i;
    }
    return kNone;
  }
  const uint32_t mask = 2 * capacity_ - 1;
  for (auto slot = static_cast<uint32_t>(Hash(key)) & mask;; slot = (slot + 1) & mask) {
    const uint32_t entry = index_[slot];
    if (entry == kNone) return kNone;
    if (entries_[entry].key == key) return entry;
  }
}

const Value* Map::Find(std::string_view key) const {
  const uint32_t at = Position(key);
  return at == kNone ? nullptr : &entries_[at].value;
}

Value Map::Get(std::string_view key) const {
  const Value* found = Find(key);
  return found ? *found : Value();
}

void Map::Set(std::string_view key, const Value& value, Heap* heap) {
  if (stretch_ != heap->stretch()) heap->Escaped();
  const Value stored = value.is_nil() ? Value() : value;
  if (const uint32_t at = Position(key); at != kNone) {
    entries_[at].value = stored;
    return;
  }
  if (size_ == capacity_) Grow(heap, std::max(4u, capacity_ * 2));
  sorted_ = sorted_ && (size_ == 0 || entries_[size_ - 1].key < key);
  new (&entries_[size_]) Entry{key, stored};
  ++size_;
  if (index_) Link(size_ - 1);
}

bool Map::Erase(std::string_view key) {
  const uint32_t at = Position(key);
  if (at == kNone) return false;
  if (index_) Unlink(at);
  const uint32_t last = --size_;
  if (at == last) return true;
  if (!index_) {  // the order of the others is kept where that is cheap
    std::move(entries_ + at + 1, entries_ + last + 1, entries_ + at);
    return true;
  }
  index_[SlotOf(last)] = at;
  entries_[at] = entries_[last];
  sorted_ = false;
  return true;
}

std::span<const Map::Entry> Map::entries() {
  if (!sorted_) {
    std::sort(entries_, entries_ + size_,
              [](const Entry& a, const Entry& b) { return a.key < b.key; });
    sorted_ = true;
    if (index_) BuildIndex();
  }
  return {entries_, size_};
}

std::span<const Map::Entry> Map::Snapshot(Heap* heap) {
  const std::span<const Entry> now = entries();
  auto* copy = static_cast<Entry*>(heap->Allocate(std::max<size_t>(1, now.size_bytes())));
  std::uninitialized_copy(now.begin(), now.end(), copy);
  return {copy, now.size()};
}

void Map::Grow(Heap* heap, uint32_t capacity) {
  auto* grown = static_cast<Entry*>(heap->Allocate(capacity * sizeof(Entry)));
  std::uninitialized_copy(entries_, entries_ + size_, grown);
  entries_ = grown;
  capacity_ = capacity;
  if (capacity_ > kSearched) {
    index_ = static_cast<uint32_t*>(heap->Allocate(2 * capacity_ * sizeof(uint32_t)));
    BuildIndex();
  }
}

void Map::BuildIndex() {
  std::fill(index_, index_ + 2 * capacity_, kNone);
  for (uint32_t i = 0; i < size_; ++i) Link(i);
}

void Map::Link(uint32_t entry) {
  const uint32_t mask = 2 * capacity_ - 1;
  auto slot = static_cast<uint32_t>(Hash(entries_[entry].key)) & mask;
  while (index_[slot] != kNone) slot = (slot + 1) & mask;
  index_[slot] = entry;
}

uint32_t Map::SlotOf(uint32_t entry) const {
  const uint32_t mask = 2 * capacity_ - 1;
  auto slot = static_cast<uint32_t>(Hash(entries_[entry].key)) & mask;
  while (index_[slot] != entry) slot = (slot + 1) & mask;
  return slot;
}

// Those behind it that were pushed on by it move up, so that no search ends too early.
void Map::Unlink(uint32_t entry) {
  const uint32_t mask = 2 * capacity_ - 1;
  uint32_t hole = SlotOf(entry);
  for (uint32_t slot = (hole + 1) & mask; index_[slot] != kNone; slot = (slot + 1) & mask) {
    const auto home = static_cast<uint32_t>(Hash(entries_[index_[slot]].key)) & mask;
    if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
    index_[hole] = index_[slot];
    hole = slot;
  }
  index_[hole] = kNone;
}

}  // namespace headgate::templating::helm
