#include "templating/kustomize_first/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/object.h"
#include "templating/kustomize_first/merge_keys.h"

namespace headgate::templating {
namespace {

enum class Directive { kMerge, kReplace, kDelete };

// What a merge leaves: a value, or nothing (the field goes).
using Merged = core::Result<std::optional<core::Value>>;

core::Result<Directive> ParseDirective(const core::Value& value) {
  const std::string* text = value.AsString();
  if (text && *text == "merge") return Directive::kMerge;
  if (text && *text == "replace") return Directive::kReplace;
  if (text && *text == "delete") return Directive::kDelete;
  return core::Invalid("$patch: merge, replace or delete expected");
}

// Takes "$patch" out of a mapping, or the element {$patch: ...} out of a list.
core::Result<Directive> TakeDirective(core::Value* patch) {
  if (core::Map* map = patch->AsMap()) {
    const core::Value* found = map->Find("$patch");
    if (!found) return Directive::kMerge;
    core::Result<Directive> directive = ParseDirective(*found);
    map->Erase("$patch");
    return directive;
  }
  core::List* list = patch->AsList();
  if (!list) return Directive::kMerge;
  auto found = std::find_if(list->begin(), list->end(), [](const core::Value& item) {
    return item.is_map() && item.AsMap()->size() == 1 && item.Find("$patch");
  });
  if (found == list->end()) return Directive::kMerge;
  core::Result<Directive> directive = ParseDirective(*found->Find("$patch"));
  list->erase(found);
  return directive;
}

std::string KeyOf(const core::Value& item, const std::string& key) {
  const core::Value* found = item.Find(key);
  if (!found || found->is_null()) return "";
  return found->AsString() ? *found->AsString() : core::ToJson(*found);
}

// Whether two items are the same one: no key differs, and one at least is given by both. A key that
// one of them does not give (a port's protocol) fits any.
bool SameItem(const core::Value& a, const core::Value& b, const std::vector<std::string>& keys) {
  bool common = false;
  for (const std::string& key : keys) {
    const std::string left = KeyOf(a, key), right = KeyOf(b, key);
    if (left.empty() || right.empty()) continue;
    if (left != right) return false;
    common = true;
  }
  return common;
}

class Merger {
 public:
  explicit Merger(const MergeKeys& keys) : keys_(keys) {}

  // `dest` or `patch` may be nullptr. `field` is the name under which they stand, `parent` the one
  // above it.
  Merged Merge(const core::Value* dest, const core::Value* patch, const std::string& field,
               const std::string& parent) {
    if (!patch) return std::optional<core::Value>(*dest);
    if (patch->is_null()) return std::optional<core::Value>();
    if (dest && dest->is_null()) dest = nullptr;
    if (dest && (dest->is_map() != patch->is_map() || dest->is_list() != patch->is_list())) {
      return core::Invalid(
          fmt::format("{}: the patch has a {}, the object a {}", field, Kind(*patch), Kind(*dest)));
    }
    if (patch->is_map()) return MergeMaps(dest, *patch, field);
    if (!patch->is_list()) return std::optional<core::Value>(*patch);
    const std::vector<std::string>* keys = keys_.Find(field, parent);
    if (!keys) return std::optional<core::Value>(*patch);
    return MergeLists(dest, *patch, field, *keys);
  }

 private:
  static const char* Kind(const core::Value& value) {
    return value.is_map() ? "mapping" : value.is_list() ? "list" : "scalar";
  }

  Merged MergeMaps(const core::Value* dest, core::Value patch, const std::string& field) {
    core::Result<Directive> directive = TakeDirective(&patch);
    if (!directive) return directive.error().In(field);
    if (*directive == Directive::kDelete) return std::optional<core::Value>();
    const bool fresh = !dest || *directive == Directive::kReplace;
    core::Value result = fresh ? core::Value(core::Map()) : *dest;
    result.set_mark(dest ? dest->mark() : patch.mark());
    for (core::Map::Entry& entry : *patch.AsMap()) {
      // A list's items are named by the list: "containers" is the parent of "env".
      const core::Value* old = fresh ? nullptr : dest->Find(entry.first);
      Merged merged = Merge(old, &entry.second, entry.first, field);
      if (!merged) return field.empty() ? merged.error() : merged.error().In(field);
      if (*merged) {
        result.AsMap()->Set(entry.first, **std::move(merged));
      } else {
        result.AsMap()->Erase(entry.first);
      }
    }
    return std::optional<core::Value>(std::move(result));
  }

  Merged MergeLists(const core::Value* dest, core::Value patch, const std::string& field,
                    const std::vector<std::string>& keys) {
    core::Result<Directive> directive = TakeDirective(&patch);
    if (!directive) return directive.error().In(field);
    if (*directive == Directive::kDelete) return std::optional<core::Value>();
    core::List old;
    if (dest && *directive == Directive::kMerge) old = *dest->AsList();
    core::List result;
    for (const core::Value& item : *patch.AsList()) {
      // Without keys the list is a set of scalars: metadata.finalizers.
      auto same = std::find_if(old.begin(), old.end(), [&](const core::Value& each) {
        return keys.empty() ? each == item : SameItem(each, item, keys);
      });
      const core::Value* found = same == old.end() ? nullptr : &*same;
      Merged merged = Merge(found, &item, field, field);
      if (!merged) return merged.error();
      const bool empty = !*merged || ((*merged)->is_map() && (*merged)->AsMap()->empty());
      if (found && keys.size() > 1 && !empty) {
        // With several keys the reference leaves what is there in its place.
        *same = **std::move(merged);
        continue;
      }
      if (found) old.erase(same);
      if (empty) continue;
      auto twice = std::find_if(result.begin(), result.end(), [&](const core::Value& each) {
        return keys.empty() ? each == **merged : SameItem(each, **merged, keys);
      });
      if (twice != result.end()) {
        *twice = **std::move(merged);
      } else {
        result.push_back(**std::move(merged));
      }
    }
    result.insert(result.end(), old.begin(), old.end());
    core::Value list(std::move(result));
    list.set_mark(dest ? dest->mark() : patch.mark());
    return std::optional<core::Value>(std::move(list));
  }

  const MergeKeys& keys_;
};

}  // namespace

core::Status ApplyStrategicMerge(const core::Value& patch, core::Value* body, bool* deleted) {
  const MergeKeys keys = MergeKeys::For(*body);
  Merged merged = Merger(keys).Merge(body, &patch, "", "");
  if (!merged) return merged.error();
  *deleted = !*merged;
  if (*merged) *body = **std::move(merged);
  return core::Ok();
}

}  // namespace headgate::templating
