#include "rollout/gated.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/application.h"
#include "core/hash.h"
#include "rollout/config.h"

namespace headgate::rollout {
namespace {

using core::Map;
using core::Value;

// Labels and annotations of the template without those that start no trial; empty and null fields
// of metadata count for nothing.
void ForgetIgnored(Value* pod_template, const core::RolloutSpec& spec) {
  Value* metadata = pod_template->Find("metadata");
  if (!metadata || !metadata->AsMap()) return;
  for (const char* field : {"labels", "annotations"}) {
    Value* at = metadata->Find(field);
    if (!at || !at->AsMap()) continue;
    for (const std::string& ignored : spec.ignore_for_trial) at->AsMap()->Erase(ignored);
  }
  Map kept;
  for (const auto& [key, value] : *metadata->AsMap()) {
    const bool nothing = value.is_null() || (value.AsMap() && value.AsMap()->empty());
    if (!nothing) kept.Set(key, value);
  }
  *metadata = std::move(kept);
}

// The template with the content of what it uses in place of the names.
Value Canonical(const core::Object& workload, const core::Objects& bundle,
                const core::RolloutSpec& spec) {
  const Value* pods = core::PodTemplateOf(workload.body);
  Value pod_template = pods ? *pods : Value();
  ForgetIgnored(&pod_template, spec);
  const std::string& place = core::NamespaceOf(workload.body);
  ForEachConfig(&pod_template, [&](std::string_view kind, std::string* name) {
    if (const core::Object* config = FindConfig(bundle, kind, place, *name))
      *name = "content:" + core::ContentHash(ConfigContent(config->body));
  });
  return pod_template;
}

}  // namespace

core::Result<std::optional<core::RolloutSpec>> FindRollout(const core::Objects& bundle) {
  const core::Object* found = nullptr;
  for (const core::Object& object : bundle) {
    if (!core::IsKind(object.body, core::kGroup, "Rollout")) continue;
    if (found) {
      return core::Invalid(fmt::format(
          "two Rollouts: {} and {}; an Application has one, so put the steps into one of them",
          core::Where(*found), core::Where(object)));
    }
    found = &object;
  }
  if (!found) return std::optional<core::RolloutSpec>();
  core::Result<core::RolloutSpec> spec = core::ParseRolloutSpec(*found);
  if (!spec) return spec.error();
  return std::optional(std::move(*spec));
}

core::Result<std::string> GatedHash(const core::Objects& bundle, const core::RolloutSpec& spec) {
  Map gated;
  for (const core::Object* workload : GatedOf(bundle, spec)) {
    gated.Set(workload->body.StringAt("kind") + "/" + core::NameOf(workload->body),
              Canonical(*workload, bundle, spec));
  }
  if (gated.empty()) {
    return core::Invalid(fmt::format("Rollout {}: none of its workloads is among the objects ({})",
                                     spec.name, core::Show(spec.workloads.front())));
  }
  return core::ContentHash(gated);
}

}  // namespace headgate::rollout
