#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "templating/kustomize/field_path.h"
#include "templating/kustomize/merge_walk.h"

// Merges lists of scalars, and lists of mappings in which some lack the keys by which they would be
// told apart, or have the same ones. What comes out is what kustomize's steps happen to make of
// them, so these are its steps. Source: kustomize 5.8.1, kyaml/yaml/walk/associative_sequence.go
// and kyaml/yaml/fns.go.
namespace headgate::templating::kustomize {
namespace {

using yaml::Node;
using Texts = std::vector<std::string_view>;

// Of both lists together.
constexpr size_t kIrregularItemsMax = 4096;

std::string_view KeyText(const Node& item, std::string_view key) {
  const Node* found = item.is_mapping() ? item.Find(key) : nullptr;
  return IsNothing(found) ? std::string_view() : found->text();
}

// What tells each item apart: its keys' values, or its own where there are no keys. Once each; the
// patch's first.
std::vector<Texts> ValuesOf(const Node* first, const Node& then, const Texts& keys) {
  std::vector<Texts> all;
  std::set<Texts> seen;
  for (const Node* list : {first, &then}) {
    if (!list) continue;
    for (const Node* item : list->children()) {
      Texts values;
      for (std::string_view key : keys) {
        values.push_back(key.empty() ? item->text() : KeyText(*item, key));
      }
      if (seen.insert(values).second) all.push_back(std::move(values));
    }
  }
  return all;
}

// Both in one, where they share a value and the others are missing on one side at least.
bool Unite(const Texts& a, const Texts& b, Texts* united) {
  bool shared = false;
  united->clear();
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && !a[i].empty() && !b[i].empty()) return false;
    shared = shared || a[i] == b[i];
    united->push_back(a[i].empty() ? b[i] : a[i]);
  }
  return shared;
}

// A port without a protocol is the port with one.
void UniteAll(std::vector<Texts>* all) {
  Texts united;
  for (size_t i = 0; i < all->size(); ++i) {
    const Texts one = (*all)[i];
    for (Texts& other : *all) {
      if (!Unite(one, other, &united)) continue;
      other = united;
      (*all)[i] = united;
    }
  }
}

struct Pairs {
  Texts keys, values;
};

// Without the keys that no one of `all` has a value for; with all keys if none has any.
Pairs Select(const Texts& keys, const Texts& values, const std::vector<Texts>& all) {
  Pairs selected;
  for (size_t i = 0; i < keys.size(); ++i) {
    const bool used =
        std::any_of(all.begin(), all.end(), [&](const Texts& each) { return !each[i].empty(); });
    if (!used) continue;
    selected.keys.push_back(keys[i]);
    selected.values.push_back(values[i]);
  }
  return selected.keys.empty() ? Pairs{keys, values} : selected;
}

// The first item with such keys.
Node* FindItem(std::span<Node* const> items, const Pairs& wanted) {
  const auto fits = [&](const Node* item) {
    if (wanted.keys[0].empty()) return item->text() == wanted.values[0];
    for (size_t i = 0; i < wanted.keys.size(); ++i) {
      const Node* field = item->is_mapping() ? item->Find(wanted.keys[i]) : nullptr;
      if (!field || field->text() != wanted.values[i]) return false;
    }
    return true;
  };
  const auto found = std::find_if(items.begin(), items.end(), fits);
  return found == items.end() ? nullptr : *found;
}

bool IsGone(const Node* item) { return IsNothing(item) || (item->is_mapping() && item->size == 0); }

}  // namespace

// Where a value is missing, any will do; a key without a partner among the values fits whatever
// the one before it did.
core::Result<bool> Merge::Fits(const Node& item, const Texts& keys, const Texts& values) {
  bool fits = false;
  for (size_t i = 0; i < keys.size(); ++i) {
    if (i < values.size()) {
      if (keys[i].empty()) {
        if (!item.is_scalar()) return Mismatch("a scalar", item);
        fits = item.text() == values[i];
      } else {
        if (!item.is_mapping()) return Mismatch("a mapping", item);
        const Node* field = item.Find(keys[i]);
        fits = field && (values[i].empty() || field->text() == values[i]);
      }
    }
    if (!fits) return false;
  }
  return true;
}

// Puts an item in the place of those with such keys, or at the end; nullptr removes them. Empty
// items go, and without values all that do not fit.
core::Status Merge::SetItem(const Texts& keys, const Texts& values, Node* item, Items* list) {
  const bool of_mappings = !keys[0].empty() && !values.empty() && !values[0].empty();
  Items kept;
  bool placed = false;
  for (Node* each : *list) {
    if (IsGone(each)) continue;
    if (!each->is_mapping() && of_mappings) {
      kept.push_back(each);
      continue;
    }
    const core::Result<bool> fits = Fits(*each, keys, values);
    if (!fits) return fits.error();
    if (!*fits) {
      if (!values.empty()) kept.push_back(each);
      continue;
    }
    placed = true;
    if (item) kept.push_back(item);
  }
  *list = std::move(kept);
  if (!IsNothing(item) && !placed) list->push_back(item);
  return core::Ok();
}

core::Status Merge::AppendList(const Items& from, const Texts& keys, Items* list) {
  for (Node* item : from) {
    Texts values;
    for (std::string_view key : keys) {
      if (key.empty()) {
        values.push_back(item->text());
        continue;
      }
      if (!item->is_null() && !item->is_mapping()) return Mismatch("a mapping", *item);
      if (const Node* value = item->Find(key)) {
        values.push_back(value->text());
      } else {
        list->push_back(item);
      }
    }
    if (keys.size() > 1) {
      core::Status done = SetItem(keys, values, nullptr, list);
      if (!done) return done;
    }
    core::Status done = SetItem(keys, values, item, list);
    if (!done) return done;
  }
  return core::Ok();
}

// Gives an item the keys that it was found by.
core::Status Merge::Complete(const Texts& keys, const Texts& values, Node* item) {
  for (size_t i = 0; i < keys.size(); ++i) {
    if (values[i].empty() || item->Find(keys[i])) continue;
    core::Status done = SetEntry(keys[i], values[i], yaml::Tag::kNone, arena_, item);
    if (!done) return Mismatch("a mapping", *item);
  }
  return core::Ok();
}

core::Status Merge::MergeIrregular(Node* dest, Node* from, SchemaType item_type,
                                   const Texts& keys) {
  const size_t size = dest->size + (from ? from->size : 0);
  if (size > kIrregularItemsMax) {
    return Fail(fmt::format("at most {} items expected in a list where some have the same {} or "
                            "none, found {}",
                            kIrregularItemsMax, fmt::join(keys, ", "), size),
                *dest);
  }
  std::vector<Texts> all = ValuesOf(from, *dest, keys);
  if (all.empty()) return core::Ok();
  if (keys.size() > 1) UniteAll(&all);

  Items old(dest->children().begin(), dest->children().end());
  const Items changes = from ? Items(from->children().begin(), from->children().end()) : Items();
  const bool with_itself = dest == from;
  Items merged;
  Texts used;
  for (const Texts& values : all) {
    const Pairs wanted = Select(keys, values, all);
    used = wanted.keys;
    const Pairs present = Select(wanted.keys, wanted.values, {wanted.values});
    Node* item = FindItem(old, present);
    Node* change = FindItem(with_itself ? old : changes, present);
    core::Result<Node*> walked = Walk(item, change, item_type);
    if (!walked) return walked.error();
    if (IsGone(*walked)) {
      core::Status done = SetItem(wanted.keys, wanted.values, nullptr, &old);
      if (!done) return done;
      continue;
    }
    core::Status done = Complete(wanted.keys, wanted.values, *walked);
    if (done) done = SetItem(wanted.keys, wanted.values, *walked, &merged);
    if (!done) return done;
  }
  core::Status done = AppendList(old, used, &merged);
  if (!done) return done;
  dest->Clear();
  for (Node* item : merged) dest->Append(arena_, item);
  return core::Ok();
}

}  // namespace headgate::templating::kustomize
