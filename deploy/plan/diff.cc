#include "deploy/plan/diff.h"

#include <algorithm>
#include <iterator>
#include <random>

#include "core/hash.h"
#include "core/object.h"
#include "deploy/plan/merge_keys.h"
#include "deploy/plan/quantity.h"

namespace headgate::deploy {
namespace {

// Maps whose values are quantities.
constexpr std::string_view kQuantityMaps[] = {"limits", "requests", "capacity", "hard",
                                              "max",    "min",      "default",  "defaultRequest"};
constexpr std::string_view kQuantityFields[] = {"sizeLimit", "averageValue", "divisor"};

// What a server keeps for itself.
constexpr std::string_view kServerMetadata[] = {"managedFields", "resourceVersion",   "generation",
                                                "uid",           "creationTimestamp", "selfLink"};

template <size_t kSize>
bool IsOneOf(const std::string_view (&words)[kSize], std::string_view word) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

std::string_view LastOf(std::string_view path) { return path.substr(path.rfind('.') + 1); }

std::string_view ParentOf(std::string_view path) {
  const size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? "" : LastOf(path.substr(0, dot));
}

bool IsQuantity(std::string_view names) {
  return IsOneOf(kQuantityMaps, ParentOf(names)) || IsOneOf(kQuantityFields, LastOf(names));
}

// Walks two trees at once. `names` is the path of field names alone, for the tables; `shown` has
// the list items too.
class Differ {
 public:
  // `both`: fields that only `to` lacks count too.
  explicit Differ(bool both) : both_(both) {}

  void Compare(const core::Value* from, const core::Value* to, const std::string& names,
               const std::string& shown) {
    const bool no_from = !from || from->is_null();
    const bool no_to = !to || to->is_null();
    if (no_from && no_to) return;
    if (no_to && !both_) return;
    if (no_from || no_to) return Note(shown, no_from ? nullptr : from, no_to ? nullptr : to);
    if (*from == *to) return;
    if (from->is_map() && to->is_map()) return CompareMaps(*from, *to, names, shown);
    if (from->is_list() && to->is_list()) return CompareLists(*from, *to, names, shown);
    if (from->is_number() && to->is_number() && SameQuantity(*from, *to)) return;
    if (IsQuantity(names) && SameQuantity(*from, *to)) return;
    Note(shown, from, to);
  }

  FieldDiffs Take() { return std::move(diffs_); }

 private:
  static std::string Under(const std::string& path, const std::string& name) {
    return path.empty() ? name : path + "." + name;
  }

  void Note(const std::string& shown, const core::Value* from, const core::Value* to) {
    FieldDiff diff{shown, std::nullopt, std::nullopt};
    if (from) diff.from = *from;
    if (to) diff.to = *to;
    diffs_.push_back(std::move(diff));
  }

  void CompareMaps(const core::Value& from, const core::Value& to, const std::string& names,
                   const std::string& shown) {
    for (const core::Map::Entry& entry : *to.AsMap()) {
      Compare(from.Find(entry.first), &entry.second, Under(names, entry.first),
              Under(shown, entry.first));
    }
    if (!both_) return;
    for (const core::Map::Entry& entry : *from.AsMap()) {
      if (to.Find(entry.first)) continue;
      Compare(&entry.second, nullptr, Under(names, entry.first), Under(shown, entry.first));
    }
  }

  void CompareLists(const core::Value& from, const core::Value& to, const std::string& names,
                    const std::string& shown) {
    const core::List& before = *from.AsList();
    const core::List& after = *to.AsList();
    if (const auto keys = MergeKeysOf(names); !keys.empty()) {
      for (const core::Value& item : after) {
        Compare(FindByKeys(before, item, keys), &item, names, shown + ShowKeys(item, keys));
      }
      for (const core::Value& item : before) {
        if (!both_ || FindByKeys(after, item, keys)) continue;
        Compare(&item, nullptr, names, shown + ShowKeys(item, keys));
      }
      return;
    }
    if (before.size() != after.size()) return Note(shown, &from, &to);
    for (size_t i = 0; i < after.size(); ++i) {
      Compare(&before[i], &after[i], names, shown + "[" + std::to_string(i) + "]");
    }
  }

  const bool both_;
  FieldDiffs diffs_;
};

// Neither what the server keeps nor the status, which is not ours to apply.
core::Value Comparable(const core::Value& body) {
  core::Value copy = body;
  core::Map& map = copy.MakeMap();
  map.Erase("status");
  if (core::Value* metadata = copy.Find("metadata"); metadata && metadata->is_map()) {
    for (const std::string_view key : kServerMetadata) metadata->AsMap()->Erase(key);
  }
  return copy;
}

std::string Mask(const core::Value& value) {
  static const std::string kKey = [] {
    std::random_device device;
    std::string key;
    for (int i = 0; i < 8; ++i) key += std::to_string(device()) + ".";
    return key;
  }();
  return "***(" + std::string(core::Short(core::Sha256(kKey + core::ContentHash(value)), 6)) + ")";
}

}  // namespace

FieldDiffs DiffOnWanted(const core::Value& wanted, const core::Value& live) {
  const core::Value to = Comparable(wanted);
  Differ differ(/*both=*/false);
  differ.Compare(&live, &to, "", "");
  return differ.Take();
}

FieldDiffs DiffStates(const core::Value& before, const core::Value& after) {
  const core::Value from = Comparable(before);
  const core::Value to = Comparable(after);
  Differ differ(/*both=*/true);
  differ.Compare(&from, &to, "", "");
  return differ.Take();
}

core::Value Masked(const core::Value& body) {
  if (!core::IsKind(body, "", "Secret")) return body;
  core::Value copy = body;
  for (const std::string_view field : {"data", "stringData"}) {
    core::Value* data = copy.Find(field);
    if (!data || !data->is_map()) continue;
    for (core::Map::Entry& entry : *data->AsMap()) entry.second = Mask(entry.second);
  }
  // kubectl apply keeps a copy of all data in it.
  constexpr std::string_view kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";
  if (core::Value* last = copy.Find("metadata", "annotations", kLastApplied)) *last = Mask(*last);
  return copy;
}

}  // namespace headgate::deploy
