#include <fmt/format.h>

#include <algorithm>

#include "templating/kustomize/field_path.h"
#include "templating/kustomize/transform.h"
#include "templating/kustomize/transform_fields.h"

namespace headgate::templating::kustomize {
namespace {

// Whether a resource of a spec's kinds is or was called so.
bool WasCalled(std::string_view name, const FieldSpec& spec, const Resource& resource) {
  const auto fits = [&](const Id& id) {
    return id.name == name && IsOf(id, spec.group, spec.version, spec.kind);
  };
  return fits(resource.id) ||
         std::any_of(resource.previous.begin(), resource.previous.end(),
                     [&](const auto& each) { return fits(PreviousId(resource, each)); });
}

core::Error NotFound(const ReplicasConfig& config) {
  std::string kinds;
  for (const FieldSpec& spec : config.fields) {
    kinds +=
        fmt::format("{}{}", kinds.empty() ? "" : ", ", spec.kind.empty() ? "any kind" : spec.kind);
  }
  return core::Invalid(
      fmt::format("no object is called \"{}\" of the kinds {}", config.name, kinds));
}

}  // namespace

core::Status SetReplicas(const ReplicasConfig& config, Build* build, ResourceMap* all) {
  const std::string_view count = build->arena->NewInt(config.count)->text();
  const auto named = all->FindNamed(config.name);
  bool found = false;
  for (const FieldSpec& spec : config.fields) {
    for (Resource* each : named) {
      if (!WasCalled(config.name, spec, *each)) continue;
      found = true;
      core::Status done = SetField(spec, Make::kScalar, build, each, [&](yaml::Node* node) {
        return SetScalar(count, yaml::Tag::kInt, node);
      });
      if (!done) return done;
    }
  }
  return found ? core::Ok() : NotFound(config);
}

}  // namespace headgate::templating::kustomize
