#include "templating/kustomize_first/resource.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace headgate::templating {
namespace {

constexpr size_t kResourcesMax = 20000;  // of one build; adding one looks at all others

// Source: the kinds that kustomize 5.8 knows to be cluster-scoped. Later ones (admission policies)
// and custom ones it takes for namespaced, and gives them a namespace where it sets one.
const std::set<std::pair<std::string_view, std::string_view>> kClusterScoped{
    {"", "ComponentStatus"},
    {"", "Namespace"},
    {"", "Node"},
    {"", "NodeProxyOptions"},
    {"", "PersistentVolume"},
    {"admissionregistration.k8s.io", "MutatingWebhookConfiguration"},
    {"admissionregistration.k8s.io", "ValidatingWebhookConfiguration"},
    {"apiextensions.k8s.io", "CustomResourceDefinition"},
    {"apiregistration.k8s.io", "APIService"},
    {"certificates.k8s.io", "CertificateSigningRequest"},
    {"networking.k8s.io", "IngressClass"},
    {"node.k8s.io", "RuntimeClass"},
    {"policy", "PodSecurityPolicy"},
    {"rbac.authorization.k8s.io", "ClusterRole"},
    {"rbac.authorization.k8s.io", "ClusterRoleBinding"},
    {"scheduling.k8s.io", "PriorityClass"},
    {"storage.k8s.io", "CSIDriver"},
    {"storage.k8s.io", "CSINode"},
    {"storage.k8s.io", "StorageClass"},
    {"storage.k8s.io", "VolumeAttachment"},
};

}  // namespace

std::string Show(const Id& id) {
  const std::string group = id.group.empty() ? "" : id.group + "/";
  const std::string space = id.namespace_name.empty() ? "" : id.namespace_name + "/";
  return fmt::format("{}{} {} {}{}", group, id.version, id.kind, space, id.name);
}

bool IsClusterScoped(const Id& id) { return kClusterScoped.contains({id.group, id.kind}); }

std::string EffectiveNamespace(const Id& id) {
  if (IsClusterScoped(id)) return "(cluster)";
  return id.namespace_name.empty() ? "default" : id.namespace_name;
}

bool SameId(const Id& a, const Id& b) {
  return a.name == b.name && a.kind == b.kind && a.group == b.group && a.version == b.version &&
         EffectiveNamespace(a) == EffectiveNamespace(b);
}

Id IdOf(const core::Value& body) {
  core::GroupVersion version = core::ParseApiVersion(body.StringAt("apiVersion"));
  return {std::move(version.group), std::move(version.version), body.StringAt("kind"),
          core::NamespaceOf(body), core::NameOf(body)};
}

Id OriginalId(const Resource& resource) {
  return resource.previous.empty() ? IdOf(resource.object.body) : resource.previous.front();
}

void StorePreviousId(Resource* resource) {
  resource->previous.push_back(IdOf(resource->object.body));
}

bool AnyId(const Resource& resource, const std::function<bool(const Id&)>& fits) {
  return fits(IdOf(resource.object.body)) ||
         std::any_of(resource.previous.begin(), resource.previous.end(), fits);
}

core::Status Append(Resource resource, Resources* all) {
  const Id id = IdOf(resource.object.body);
  for (const Resource& other : *all) {
    if (core::NameOf(other.object.body) != id.name || !SameId(IdOf(other.object.body), id)) {
      continue;
    }
    return core::Invalid(fmt::format("{}: {} is there already, from {}",
                                     core::Where(resource.object), Show(id),
                                     core::Where(other.object)));
  }
  if (all->size() >= kResourcesMax) {
    return core::Invalid(fmt::format("more than {} objects", kResourcesMax));
  }
  all->push_back(std::move(resource));
  return core::Ok();
}

core::Result<Resource*> FindById(Resources* all, const Id& id) {
  Resource* found = nullptr;
  for (Resource& resource : *all) {
    if (!AnyId(resource, [&](const Id& each) { return SameId(each, id); })) continue;
    if (found) return core::Invalid(fmt::format("several objects are or were {}", Show(id)));
    found = &resource;
  }
  if (!found) return core::NotFound(fmt::format("no object is or was {}", Show(id)));
  return found;
}

void SetName(core::Value* body, const std::string& name) {
  body->MakeMap()["metadata"].MakeMap().Set("name", name);
}

void SetNamespace(core::Value* body, const std::string& name) {
  if (name.empty()) {
    if (core::Value* metadata = body->Find("metadata"); metadata && metadata->is_map()) {
      metadata->MakeMap().Erase("namespace");
    }
    return;
  }
  body->MakeMap()["metadata"].MakeMap().Set("namespace", name);
}

}  // namespace headgate::templating
