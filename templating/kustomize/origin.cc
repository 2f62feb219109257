#include "templating/kustomize/origin.h"

#include <filesystem>
#include <utility>

#include "templating/kustomize/loader_remote.h"
#include "templating/kustomize/resource_history.h"
#include "templating/yaml/emit.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Node;

std::string Join(const std::string& base, std::string_view path) {
  std::string joined = (std::filesystem::path(base) / path).lexically_normal().string();
  while (joined.size() > 1 && joined.ends_with('/')) joined.pop_back();
  return joined;
}

std::string ApiVersion(const Id& id) {
  return id.group.empty() ? std::string(id.version)
                          : std::string(id.group) + "/" + std::string(id.version);
}

void SetText(Node* to, std::string_view name, std::string_view text, yaml::Arena* arena) {
  if (text.empty()) return;
  to->AppendEntry(arena, arena->NewScalar(name), arena->NewScalar(arena->Copy(text)));
}

Node* NodeOf(const Origin& origin, yaml::Arena* arena) {
  Node* node = arena->NewMapping(5);
  SetText(node, "path", origin.path, arena);
  SetText(node, "repo", origin.repo, arena);
  SetText(node, "ref", origin.ref, arena);
  SetText(node, "configuredIn", origin.configured_in, arena);
  Node* by = arena->NewMapping(4);
  SetText(by, "apiVersion", ApiVersion(origin.configured_by), arena);
  SetText(by, "kind", origin.configured_by.kind, arena);
  SetText(by, "name", origin.configured_by.name, arena);
  SetText(by, "namespace", origin.configured_by.namespace_name, arena);
  if (by->size > 0) node->AppendEntry(arena, arena->NewScalar("configuredBy"), by);
  return node;
}

core::Status Annotate(const Resource& resource, std::string_view key, const Node& value,
                      yaml::Arena* arena) {
  std::string text;
  if (core::Status fine = yaml::EmitKept(value, &text); !fine) return fine;
  Node* metadata = resource.body->MakeMapping(arena, "metadata");
  Node* annotations = metadata ? metadata->MakeMapping(arena, "annotations") : nullptr;
  if (annotations) annotations->Set(arena, key, arena->NewScalar(arena->Keep(std::move(text))));
  return core::Ok();
}

}  // namespace

Trail Follow(const Trail& trail, std::string_view path) {
  if (!trail) return nullptr;
  Origin further = *trail;
  std::string inner(path);
  if (const std::optional<RemoteBase> remote = ParseRemoteBase(path)) {
    further.repo = remote->host + remote->repository;
    further.ref = remote->ref;
    further.path.clear();
    inner = remote->directory;
  }
  further.path = Join(further.path, inner);
  return std::make_shared<const Origin>(std::move(further));
}

Trail ConfiguredBy(const Trail& trail, std::string_view kustomization_file,
                   std::string_view plugin) {
  if (!trail) return nullptr;
  Origin origin;
  origin.repo = trail->repo;
  origin.ref = trail->ref;
  origin.configured_in = Join(trail->path, kustomization_file);
  origin.configured_by.version = "builtin";
  origin.configured_by.kind = plugin;
  return std::make_shared<const Origin>(std::move(origin));
}

Trail ConfiguredBy(const Resource& plugin) {
  if (!plugin.origin) return nullptr;
  Origin origin;
  origin.repo = plugin.origin->repo;
  origin.ref = plugin.origin->ref;
  origin.configured_in = plugin.origin->path;
  origin.configured_by = plugin.id;
  return std::make_shared<const Origin>(std::move(origin));
}

void SetOrigin(const Trail& origin, Build* build, Resource* resource) {
  if (!origin) return;
  resource->origin = origin;
  MarkHistory(resource, build);
}

void SetOrigin(const Trail& origin, Build* build, ResourceMap* all) {
  if (!origin) return;
  for (const auto& resource : all->all()) {
    if (!resource->origin) SetOrigin(origin, build, resource.get());
  }
}

void AddTransformation(const Trail& by, Build* build, ResourceMap* all) {
  if (!by) return;
  for (const auto& resource : all->all()) {
    if (resource->origin) {
      resource->transformations.push_back(by);
    } else {
      SetOrigin(by, build, resource.get());
    }
  }
}

void DropLostOrigin(Resource* resource) {
  if (resource->has_history) return;
  resource->origin = nullptr;
  resource->transformations.clear();
}

core::Status AnnotateOrigin(const Resource& resource, yaml::Arena* arena) {
  if (!resource.origin) return core::Ok();
  return Annotate(resource, "config.kubernetes.io/origin", *NodeOf(*resource.origin, arena), arena);
}

core::Status AnnotateTransformations(const Resource& resource, yaml::Arena* arena) {
  if (resource.transformations.empty()) return core::Ok();
  Node* list = arena->NewSequence(resource.transformations.size());
  for (const Trail& each : resource.transformations) list->Append(arena, NodeOf(*each, arena));
  return Annotate(resource, "alpha.config.kubernetes.io/transformations", *list, arena);
}

}  // namespace headgate::templating::kustomize
