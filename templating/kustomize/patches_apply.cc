#include "templating/kustomize/patches_apply.h"

#include <fmt/format.h>

#include <set>
#include <string>
#include <utility>

#include "templating/kustomize/accumulate_read.h"
#include "templating/kustomize/merge.h"
#include "templating/kustomize/nearest.h"
#include "templating/kustomize/origin.h"
#include "templating/kustomize/resource_history.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Node;

std::string Where(const Resource& resource) {
  if (resource.file.empty()) return Show(resource.id);
  return fmt::format("{} ({})", Show(resource.id), resource.file);
}

// Who else might have been meant by a patch that fits nothing.
std::string Guess(const Id& id, const ResourceMap& all) {
  std::vector<std::string_view> names;
  for (const auto& each : all.all()) {
    if (each->id.kind == id.kind) names.push_back(each->id.name);
  }
  if (std::string guess = DidYouMean(id.name, names); !guess.empty()) return guess;
  for (const auto& each : all.all()) {
    if (each->id.name == id.name) return fmt::format(" (there is {})", Show(each->id));
  }
  return "";
}

// The file of a patch; nothing for one in a kustomization, which the caller names.
core::Error In(const Resource& patch, const core::Error& error) {
  return patch.path.empty() ? error : error.In(patch.file);
}

core::Result<Resource*> FindOne(const Resource& patch, const ResourceMap& all) {
  const Id id = OriginalId(patch);
  std::vector<Resource*> found = all.FindAny(id);
  std::erase_if(found, [](const Resource* each) { return IsEmpty(*each->body); });
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    return core::Invalid(
        fmt::format("nothing is {}, which the patch is for{}", Show(id), Guess(id, all)));
  }
  return core::Invalid(fmt::format("the patch is for {}, and several resources are: {} and {}",
                                   Show(id), Where(*found[0]), Where(*found[1])));
}

// A patch as kustomize makes it for the resources of a target.
Resource CopyFor(const Resource& target, const Resource& patch, Build* build) {
  Resource copy = patch;
  copy.body = build->arena->Clone(*patch.body);
  TakeMetadata(patch, &copy, build);
  const Id& id = target.id;
  const std::string_view version =
      id.group.empty() ? id.version : build->arena->Join({id.group, "/", id.version});
  SetText(copy.body, "apiVersion", version, build->arena);
  SetText(copy.body, "kind", patch.id.kind, build->arena);
  return copy;
}

// Merges a patch into a resource, whose body is empty afterwards where the patch deletes it.
core::Status MergeInto(Resource* resource, const Resource& patch, Build* build, ResourceMap* all) {
  const Id before = resource->id;
  if (patch.allow_name_change || patch.allow_kind_change) StorePreviousId(resource, build);
  const core::Result<MergeOutcome> merged =
      MergePatch(*build->schema, patch.body, resource->body, build->arena);
  if (!merged) return In(patch, merged.error().In(Where(*resource)));
  if (*merged == MergeOutcome::kDeleted) resource->body = build->arena->NewMapping();
  if (IsEmpty(*resource->body)) return core::Ok();
  ReadHistory(resource, build);
  DropLostOrigin(resource);
  if (!patch.allow_kind_change) SetText(resource->body, "kind", before.kind, build->arena);
  if (!patch.allow_name_change) SetName(resource->body, before.name, build->arena);
  SetNamespace(resource->body, before.namespace_name, build->arena);
  all->Reindex(resource);
  return core::Ok();
}

void DropEmpty(const std::vector<Resource*>& changed, ResourceMap* all) {
  std::set<const Resource*> empty;
  for (const Resource* each : changed) {
    if (IsEmpty(*each->body)) empty.insert(each);
  }
  if (empty.size() == 1) {
    all->Remove(*empty.begin());
  } else if (!empty.empty()) {
    all->RemoveIf([&](const Resource& each) { return empty.contains(&each); });
  }
}

core::Status CheckUnique(const std::vector<Resource*>& changed, const ResourceMap& all) {
  for (const Resource* each : changed) {
    if (IsEmpty(*each->body)) continue;
    std::vector<Resource*> same = all.FindCurrent(each->id);
    std::erase_if(same, [](const Resource* other) { return IsEmpty(*other->body); });
    if (same.size() > 1) {
      return core::Invalid(fmt::format("patched, {} is there twice", Show(each->id)));
    }
  }
  return core::Ok();
}

core::Result<std::vector<Resource*>> SelectAll(const SelectorFields& target,
                                               const ResourceMap& all) {
  const core::Result<Selector> selector = Selector::Compile(target);
  if (!selector) return selector.error().In("target");
  core::Result<std::vector<Resource*>> selected = Select(*selector, all);
  return selected ? selected : selected.error().In("target");
}

core::Status CopyInto(const std::vector<Resource*>& targets, const Resource& patch, Build* build,
                      ResourceMap* all) {
  for (Resource* target : targets) {
    const Resource copy = CopyFor(*target, patch, build);
    if (core::Status fine = MergeInto(target, copy, build, all); !fine) return fine;
  }
  return CheckUnique(targets, *all);
}

// The history is dropped by no JSON patch; an origin is.
void RestoreHistory(Resource* resource, Build* build) {
  if (!resource->has_history) return;
  Node* annotations = resource->body->Find("metadata", "annotations");
  const bool kept = annotations && annotations->is_mapping() &&
                    annotations->Erase("internal.config.kubernetes.io/previousNames");
  resource->has_history = false;
  if (!kept) DropLostOrigin(resource);
  MarkHistory(resource, build);
}

}  // namespace

core::Status ApplyByOwnId(const std::vector<std::unique_ptr<Resource>>& patches, bool as_there,
                          Build* build, ResourceMap* all) {
  std::vector<Resource*> changed;
  for (const auto& patch : patches) {
    const core::Result<Resource*> target = FindOne(*patch, *all);
    if (!target) return In(*patch, target.error());
    changed.push_back(*target);
    core::Status merged =
        as_there ? MergeInto(*target, *patch, build, all) : CopyInto({*target}, *patch, build, all);
    if (!merged) return merged;
  }
  DropEmpty(changed, all);
  return core::Ok();
}

core::Status ApplyToTarget(const Resource& patch, const SelectorFields& target, Build* build,
                           ResourceMap* all) {
  const core::Result<std::vector<Resource*>> selected = SelectAll(target, *all);
  if (!selected) return selected.error();
  if (core::Status fine = CopyInto(*selected, patch, build, all); !fine) return fine;
  DropEmpty(*selected, all);
  return core::Ok();
}

core::Status ApplyJsonToTarget(const JsonPatch& patch, const SelectorFields& target, bool keep_id,
                               Build* build, ResourceMap* all) {
  const core::Result<std::vector<Resource*>> selected = SelectAll(target, *all);
  if (!selected) return selected.error();
  for (Resource* resource : *selected) {
    if (keep_id) StorePreviousId(resource, build);
    PartNodes(resource, build);
    core::Status applied = ApplyJsonPatch(patch, build->arena, resource->body);
    if (!applied) return applied.error().In(Where(*resource));
    RestoreHistory(resource, build);
    all->Reindex(resource);
  }
  DropEmpty(*selected, all);
  return core::Ok();
}

}  // namespace headgate::templating::kustomize
