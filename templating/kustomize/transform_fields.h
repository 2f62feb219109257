#pragma once

#include <fmt/format.h>

#include <string>

#include "templating/kustomize/field_path.h"
#include "templating/kustomize/transform.h"

// What the transformers have in common.
namespace headgate::templating::kustomize {

// Adds to an error in which object it is: "web.yaml: Deployment.v1.apps/web.shop: ...".
inline core::Error In(const Resource& resource, const core::Error& error) {
  const std::string id = Show(resource.id);
  return error.In(resource.file.empty() ? id : fmt::format("{}: {}", resource.file, id));
}

// Calls `set` with the nodes of a field, where the resource is of the field's kinds.
template <class Set>
core::Status SetField(const FieldSpec& spec, Make make, Build* build, Resource* resource,
                      const Set& set) {
  const Id& id = resource->id;
  if (!Fits(spec, id.group, id.version, id.kind)) return core::Ok();
  core::Status done = VisitField(spec, make, set, build->arena, resource->body);
  return done ? core::Ok() : In(*resource, done.error());
}

}  // namespace headgate::templating::kustomize
