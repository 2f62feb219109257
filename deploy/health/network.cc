// Service, Ingress, and the Gateway API's routes.
#include <fmt/format.h>

#include "deploy/health/kinds.h"

namespace headgate::deploy {

Health ServiceHealth(const core::Value& object) {
  if (object.StringAt("spec", "type") != "LoadBalancer") return {};
  if (!object.ListAt("status", "loadBalancer", "ingress").empty()) return {};
  return {HealthCode::kProgressing, "no load balancer has given it an address yet"};
}

Health IngressHealth(const core::Value& object) {
  if (!object.ListAt("status", "loadBalancer", "ingress").empty()) return {};
  return {HealthCode::kProgressing, "no ingress controller has given it an address yet"};
}

Health RouteHealth(const core::Value& object) {
  const core::List& parents = object.ListAt("status", "parents");
  if (parents.empty()) return {HealthCode::kProgressing, "no gateway has answered for it yet"};
  const int64_t generation = object.IntAt(0, "metadata", "generation");
  for (const core::Value& parent : parents) {
    const std::string& name = parent.StringAt("parentRef", "name");
    const core::List& conditions = parent.ListAt("conditions");
    for (const core::Value& condition : conditions) {
      if (condition.IntAt(generation, "observedGeneration") < generation) {
        return {HealthCode::kProgressing, fmt::format("gateway {} has not seen it yet", name)};
      }
    }
    for (const std::string_view type : {"Accepted", "ResolvedRefs"}) {
      const auto condition = FindCondition(conditions, type);
      if (!condition || condition->status == "True") continue;
      const std::string why = fmt::format("gateway {}: {}", name, Why(*condition, type));
      const bool pending = condition->status == "Unknown" || condition->reason == "Pending";
      return {pending ? HealthCode::kProgressing : HealthCode::kDegraded, why};
    }
  }
  return {};
}

}  // namespace headgate::deploy
