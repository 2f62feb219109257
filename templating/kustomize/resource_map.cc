#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "templating/kustomize/resource.h"
#include "templating/kustomize/resource_index.h"

namespace headgate::templating::kustomize {
namespace {

// Apart from all positions: of a resource that was removed, but that an index still knows.
constexpr size_t kRemoved = std::numeric_limits<size_t>::max();

size_t HashOf(std::string_view text) { return std::hash<std::string_view>()(text); }

size_t KeyOf(std::string_view kind, std::string_view name, std::string_view space) {
  return (HashOf(kind) * 31 + HashOf(name)) * 31 + HashOf(space);
}
size_t KeyOf(const Id& id) { return KeyOf(id.kind, id.name, EffectiveNamespace(id)); }

std::string PlaceOf(const Resource& resource) {
  if (resource.file.empty()) return "a generator";
  if (resource.body->line == 0) return std::string(resource.file);
  return fmt::format("{}:{}", resource.file, resource.body->line);
}

std::string Where(const Resource& resource) {
  if (resource.file.empty()) return Show(resource.id);
  return fmt::format("{}: {}", PlaceOf(resource), Show(resource.id));
}

}  // namespace

// Both know resources also by names that they no longer have: what is found is looked at again.
struct ResourceMap::Indexes {
  HashIndex current;  // by KeyOf the present id
  HashIndex any;      // by KeyOf the present and all previous ids, and by the hash of their names
  bool current_is_good = false, any_is_good = false;
  std::vector<std::unique_ptr<Resource>> removed;
  size_t next_position = 0;

  void AddToAny(Resource* resource) {
    any.Add(KeyOf(resource->id), resource);
    any.Add(HashOf(resource->id.name), resource);
    for (const Resource::Previous& each : resource->previous) {
      any.Add(KeyOf(each.kind, each.name, each.namespace_name), resource);
      any.Add(HashOf(each.name), resource);
    }
  }
  void Add(Resource* resource) {
    if (current_is_good) current.Add(KeyOf(resource->id), resource);
    if (any_is_good) AddToAny(resource);
  }
  void Forget() { current_is_good = any_is_good = false; }
};

ResourceMap::ResourceMap(Build* build) : build_(build), indexes_(std::make_unique<Indexes>()) {}
ResourceMap::ResourceMap(ResourceMap&&) noexcept = default;
ResourceMap& ResourceMap::operator=(ResourceMap&&) noexcept = default;
ResourceMap::~ResourceMap() = default;

// The resources of an index's chain that fit, each once and in order.
template <class Fits>
static std::vector<Resource*> Collect(const HashIndex& index, size_t key, Fits fits) {
  std::vector<Resource*> found;
  index.ForEach(key, [&](Resource* each) {
    if (each->position != kRemoved && fits(*each)) found.push_back(each);
  });
  if (found.size() > 1) {
    std::sort(found.begin(), found.end(),
              [](const Resource* a, const Resource* b) { return a->position < b->position; });
    found.erase(std::unique(found.begin(), found.end()), found.end());
  }
  return found;
}

std::vector<Resource*> ResourceMap::FindCurrent(const Id& id) const {
  if (!indexes_->current_is_good) {
    indexes_->current.Clear(all_.size());
    for (const auto& each : all_) indexes_->current.Add(KeyOf(each->id), each.get());
    indexes_->current_is_good = true;
  }
  return Collect(indexes_->current, KeyOf(id),
                 [&](const Resource& each) { return Same(each.id, id); });
}

const HashIndex& ResourceMap::AnyIndex() const {
  if (!indexes_->any_is_good) {
    indexes_->any.Clear(4 * all_.size());
    for (const auto& each : all_) indexes_->AddToAny(each.get());
    indexes_->any_is_good = true;
  }
  return indexes_->any;
}

std::vector<Resource*> ResourceMap::FindAny(const Id& id) const {
  return Collect(AnyIndex(), KeyOf(id), [&](const Resource& each) {
    return Same(each.id, id) ||
           std::any_of(each.previous.begin(), each.previous.end(),
                       [&](const auto& previous) { return Same(PreviousId(each, previous), id); });
  });
}

std::vector<Resource*> ResourceMap::FindNamed(std::string_view name) const {
  return Collect(AnyIndex(), HashOf(name), [&](const Resource& each) {
    return each.id.name == name ||
           std::any_of(each.previous.begin(), each.previous.end(),
                       [&](const auto& previous) { return previous.name == name; });
  });
}

core::Status ResourceMap::Append(std::unique_ptr<Resource> resource) {
  resource->id = IdOf(*resource->body, *build_);
  if (const auto same = FindCurrent(resource->id); !same.empty()) {
    return core::Invalid(fmt::format("{}: may not be added, its id is there already, from {}",
                                     Where(*resource), PlaceOf(*same.front())));
  }
  resource->position = indexes_->next_position++;
  all_.push_back(std::move(resource));
  indexes_->Add(all_.back().get());
  return core::Ok();
}

core::Status ResourceMap::AppendAll(ResourceMap other) {
  for (auto& each : other.all_) {
    core::Status appended = Append(std::move(each));
    if (!appended) return appended;
  }
  return core::Ok();
}

core::Status ResourceMap::Absorb(ResourceMap other) {
  for (auto& each : other.all_) {
    core::Status absorbed = AbsorbOne(std::move(each));
    if (!absorbed) return absorbed;
  }
  return core::Ok();
}

core::Status ResourceMap::AbsorbOne(std::unique_ptr<Resource> resource) {
  resource->id = IdOf(*resource->body, *build_);
  const auto matches = FindAny(resource->id);
  const bool changes =
      resource->behavior == Behavior::kMerge || resource->behavior == Behavior::kReplace;
  if (matches.empty()) {
    if (!changes) return Append(std::move(resource));
    return core::Invalid(fmt::format("{}: does not exist; cannot {} it", Where(*resource),
                                     Show(resource->behavior)));
  }
  if (matches.size() > 1) {
    return core::Invalid(fmt::format("{}: {} objects are or were called so, the first {}",
                                     Where(*resource), matches.size(), Where(*matches.front())));
  }
  if (!changes) {
    return core::Invalid(
        fmt::format("{}: exists; its behavior must be merge or replace, found \"{}\"",
                    Where(*resource), Show(resource->behavior)));
  }
  Resource* old = matches.front();
  const bool merges = resource->behavior == Behavior::kMerge;
  TakeMetadata(*old, resource.get(), build_);
  if (merges) {
    const core::Status fits = TakeData(*old, resource.get(), build_);
    if (!fits) return fits.error().In(Show(old->id));
  }
  if (old->origin && (merges || !resource->origin)) resource->origin = old->origin;
  if (resource->transformations.empty()) resource->transformations = old->transformations;
  resource->id = IdOf(*resource->body, *build_);
  return Replace(old, std::move(resource));
}

// As kustomize, which looks for the present id again: an object whose kind was changed by a patch
// cannot be replaced by its former one.
core::Status ResourceMap::Replace(Resource* old, std::unique_ptr<Resource> resource) {
  if (const auto same = FindCurrent(resource->id); same.size() != 1 || same.front() != old) {
    return core::Invalid(
        fmt::format("{}: is no longer called so, and cannot be replaced", Where(*resource)));
  }
  const auto at =
      std::find_if(all_.begin(), all_.end(), [&](const auto& each) { return each.get() == old; });
  resource->position = std::exchange(old->position, kRemoved);
  at->swap(resource);
  indexes_->Add(at->get());
  indexes_->removed.push_back(std::move(resource));
  return core::Ok();
}

void ResourceMap::Remove(const Resource* resource) {
  const auto at = std::find_if(all_.begin(), all_.end(),
                               [&](const auto& each) { return each.get() == resource; });
  if (at == all_.end()) return;
  (*at)->position = kRemoved;
  indexes_->removed.push_back(std::move(*at));
  all_.erase(at);
}

void ResourceMap::RemoveIf(const std::function<bool(const Resource&)>& drop) {
  std::erase_if(all_, [&](const auto& each) { return drop(*each); });
  indexes_->Forget();
}

void ResourceMap::Reorder(std::vector<std::unique_ptr<Resource>> all) {
  all_ = std::move(all);
  for (auto& each : all_) each->position = indexes_->next_position++;
}

std::vector<std::unique_ptr<Resource>> ResourceMap::TakeAll() {
  indexes_->Forget();
  return std::exchange(all_, {});
}

void ResourceMap::Reindex(Resource* resource) {
  resource->id = IdOf(*resource->body, *build_);
  indexes_->Add(resource);
}

void ResourceMap::Reindex() {
  for (const auto& each : all_) each->id = IdOf(*each->body, *build_);
  indexes_->Forget();
}

}  // namespace headgate::templating::kustomize
