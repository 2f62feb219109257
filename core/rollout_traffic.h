#pragma once

#include <string>
#include <vector>

#include "core/fields.h"

namespace headgate::core {

// spec.traffic: what splits the requests between stable and candidate.
struct Traffic {
  enum class By {
    kHttpRoute,       // gatewayAPI.httpRoute
    kGrpcRoute,       // gatewayAPI.grpcRoute
    kVirtualService,  // istio.virtualService
    kIngress,         // nginx.stableIngress
    kTraefikService,  // traefik.weightedTraefikServiceName
    kReplicas,        // replicas: the numbers of pods behind the same Service
  };
  By by = By::kHttpRoute;
  std::string route;                // its name; "" for replicas
  std::vector<std::string> routes;  // of a VirtualService: the names of those to split; none: all
  std::string annotation_prefix;    // of an Ingress: nginx.ingress.kubernetes.io
  friend bool operator==(const Traffic&, const Traffic&) = default;
};

// Where in a Rollout the route is named: "spec.traffic.gatewayAPI.httpRoute".
std::string FieldOf(Traffic::By by);

Traffic ReadTraffic(Fields traffic);

}  // namespace headgate::core
