#include "templating/kustomize/resource.h"

#include <fmt/format.h>

#include "templating/kustomize/field_path.h"
#include "templating/kustomize/schema.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Node;
using yaml::Tag;

// A name that nothing can have: what kustomize gives as the namespace of what has none.
constexpr std::string_view kNoNamespace = "_non_namespaceable_";

std::string_view Or(std::string_view text, std::string_view otherwise) {
  return text.empty() ? otherwise : text;
}

std::string_view MetadataText(const Node* metadata, std::string_view field) {
  if (!metadata || !metadata->is_mapping()) return {};
  const Node* found = metadata->Find(field);
  return found && !found->is_null() ? found->text() : std::string_view();
}

Scope ScopeOf(const Build& build, std::string_view api_version, std::string_view kind) {
  return build.schema ? build.schema->ScopeOf(api_version, kind) : BuiltInScope(api_version, kind);
}

}  // namespace

Id IdOf(const Node& body, const Build& build) {
  const std::string_view api_version = body.TextAt("apiVersion"), kind = body.TextAt("kind");
  const auto [group, version] = ParseApiVersion(api_version);
  const Node* metadata = body.Find("metadata");
  return {group,
          version,
          kind,
          MetadataText(metadata, "namespace"),
          MetadataText(metadata, "name"),
          ScopeOf(build, api_version, kind) == Scope::kCluster};
}

std::string Show(const Id& id) {
  std::string shown(id.group);
  const auto add = [&](std::string_view between, std::string_view part) {
    if (part.empty()) return;
    if (!shown.empty()) shown += between;
    shown += part;
  };
  add("/", id.version);
  add(" ", id.kind);
  add(" ", id.namespace_name);
  add(id.namespace_name.empty() ? " " : "/", Or(id.name, "(no name)"));
  return shown;
}

std::string_view EffectiveNamespace(const Id& id) {
  return id.cluster_scoped ? kNoNamespace : Or(id.namespace_name, "default");
}

bool SameGvk(const Id& a, const Id& b) {
  return a.kind == b.kind && a.group == b.group && a.version == b.version;
}

bool Same(const Id& a, const Id& b) {
  return a.name == b.name && SameGvk(a, b) && EffectiveNamespace(a) == EffectiveNamespace(b);
}

bool IsOf(const Id& id, std::string_view group, std::string_view version, std::string_view kind) {
  return (kind.empty() || kind == id.kind) && (group.empty() || group == id.group) &&
         (version.empty() || version == id.version);
}

std::string_view Show(Behavior behavior) {
  switch (behavior) {
    case Behavior::kCreate:
      return "create";
    case Behavior::kReplace:
      return "replace";
    case Behavior::kMerge:
      return "merge";
    case Behavior::kUnspecified:
      break;
  }
  return "unspecified";
}

// Group and version are the present ones: kustomize keeps only kinds.
Id PreviousId(const Resource& resource, const Resource::Previous& previous) {
  return {resource.id.group,       resource.id.version, previous.kind,
          previous.namespace_name, previous.name,       false};
}

Id OriginalId(const Resource& resource) {
  return resource.previous.empty() ? resource.id : PreviousId(resource, resource.previous.front());
}

void PartNodes(Resource* resource, Build* build) {
  if (resource->shares_nodes) resource->body = build->arena->Clone(*resource->body);
  resource->shares_nodes = false;
}

void SetText(Node* mapping, std::string_view field, std::string_view text, yaml::Arena* arena) {
  if (Node* found = mapping->Find(field)) {
    const yaml::Style style = found->is_scalar() ? found->style : yaml::Style::kPlain;
    found->SetString(text);
    found->tag = Tag::kNone;
    found->style = style;
    found->extra = nullptr;
    return;
  }
  // kustomize quotes what would be no string, but cannot quote nothing.
  mapping->AppendEntry(arena, arena->NewScalar(field),
                       arena->NewScalar(text, text.empty() ? Tag::kNone : Tag::kString));
}

void SetName(Node* body, std::string_view name, yaml::Arena* arena) {
  if (Node* metadata = body->MakeMapping(arena, "metadata")) {
    SetText(metadata, "name", name, arena);
  }
}

void SetNamespace(Node* body, std::string_view name, yaml::Arena* arena) {
  if (name.empty()) {
    if (Node* metadata = body->Find("metadata")) metadata->Erase("namespace");
  } else if (Node* metadata = body->MakeMapping(arena, "metadata")) {
    SetText(metadata, "namespace", name, arena);
  }
}

}  // namespace headgate::templating::kustomize
