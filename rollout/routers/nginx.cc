// Ingress of ingress-nginx: a second Ingress beside the author's, with canary annotations. The
// author's is never changed.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/application.h"
#include "rollout/compose.h"
#include "rollout/routers/routers.h"
#include "rollout/routers/weights.h"

namespace headgate::rollout::routers {
namespace {

using core::List;
using core::Map;
using core::Value;

constexpr core::Duration kSettle = std::chrono::seconds(2);  // from written to served
constexpr Type kType{"networking.k8s.io/v1", "networking.k8s.io", "Ingress"};
constexpr const char* kClassAnnotation = "kubernetes.io/ingress.class";
constexpr const char* kServiceKeys[] = {"backend", "service", "name"};

const std::string& ServiceOf(const Value& path) {
  return path.StringAt(kServiceKeys[0], kServiceKeys[1], kServiceKeys[2]);
}

// Those rules and paths that lead to a gated workload, with its variants in their place.
List CanaryRules(const Value& ingress, const Variants& variants) {
  List rules;
  for (const Value& rule : ingress.ListAt("spec", "rules")) {
    List paths;
    for (const Value& path : rule.ListAt("http", "paths")) {
      const auto variant = variants.find(ServiceOf(path));
      if (variant == variants.end()) continue;
      Value canary = path;
      *canary.Find("backend", "service", "name") = variant->second;
      paths.push_back(std::move(canary));
    }
    if (paths.empty()) continue;
    Value copy = rule;
    copy.MakeMap()["http"].MakeMap().Set("paths", std::move(paths));
    rules.push_back(std::move(copy));
  }
  return rules;
}

// "canary-by-header" and its kin for one header route. A cookie whose value is "always" is
// ingress-nginx' own way.
void AddHeader(Map* annotations, const std::string& prefix, const core::HeaderMatch& match) {
  const size_t equals = match.value.find('=');
  if (match.name == "Cookie" && match.how == core::HeaderMatch::How::kExact &&
      equals != std::string::npos) {
    annotations->Set(prefix + "/canary-by-cookie", match.value.substr(0, equals));
    return;
  }
  annotations->Set(prefix + "/canary-by-header", match.name);
  const bool exact = match.how == core::HeaderMatch::How::kExact;
  annotations->Set(prefix + (exact ? "/canary-by-header-value" : "/canary-by-header-pattern"),
                   exact ? match.value : AsRegex(match));
}

// ingress-nginx takes from a canary only what has to do with the choice of a pod; annotations of
// others (certificates, names in DNS) must not stand twice.
Map KeptAnnotations(const Value& ingress, const std::string& prefix) {
  Map kept;
  for (const auto& [key, value] : ingress.MapAt("metadata", "annotations")) {
    if (key.starts_with(prefix + "/") || key == kClassAnnotation) kept.Set(key, value);
  }
  return kept;
}

core::Object CanaryIngress(const core::Object& ingress, const Variants& variants,
                           const Demand& demand, const core::RolloutSpec& spec) {
  const std::string& prefix = spec.traffic.annotation_prefix;
  Map annotations = KeptAnnotations(ingress.body, prefix);
  annotations.Set(prefix + "/canary", "true");
  annotations.Set(prefix + "/canary-weight", fmt::format("{}", demand.weight));
  for (const core::SetHeaderRoute& route : demand.extras.headers)
    AddHeader(&annotations, prefix, route.match.front());
  if (!demand.extras.empty()) annotations.Set(kExtrasAnnotation, Show(demand.extras));
  Map metadata{{"name", CanaryName(core::NameOf(ingress.body))}};
  if (const std::string& place = core::NamespaceOf(ingress.body); !place.empty())
    metadata.Set("namespace", place);
  if (const Map& labels = ingress.body.MapAt("metadata", "labels"); !labels.empty())
    metadata.Set("labels", labels);
  metadata.Set("annotations", std::move(annotations));
  Map body{{"apiVersion", ingress.body.StringAt("apiVersion")},
           {"kind", kType.kind},
           {"metadata", std::move(metadata)}};
  Map rules{{"rules", CanaryRules(ingress.body, variants)}};
  if (const std::string& name = ingress.body.StringAt("spec", "ingressClassName"); !name.empty())
    rules.Set("ingressClassName", name);
  body.Set("spec", std::move(rules));
  core::Object made{std::move(body), ingress.file};
  core::SetLabel(&made.body, core::kVariantLabel, "canary");
  core::SetLabel(&made.body, core::kTrackLabel, "canary");
  return made;
}

class Nginx : public Router {
 public:
  const Type* RouteType() const override { return &kType; }
  const char* Name() const override { return kType.kind; }

  core::Status Check(const core::Object& route, const Variants& variants,
                     const core::RolloutSpec& spec) const override {
    for (const auto& [key, value] : route.body.MapAt("metadata", "annotations")) {
      if (key.starts_with(spec.traffic.annotation_prefix + "/canary"))
        return Refuse(route,
                      fmt::format("has annotation {} already; ingress-nginx knows one canary "
                                  "of an Ingress; take it out",
                                  key));
    }
    if (variants.contains(route.body.StringAt("spec", "defaultBackend", "service", "name")))
      return Refuse(route,
                    "spec.defaultBackend leads to a gated workload; ingress-nginx splits only "
                    "paths of rules; write it as a rule with path /");
    const core::Status extras = RefuseExtras(
        route, spec, true, false, "ingress-nginx mirrors only to addresses, not to Services");
    if (!extras) return extras;
    return CheckHeaders(route, spec);
  }

  core::Objects Split(const core::Object& route, const Variants& variants, const Demand& demand,
                      const core::RolloutSpec& spec) const override {
    const bool wanted = demand.has_variants || demand.weight > 0 || !demand.extras.empty();
    if (!wanted) return {route};
    Demand bounded = demand;
    bounded.weight = std::clamp(demand.weight, 0, 100);
    return {route, CanaryIngress(route, variants, bounded, spec)};
  }

  std::vector<core::ObjectRef> Fenced(const core::RolloutSpec& spec) const override {
    return {RouteRef(spec), CanaryRef(spec)};
  }

  RouteSeen See(const core::RolloutSpec& spec, const Lookup& lookup) const override {
    RouteSeen seen;
    if (!LiveRoute(spec, lookup, &seen)) return seen;
    seen.accepted = true;  // ingress-nginx says nothing of it
    seen.settle = kSettle;
    const std::shared_ptr<const Value> canary = lookup(CanaryRef(spec));
    if (!canary) return seen;
    const std::string& weight =
        core::AnnotationOf(*canary, spec.traffic.annotation_prefix + "/canary-weight");
    std::from_chars(weight.data(), weight.data() + weight.size(), seen.weight);
    seen.extras = core::AnnotationOf(*canary, kExtrasAnnotation);
    // Annotations do not count in the generation.
    seen.version =
        fmt::format("{} {} {}", canary->IntAt(0, "metadata", "generation"), weight, seen.extras);
    return seen;
  }

  std::set<std::string> ServicesBehind(const Value& route) const override {
    std::set<std::string> services;
    for (const Value& rule : route.ListAt("spec", "rules")) {
      for (const Value& path : rule.ListAt("http", "paths")) services.insert(ServiceOf(path));
    }
    services.erase("");
    return services;
  }

 private:
  static core::ObjectRef CanaryRef(const core::RolloutSpec& spec) {
    core::ObjectRef ref = RouteRef(spec);
    ref.name = CanaryName(ref.name);
    return ref;
  }

  // One header, or one cookie, at a time.
  static core::Status CheckHeaders(const core::Object& route, const core::RolloutSpec& spec) {
    std::set<std::string> set;
    for (const core::Step& step : spec.steps) {
      const auto* header = std::get_if<core::SetHeaderRoute>(&step);
      if (!header) continue;
      if (header->match.empty()) {
        set.erase(header->name);
        continue;
      }
      set.insert(header->name);
      if (set.size() > 1 || header->match.size() > 1)
        return Refuse(route, fmt::format("setHeaderRoute {}: ingress-nginx matches one header at a "
                                         "time; take the others away first",
                                         header->name));
      const core::HeaderMatch& match = header->match.front();
      const bool exact = match.how == core::HeaderMatch::How::kExact;
      if (match.name == "Cookie" && !(exact && match.value.ends_with("=always")))
        return Refuse(route, fmt::format("setHeaderRoute {}: of cookies ingress-nginx knows only "
                                         "the value always; match exact: NAME=always",
                                         header->name));
    }
    return core::Ok();
  }
};

}  // namespace

const Router& Ingresses() {
  static const Nginx kRouter;
  return kRouter;
}

}  // namespace headgate::rollout::routers
