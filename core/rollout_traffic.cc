#include "core/rollout_traffic.h"

#include <fmt/format.h>

namespace headgate::core {
namespace {

constexpr const char* kNginxPrefix = "nginx.ingress.kubernetes.io";

Traffic ReadGatewayApi(Fields fields) {
  Traffic traffic;
  const bool grpc = fields.Has("grpcRoute");
  if (grpc && fields.Has("httpRoute"))
    fields.Fail("grpcRoute", "stands beside httpRoute; an Application's rollout has one route");
  traffic.by = grpc ? Traffic::By::kGrpcRoute : Traffic::By::kHttpRoute;
  traffic.route = fields.Required(grpc ? "grpcRoute" : "httpRoute");
  fields.Finish();
  return traffic;
}

Traffic ReadIstio(Fields fields) {
  Traffic traffic;
  traffic.by = Traffic::By::kVirtualService;
  Fields service = fields.Sub("virtualService");
  traffic.route = service.Required("name");
  traffic.routes = service.Strings("routes");
  service.Finish();
  fields.Finish();
  return traffic;
}

Traffic ReadNginx(Fields fields) {
  Traffic traffic;
  traffic.by = Traffic::By::kIngress;
  traffic.route = fields.Required("stableIngress");
  traffic.annotation_prefix = fields.String("annotationPrefix", kNginxPrefix);
  fields.Finish();
  return traffic;
}

Traffic ReadTraefik(Fields fields) {
  Traffic traffic;
  traffic.by = Traffic::By::kTraefikService;
  traffic.route = fields.Required("weightedTraefikServiceName");
  fields.Finish();
  return traffic;
}

Traffic ReadReplicas(Fields fields) {
  Traffic traffic;
  traffic.by = Traffic::By::kReplicas;
  fields.Finish();
  return traffic;
}

}  // namespace

std::string FieldOf(Traffic::By by) {
  switch (by) {
    case Traffic::By::kHttpRoute:
      return "spec.traffic.gatewayAPI.httpRoute";
    case Traffic::By::kGrpcRoute:
      return "spec.traffic.gatewayAPI.grpcRoute";
    case Traffic::By::kVirtualService:
      return "spec.traffic.istio.virtualService";
    case Traffic::By::kIngress:
      return "spec.traffic.nginx.stableIngress";
    case Traffic::By::kTraefikService:
      return "spec.traffic.traefik.weightedTraefikServiceName";
    case Traffic::By::kReplicas:
      break;
  }
  return "spec.traffic.replicas";
}

Traffic ReadTraffic(Fields fields) {
  Traffic traffic;
  int given = 0;
  const auto is = [&](const char* kind) {
    const bool there = fields.Has(kind);
    given += there;
    return there;
  };
  if (is("gatewayAPI")) traffic = ReadGatewayApi(fields.Sub("gatewayAPI"));
  if (is("istio")) traffic = ReadIstio(fields.Sub("istio"));
  if (is("nginx")) traffic = ReadNginx(fields.Sub("nginx"));
  if (is("traefik")) traffic = ReadTraefik(fields.Sub("traefik"));
  if (is("replicas")) traffic = ReadReplicas(fields.Sub("replicas"));
  fields.Finish();
  if (given != 1)
    fields.Fail("", "expected exactly one of gatewayAPI, istio, nginx, traefik, replicas");
  return traffic;
}

}  // namespace headgate::core
