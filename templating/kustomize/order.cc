#include "templating/kustomize/order.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include "templating/kustomize/kind_order.h"

namespace headgate::templating::kustomize {
namespace {

// By kind: below 0 for those that come first, above 0 for those that come last.
using Ranks = std::unordered_map<std::string_view, int>;

template <class First, class Last>
Ranks RanksOf(const First& first, const Last& last) {
  Ranks ranks;
  int rank = -static_cast<int>(std::size(first));
  for (std::string_view kind : first) ranks[kind] = rank++;
  rank = 0;
  for (std::string_view kind : last) ranks[kind] = ++rank;
  return ranks;
}

std::string_view Or(std::string_view text, std::string_view instead) {
  return text.empty() ? instead : text;
}

// What kustomize compares: the kind's rank, then texts in which something stands for what is
// missing.
struct Key {
  int rank;
  bool core_namespace;  // a Namespace without a group
  std::string gvk, id;
  const Resource* resource;
};

Key KeyOf(const Resource& resource, const Ranks& ranks) {
  const Id& id = resource.id;
  const auto rank = ranks.find(id.kind);
  Key key{rank == ranks.end() ? 0 : rank->second, false, "", "", &resource};
  key.core_namespace = id.kind == "Namespace" && id.group.empty();
  key.gvk = fmt::format("{}_{}_{}", Or(id.group, "~G"), Or(id.version, "~V"), Or(id.kind, "~K"));
  key.id = fmt::format("{}.{}.{}|{}|{}", Or(id.kind, "[noKind]"), Or(id.version, "[noVer]"),
                       Or(id.group, "[noGrp]"), Or(id.namespace_name, "~X"), Or(id.name, "~N"));
  return key;
}

bool Before(const Key& a, const Key& b) {
  if (SameGvk(a.resource->id, b.resource->id)) return a.id < b.id;
  if (a.rank != b.rank) return a.rank < b.rank;
  const bool namespaces = a.resource->id.kind == "Namespace" && b.resource->id.kind == "Namespace";
  if (namespaces && (a.core_namespace || b.core_namespace)) return a.gvk > b.gvk;
  return a.gvk < b.gvk;
}

core::Status SortBy(const Ranks& ranks, ResourceMap* all) {
  std::vector<Key> keys;
  keys.reserve(all->size());
  for (const auto& resource : all->all()) keys.push_back(KeyOf(*resource, ranks));
  std::stable_sort(keys.begin(), keys.end(), Before);

  std::unordered_map<const Resource*, std::unique_ptr<Resource>> taken;
  for (std::unique_ptr<Resource>& each : all->TakeAll()) {
    const Resource* at = each.get();
    taken[at] = std::move(each);
  }
  for (const Key& key : keys) {
    if (core::Status fine = all->Append(std::move(taken[key.resource])); !fine) return fine;
  }
  return core::Ok();
}

}  // namespace

core::Status SortLegacy(ResourceMap* all) { return SortBy(RanksOf(kFirstKinds, kLastKinds), all); }

core::Status Sort(const SortOptions& options, std::string_view file, ResourceMap* all) {
  if (options.order != "legacy" && options.order != "fifo") {
    return core::Invalid(fmt::format("{}: sortOptions.order: legacy or fifo expected, found \"{}\"",
                                     file, options.order));
  }
  if (options.order == "fifo") {
    if (!options.legacy) return core::Ok();
    return core::Invalid(fmt::format(
        "{}: sortOptions.legacySortOptions: is only for order: legacy, found fifo", file));
  }
  if (!options.legacy) return SortLegacy(all);
  return SortBy(RanksOf(options.legacy->first, options.legacy->last), all);
}

}  // namespace headgate::templating::kustomize
