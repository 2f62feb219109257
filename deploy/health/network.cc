// Service and Ingress.
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

}  // namespace headgate::deploy
