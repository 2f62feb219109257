#include "templating/kustomize/references_index.h"

#include <algorithm>

namespace headgate::templating::kustomize {
namespace {

enum class By : uint8_t { kName, kPresent, kOriginal };

size_t KeyOf(By by, std::string_view name, std::string_view space) {
  const std::hash<std::string_view> hash;
  return (hash(name) * 31 + hash(space)) * 31 + static_cast<size_t>(by);
}

bool WasCalled(const Resource& resource, std::string_view name) {
  return std::any_of(resource.previous.begin(), resource.previous.end(),
                     [&](const auto& each) { return each.name == name; });
}

// The first that is no other way of an earlier name.
bool IsNew(const std::vector<Resource::Previous>& previous, size_t at) {
  return std::none_of(previous.begin(), previous.begin() + static_cast<std::ptrdiff_t>(at),
                      [&](const auto& each) { return each.name == previous[at].name; });
}

}  // namespace

std::string_view ClusterScope() { return EffectiveNamespace(Id{"", "", "", "", "", true}); }

FormerNames::FormerNames(const ResourceMap& all) {
  index_.Clear(3 * all.size());
  for (const auto& each : all.all()) {
    const std::string_view present = EffectiveNamespace(each->id);
    const Id first = OriginalId(*each);
    const std::string_view original = EffectiveNamespace(first);
    if (original != ClusterScope()) {
      originals_.insert({original, {}});
      originals_.insert({original, present});
    }
    for (size_t i = 0; i < each->previous.size(); ++i) {
      if (!IsNew(each->previous, i)) continue;
      const std::string_view name = each->previous[i].name;
      index_.Add(KeyOf(By::kName, name, {}), each.get());
      index_.Add(KeyOf(By::kPresent, name, present), each.get());
      index_.Add(KeyOf(By::kOriginal, name, original), each.get());
    }
  }
}

void FormerNames::Find(std::string_view name, std::vector<Resource*>* found) const {
  index_.ForEach(KeyOf(By::kName, name, {}), [&](Resource* each) {
    if (WasCalled(*each, name)) found->push_back(each);
  });
}

void FormerNames::FindIn(std::string_view name, std::string_view space,
                         std::vector<Resource*>* found) const {
  index_.ForEach(KeyOf(By::kPresent, name, space), [&](Resource* each) {
    if (EffectiveNamespace(each->id) == space && WasCalled(*each, name)) found->push_back(each);
  });
}

void FormerNames::FindFrom(std::string_view name, std::string_view space,
                           std::vector<Resource*>* found) const {
  index_.ForEach(KeyOf(By::kOriginal, name, space), [&](Resource* each) {
    const Id first = OriginalId(*each);
    if (EffectiveNamespace(first) == space && WasCalled(*each, name)) found->push_back(each);
  });
}

}  // namespace headgate::templating::kustomize
