#include "core/rollout_templates.h"

#include <array>

namespace headgate::core {
namespace {

// Services as Traefik names them: NAMESPACE-SERVICE-PORT@kubernetes for Ingress and its own CRDs,
// NAMESPACE-SERVICE-http-PORT@kubernetesgateway for the Gateway API.
TrackMatchers ByTraefikService() {
  const std::string service =
      R"(service=~"{{namespace}}-{{service}}(-(http|grpc))?-[a-z0-9]+@kubernetes.*")";
  return {service, service};
}

// Requests that the canary's Ingress took carry its backend in the label `canary`.
TrackMatchers ByNginxBackend() {
  return {R"(canary=~"{{namespace}}-{{service}}-.+")", R"(canary="",service=~"{{service}}")"};
}

// Clusters as Contour names them: NAMESPACE_SERVICE_PORT.
TrackMatchers ByEnvoyCluster() {
  const std::string cluster = R"(envoy_cluster_name=~"{{namespace}}_{{service}}_[a-z0-9-]+")";
  return {cluster, cluster};
}

const std::array<MetricTemplate, 11>& All() {
  static const std::array<MetricTemplate, 11> kAll = {{
      // Rate, errors, duration as client libraries count them in the pods themselves.
      {"red-errors", R"(http_requests_total{code=~"5.."})", "http_requests_total", "", {}},
      {"red-latency", "", "", "http_request_duration_seconds", {}},
      {"traefik-errors", R"(traefik_service_requests_total{code=~"5.."})",
       "traefik_service_requests_total", "", ByTraefikService()},
      {"traefik-latency", "", "", "traefik_service_request_duration_seconds", ByTraefikService()},
      // The sidecars in the pods count what they let in.
      {"istio-errors",
       R"(istio_requests_total{reporter="destination",response_code=~"5.."})",
       R"(istio_requests_total{reporter="destination"})",
       "",
       {}},
      {"istio-latency",
       "",
       "",
       R"(istio_request_duration_milliseconds{reporter="destination"})",
       {}},
      {"linkerd-errors",
       R"(response_total{direction="inbound",classification="failure"})",
       R"(response_total{direction="inbound"})",
       "",
       {}},
      {"linkerd-latency", "", "", R"(response_latency_ms{direction="inbound"})", {}},
      {"nginx-errors", R"(nginx_ingress_controller_requests{status=~"5.."})",
       "nginx_ingress_controller_requests", "", ByNginxBackend()},
      {"nginx-latency", "", "", "nginx_ingress_controller_request_duration_seconds",
       ByNginxBackend()},
      {"envoy-errors", R"(envoy_cluster_upstream_rq_xx{envoy_response_code_class="5"})",
       "envoy_cluster_upstream_rq_xx", "", ByEnvoyCluster()},
  }};
  return kAll;
}

}  // namespace

const MetricTemplate* FindTemplate(std::string_view name) {
  for (const MetricTemplate& each : All()) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

std::string ShowTemplates() {
  std::string names;
  for (const MetricTemplate& each : All()) {
    if (!names.empty()) names += ", ";
    names += each.name;
  }
  return names;
}

}  // namespace headgate::core
