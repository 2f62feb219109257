#pragma once

#include <cstdint>
#include <vector>

#include "templating/kustomize/resource.h"

namespace headgate::templating::kustomize {

// Resources by hashes of names. A hash may have many, and a resource many hashes. Adding takes
// constant time, and so does finding the first of a hash.
class HashIndex {
 public:
  // None, with room for so many.
  void Clear(size_t expected) {
    size_t slots = 16;
    while (slots < 2 * expected) slots *= 2;
    slots_.assign(slots, Slot());
    links_.clear();
    links_.reserve(expected);
    used_ = 0;
  }

  void Add(size_t hash, Resource* resource) {
    if (2 * (used_ + 1) > slots_.size()) Grow();
    Slot& slot = SlotOf(hash);
    if (slot.first == kNone) {
      slot.hash = hash;
      ++used_;
    }
    links_.push_back({resource, slot.first});
    slot.first = static_cast<uint32_t>(links_.size() - 1);
  }

  template <class Visit>
  void ForEach(size_t hash, Visit visit) const {
    if (slots_.empty()) return;
    for (uint32_t at = SlotOf(hash).first; at != kNone; at = links_[at].next) {
      visit(links_[at].resource);
    }
  }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  struct Slot {
    size_t hash = 0;
    uint32_t first = kNone;
  };
  struct Link {
    Resource* resource;
    uint32_t next;
  };

  template <class Slots>
  static auto& SlotIn(Slots& slots, size_t hash) {
    const size_t mask = slots.size() - 1;
    size_t at = (hash ^ (hash >> 29)) & mask;
    while (slots[at].first != kNone && slots[at].hash != hash) at = (at + 1) & mask;
    return slots[at];
  }
  Slot& SlotOf(size_t hash) { return SlotIn(slots_, hash); }
  const Slot& SlotOf(size_t hash) const { return SlotIn(slots_, hash); }

  void Grow() {
    std::vector<Slot> slots(slots_.empty() ? 16 : 2 * slots_.size());
    for (const Slot& slot : slots_) {
      if (slot.first != kNone) SlotIn(slots, slot.hash) = slot;
    }
    slots_ = std::move(slots);
  }

  std::vector<Slot> slots_;  // a power of two of them, at most half of them used
  std::vector<Link> links_;
  size_t used_ = 0;
};

}  // namespace headgate::templating::kustomize
