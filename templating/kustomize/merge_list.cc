#include <fmt/format.h>

#include <functional>
#include <unordered_map>
#include <utility>

#include "templating/kustomize/merge_walk.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Node;
using Texts = std::vector<std::string_view>;

// What an item has for a key of its list; "" for what has no text.
std::string_view KeyText(const Node& item, std::string_view key) {
  const Node* found = item.is_mapping() ? item.Find(key) : nullptr;
  return IsNothing(found) ? std::string_view() : found->text();
}

bool SameKeys(const Node& a, const Node& b, const Texts& keys) {
  for (std::string_view key : keys) {
    if (KeyText(a, key) != KeyText(b, key)) return false;
  }
  return true;
}

// Finds items by their keys: one by one where they are few, else by hash.
class ItemIndex {
 public:
  ItemIndex(const Node& list, const Texts& keys) : list_(list), keys_(keys) {
    if (list.size > kFew) index_.reserve(list.size);
  }

  // Whether no item with the same keys was added before.
  bool Add(size_t position) {
    const Node& item = *list_.items[position];
    if (Find(item) != kNone) return false;
    ++count_;
    if (list_.size > kFew) index_.emplace(Hash(item), position);
    return true;
  }
  size_t Find(const Node& item) const {
    if (list_.size <= kFew) {
      for (size_t i = 0; i < count_; ++i) {
        if (SameKeys(*list_.items[i], item, keys_)) return i;
      }
      return kNone;
    }
    const auto [first, last] = index_.equal_range(Hash(item));
    for (auto at = first; at != last; ++at) {
      if (SameKeys(*list_.items[at->second], item, keys_)) return at->second;
    }
    return kNone;
  }

  static constexpr size_t kNone = ~size_t{0};

 private:
  static constexpr size_t kFew = 8;

  size_t Hash(const Node& item) const {
    size_t hash = 0;
    for (std::string_view key : keys_) {
      hash = hash * 31 + std::hash<std::string_view>()(KeyText(item, key));
    }
    return hash;
  }

  const Node& list_;
  const Texts& keys_;
  size_t count_ = 0;  // items are added from the first on
  std::unordered_multimap<size_t, size_t> index_;
};

bool HasUniqueKeys(const Node& list, const Texts& keys) {
  ItemIndex index(list, keys);
  for (size_t i = 0; i < list.size; ++i) {
    if (!index.Add(i)) return false;
  }
  return true;
}

}  // namespace

bool IsRegular(const Node& dest, const Node* from, const Texts& keys, Texts* used) {
  for (std::string_view key : keys) {
    size_t with = 0, without = 0;
    for (const Node* list : {&dest, from}) {
      if (!list) continue;
      for (const Node* item : list->children()) ++(KeyText(*item, key).empty() ? without : with);
    }
    if (with > 0 && without > 0) return false;
    if (with > 0) used->push_back(key);
  }
  if (used->empty()) return dest.size == 0 && (!from || from->size == 0);
  return HasUniqueKeys(dest, *used) && (!from || from == &dest || HasUniqueKeys(*from, *used));
}

core::Result<Node*> Merge::WalkList(Node* dest, Node* from, SchemaType type) {
  Node* list = dest;
  if (IsNothing(dest)) {
    list = from;
    if (list->size > 0) list->style = yaml::Style::kBlock;  // what is added is written anew
  } else if (from && from->is_null()) {
    return nullptr;
  } else if (from) {
    const core::Result<Directive> directive = TakeListDirective(from);
    if (!directive) return directive.error();
    if (*directive == Directive::kDelete) return nullptr;
    if (*directive == Directive::kReplace) list = from;
  }
  const Texts keys = type.keys();
  Texts used;
  core::Status done = core::Ok();
  if (!keys.empty() && IsRegular(*list, from, keys, &used)) {
    done = MergeRegular(list, from, type.Items(), used);
  } else {
    done = MergeIrregular(list, from, type.Items(), keys.empty() ? Texts{""} : keys);
  }
  if (!done) return done.error();
  return list;
}

// An item that has a directive and nothing else is about its list.
core::Result<Directive> Merge::TakeListDirective(Node* patch) {
  for (const Node* item : patch->children()) {
    const Node* value = item->is_mapping() ? item->Find("$patch") : nullptr;
    if (!value) continue;
    if (item->entries() > 1) break;
    const Directive directive = ParseDirective(value->text());
    if (directive == Directive::kUnknown) {
      return Fail(
          fmt::format("$patch: delete, replace or merge expected, found \"{}\"", value->text()),
          *value);
    }
    Items items(patch->children().begin(), patch->children().end());
    core::Status done = SetItem({"$patch"}, {value->text()}, nullptr, &items);
    if (!done) return done.error();
    std::copy(items.begin(), items.end(), patch->items);
    patch->size = static_cast<uint32_t>(items.size());
    return directive;
  }
  return Directive::kMerge;
}

// Every item alone, or with itself.
core::Status Merge::WalkItems(Node* list, bool with_itself, SchemaType item_type) {
  uint32_t kept = 0;
  for (Node* item : list->children()) {
    core::Result<Node*> walked = Walk(item, with_itself ? item : nullptr, item_type);
    if (!walked) return walked.error();
    if (IsNothing(*walked) || (*walked)->size == 0) continue;
    list->items[kept++] = item;
  }
  list->size = kept;
  return core::Ok();
}

// Items of the patch come first, in its order; those that were there before among them, unless the
// list has several keys.
core::Status Merge::MergeRegular(Node* dest, Node* from, SchemaType item_type, const Texts& keys) {
  if (!from || from == dest) return WalkItems(dest, from == dest, item_type);
  ItemIndex index(*dest, keys);
  for (size_t i = 0; i < dest->size; ++i) index.Add(i);
  enum class Fate : uint8_t { kUntouched, kPlaced, kGone };
  std::vector<Fate> fates(dest->size, Fate::kUntouched);
  Items merged;
  merged.reserve(dest->size + from->size);
  for (Node* change : from->children()) {
    const size_t at = index.Find(*change);
    Node* item = at == ItemIndex::kNone ? nullptr : dest->items[at];
    core::Result<Node*> walked = Walk(item, change, item_type);
    if (!walked) return walked.error();
    const bool gone = IsNothing(*walked) || (*walked)->size == 0;
    if (item) fates[at] = gone ? Fate::kGone : Fate::kPlaced;
    if (gone || (item && keys.size() > 1)) continue;
    merged.push_back(item ? item : *walked);
  }
  for (size_t i = 0; i < dest->size; ++i) {
    if (fates[i] == Fate::kGone || (fates[i] == Fate::kPlaced && keys.size() == 1)) continue;
    if (fates[i] == Fate::kUntouched) {
      core::Result<Node*> walked = Walk(dest->items[i], nullptr, item_type);
      if (!walked) return walked.error();
    }
    merged.push_back(dest->items[i]);
  }
  dest->Clear();
  for (Node* item : merged) dest->Append(arena_, item);
  return core::Ok();
}

}  // namespace headgate::templating::kustomize
