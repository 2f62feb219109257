#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/object.h"
#include "core/result.h"

namespace headgate::templating {

// How kustomize identifies an object, version included.
struct Id {
  std::string group, version, kind, namespace_name, name;
};

std::string Show(const Id& id);  // "apps/v1 Deployment shop/web"
bool IsClusterScoped(const Id& id);
// "default" where none is given; a name of its own for what is cluster-scoped.
std::string EffectiveNamespace(const Id& id);
bool SameId(const Id& a, const Id& b);  // by effective namespace

// An object on its way through the kustomizations, with what is known of its history.
struct Resource {
  core::Object object;
  std::vector<Id> previous;  // oldest first: the names that references may still use
  std::vector<std::string> prefixes, suffixes;  // that were added, inner ones first
  bool needs_hash = false;                      // generated: a hash of its content ends its name
};
using Resources = std::vector<Resource>;

Id IdOf(const core::Value& body);
Id OriginalId(const Resource& resource);
void StorePreviousId(Resource* resource);
// Whether the present or a previous id fits.
bool AnyId(const Resource& resource, const std::function<bool(const Id&)>& fits);

// kInvalid where the same id is there already; names both places.
core::Status Append(Resource resource, Resources* all);

// The one resource that has, or had, this id. kNotFound; kInvalid where there are several.
core::Result<Resource*> FindById(Resources* all, const Id& id);

void SetName(core::Value* body, const std::string& name);
void SetNamespace(core::Value* body, const std::string& name);

}  // namespace headgate::templating
