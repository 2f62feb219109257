// TraefikService with spec.weighted: services by weight.
#include <fmt/format.h>

#include <algorithm>

#include "rollout/routers/routers.h"
#include "rollout/routers/weights.h"

namespace headgate::rollout::routers {
namespace {

using core::List;
using core::Value;

constexpr int64_t kWeightMax = 1'000'000;
constexpr core::Duration kSettle = std::chrono::seconds(2);  // from written to served
constexpr Type kType{"traefik.io/v1alpha1", "traefik.io", "TraefikService"};

int64_t WeightOf(const Value& service) { return std::max<int64_t>(0, service.IntAt(1, "weight")); }

const List& ServicesOf(const Value& route) { return route.ListAt("spec", "weighted", "services"); }

bool IsServiceOf(const Value& service, const std::string& route_namespace) {
  const std::string& kind = service.StringAt("kind");
  const std::string& place = service.StringAt("namespace");
  return (kind.empty() || kind == "Service") && (place.empty() || place == route_namespace);
}

class Traefik : public Router {
 public:
  const Type* RouteType() const override { return &kType; }
  const char* Name() const override { return kType.kind; }

  core::Status Check(const core::Object& route, const Variants&,
                     const core::RolloutSpec& spec) const override {
    if (!route.body.Find("spec", "weighted"))
      return Refuse(route,
                    "has no spec.weighted, which is what can be split; write one with the Service "
                    "of the gated workload, and have the mirror or the IngressRoute name it");
    return RefuseExtras(route, spec, false, false,
                        "a TraefikService only weighs; use an HTTPRoute (gatewayAPI) for it");
  }

  core::Objects Split(const core::Object& route, const Variants& variants, const Demand& demand,
                      const core::RolloutSpec&) const override {
    if (demand.weight <= 0) return {route};
    core::Object split = route;
    const int weight = std::min(demand.weight, 100);
    std::vector<int64_t> authors;
    for (const Value& service : ServicesOf(route.body)) authors.push_back(WeightOf(service));
    const Proportions proportions(authors, kWeightMax);
    List services;
    bool gated = false;
    for (const Value& service : ServicesOf(route.body)) {
      const auto variant = IsServiceOf(service, core::NamespaceOf(route.body))
                               ? variants.find(service.StringAt("name"))
                               : variants.end();
      const bool ours = variant != variants.end();
      gated = gated || ours;
      Value stable = service;
      stable.MakeMap().Set("weight", proportions.Of(WeightOf(service), ours ? 100 - weight : 100));
      services.push_back(std::move(stable));
      if (!ours) continue;
      Value canary = service;
      canary.MakeMap().Set("name", variant->second);
      canary.MakeMap().Set("weight", proportions.Of(WeightOf(service), weight));
      services.push_back(std::move(canary));
    }
    if (!gated) return {route};
    split.body.MakeMap()["spec"].MakeMap()["weighted"].MakeMap().Set("services",
                                                                     std::move(services));
    return {split};
  }

  RouteSeen See(const core::RolloutSpec& spec, const Lookup& lookup) const override {
    RouteSeen seen;
    const std::shared_ptr<const Value> live = LiveRoute(spec, lookup, &seen);
    if (!live) return seen;
    seen.accepted = true;  // Traefik says nothing of it
    seen.settle = kSettle;
    seen.version = fmt::format("{}", live->IntAt(0, "metadata", "generation"));
    std::vector<std::pair<std::string, int64_t>> backends;
    for (const Value& service : ServicesOf(*live)) {
      if (!IsServiceOf(service, spec.namespace_name)) continue;
      backends.emplace_back(service.StringAt("name"), WeightOf(service));
    }
    Shares shares;
    shares.AddRule(backends);
    seen.weight = shares.Percent();
    return seen;
  }

  std::set<std::string> ServicesBehind(const Value& route) const override {
    std::set<std::string> services;
    for (const Value& service : ServicesOf(route)) {
      if (IsServiceOf(service, core::NamespaceOf(route))) services.insert(service.StringAt("name"));
    }
    return services;
  }
};

}  // namespace

const Router& TraefikServices() {
  static const Traefik kRouter;
  return kRouter;
}

}  // namespace headgate::rollout::routers
