#include "templating/kustomize_first/kustomize.h"

#include <string>
#include <utility>

#include "templating/kustomize_first/accumulate.h"
#include "templating/kustomize_first/generate.h"
#include "templating/kustomize_first/order.h"
#include "templating/kustomize_first/references.h"
#include "templating/objects.h"

namespace headgate::templating {
namespace {

void AddHashes(Resources* all) {
  for (Resource& resource : *all) {
    if (!resource.needs_hash) continue;
    core::Value& body = resource.object.body;
    const std::string suffix = HashSuffix(body);
    StorePreviousId(&resource);
    SetName(&body, core::NameOf(body) + "-" + suffix);
  }
}

// Objects that are there for people or tools in the repository only.
bool IsLocal(const Resource& resource) {
  const core::Value* mark =
      resource.object.body.Find("metadata", "annotations", "config.kubernetes.io/local-config");
  return mark && !(mark->AsString() && *mark->AsString() == "false");
}

// kustomize keeps an object's history in annotations; with them goes a mapping that was empty
// before.
void DropEmptyAnnotations(Resource* resource) {
  core::Value* annotations = resource->object.body.Find("metadata", "annotations");
  if (resource->previous.empty() || !annotations || !annotations->is_map()) return;
  if (annotations->AsMap()->empty())
    resource->object.body.Find("metadata")->AsMap()->Erase("annotations");
}

}  // namespace

core::Result<core::Objects> KustomizeRenderer::Render(const core::FileTree& files,
                                                      std::string_view path) const {
  core::Result<Kustomization> kustomization = LoadKustomization(files, std::string(path));
  if (!kustomization) return kustomization.error();
  core::Result<Resources> all = Accumulator(files).Accumulate(*kustomization);
  if (!all) return all.error();
  AddHashes(&*all);
  core::Status fixed = FixReferences(&*all);
  if (!fixed) return fixed.error().In(kustomization->file);
  std::erase_if(*all, IsLocal);
  core::Status sorted = Sort(*kustomization, order_, &*all);
  if (!sorted) return sorted.error();

  core::Objects objects;
  for (Resource& resource : *all) {
    DropEmptyAnnotations(&resource);
    SortKeys(&resource.object.body);
    core::Status checked = core::CheckObject(resource.object.body);
    if (!checked) return checked.error().In(core::Where(resource.object));
    objects.push_back(std::move(resource.object));
  }
  core::Status unique = CheckUnique(objects);
  if (!unique) return unique.error();
  return objects;
}

}  // namespace headgate::templating
