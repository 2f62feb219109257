// VirtualService of Istio: destinations by weight, copies of routes for headers, mirrors. Subsets
// are those of a DestinationRule; the canary's Service gets a variant of it, with the same subsets.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/application.h"
#include "rollout/compose.h"
#include "rollout/routers/routers.h"
#include "rollout/routers/weights.h"
#include "rollout/selectors.h"

namespace headgate::rollout::routers {
namespace {

using core::List;
using core::Map;
using core::Value;

constexpr int64_t kWeightMax = 1'000'000;
constexpr core::Duration kSettle = std::chrono::seconds(3);  // from written to known by every proxy
constexpr Type kType{"networking.istio.io/v1", "networking.istio.io", "VirtualService"};

// The Service that a host names in `place`: "web", "web.shop", "web.shop.svc.cluster.local"; ""
// for hosts elsewhere.
std::string ServiceOf(const std::string& host, const std::string& place) {
  const size_t dot = host.find('.');
  if (dot == std::string::npos) return host;
  const std::string rest = host.substr(dot + 1);
  const size_t end = rest.find('.');
  const std::string space = rest.substr(0, end);
  const bool cluster = end == std::string::npos || rest.substr(end + 1).starts_with("svc");
  return cluster && (place.empty() || space == place) ? host.substr(0, dot) : "";
}

// The same host with another Service in its first place.
std::string WithService(const std::string& host, const std::string& service) {
  const size_t dot = host.find('.');
  return service + (dot == std::string::npos ? "" : host.substr(dot));
}

struct Destinations {
  const List& all;
  const std::string& place;
  const Variants& variants;

  const std::string* VariantOf(const Value& route) const {
    const auto at = variants.find(ServiceOf(route.StringAt("destination", "host"), place));
    return at == variants.end() ? nullptr : &at->second;
  }
  const Value* FirstGated() const {
    for (const Value& route : all) {
      if (VariantOf(route)) return &route;
    }
    return nullptr;
  }
  // A single destination gets everything; of several, those without a weight get nothing.
  int64_t WeightOf(const Value& route) const {
    return std::max<int64_t>(0, route.IntAt(all.size() == 1 ? 1 : 0, "weight"));
  }
  Value ToVariant(const Value& route) const {
    Value canary = route;
    Map& destination = canary.MakeMap()["destination"].MakeMap();
    destination.Set("host", WithService(route.StringAt("destination", "host"), *VariantOf(route)));
    return canary;
  }
};

List SplitDestinations(const Destinations& destinations, int weight) {
  std::vector<int64_t> authors;
  for (const Value& route : destinations.all) {
    // One that stands alone has all, whatever its weight says.
    authors.push_back(destinations.all.size() == 1 ? 1 : destinations.WeightOf(route));
  }
  const Proportions proportions(authors, kWeightMax);
  List split;
  for (size_t i = 0; i < destinations.all.size(); ++i) {
    const Value& route = destinations.all[i];
    const bool gated = destinations.VariantOf(route) != nullptr;
    Value stable = route;
    stable.MakeMap().Set("weight", proportions.Of(authors[i], gated ? 100 - weight : 100));
    split.push_back(std::move(stable));
    if (!gated) continue;
    Value canary = destinations.ToVariant(route);
    canary.MakeMap().Set("weight", proportions.Of(authors[i], weight));
    split.push_back(std::move(canary));
  }
  return split;
}

Value HeaderRule(const Value& rule, const Destinations& destinations,
                 const core::SetHeaderRoute& route) {
  Value copy = rule;
  Map& fields = copy.MakeMap();
  const std::string& name = rule.StringAt("name");
  fields.Set("name", name.empty() ? "headgate-" + route.name : name + "-" + route.name);
  List matches = rule.ListAt("match");
  if (matches.empty()) matches.push_back(Map{});
  for (Value& match : matches) {
    Map& headers = match.MakeMap()["headers"].MakeMap();
    for (const core::HeaderMatch& header : route.match) {
      const char* how = header.how == core::HeaderMatch::How::kExact    ? "exact"
                        : header.how == core::HeaderMatch::How::kPrefix ? "prefix"
                                                                        : "regex";
      headers.Set(header.name, Map{{how, header.value}});
    }
  }
  fields.Set("match", std::move(matches));
  List to;
  for (const Value& one : destinations.all)
    to.push_back(destinations.VariantOf(one) ? destinations.ToVariant(one) : one);
  fields.Set("route", std::move(to));
  return copy;
}

void AddMirror(Value* rule, const Destinations& destinations, int percentage) {
  const Value canary = destinations.ToVariant(*destinations.FirstGated());
  rule->MakeMap()["mirrors"].MakeList().push_back(Map{{"destination", *canary.Find("destination")},
                                                      {"percentage", Map{{"value", percentage}}}});
}

bool IsChosen(const Value& rule, const core::RolloutSpec& spec) {
  const std::vector<std::string>& routes = spec.traffic.routes;
  return routes.empty() ||
         std::find(routes.begin(), routes.end(), rule.StringAt("name")) != routes.end();
}

class Istio : public Router {
 public:
  const Type* RouteType() const override { return &kType; }
  const char* Name() const override { return kType.kind; }

  core::Status Check(const core::Object& route, const Variants& variants,
                     const core::RolloutSpec& spec) const override {
    std::vector<std::string> names;
    for (const Value& rule : route.body.ListAt("spec", "http")) {
      if (!rule.StringAt("name").empty()) names.push_back(rule.StringAt("name"));
      if (!IsChosen(rule, spec)) continue;
      if (core::Status checked = CheckRule(route, rule, variants, spec); !checked) return checked;
    }
    for (const std::string& wanted : spec.traffic.routes) {
      if (std::find(names.begin(), names.end(), wanted) != names.end()) continue;
      return Refuse(
          route,
          fmt::format("has no http route named {}, which "
                      "spec.traffic.istio.virtualService.routes asks for; named "
                      "are: {}",
                      wanted, names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))));
    }
    return core::Ok();
  }

  core::Objects Split(const core::Object& route, const Variants& variants, const Demand& demand,
                      const core::RolloutSpec& spec) const override {
    if (demand.weight <= 0 && demand.extras.empty()) return {route};
    core::Object split = route;
    Map& body = split.body.MakeMap()["spec"].MakeMap();
    for (const char* protocol : {"http", "tls", "tcp"}) {
      const bool http = std::string_view(protocol) == "http";
      Value* rules = body.Find(protocol);
      if (!rules || !rules->AsList() || (!http && !spec.traffic.routes.empty())) continue;
      List changed;
      for (const Value& rule : *rules->AsList())
        SplitRule(rule, core::NamespaceOf(route.body), variants, demand,
                  http ? IsChosen(rule, spec) : true, http, &changed);
      *rules = std::move(changed);
    }
    if (!demand.extras.empty())
      core::SetAnnotation(&split.body, kExtrasAnnotation, Show(demand.extras));
    return {split};
  }

  // Traffic policies and subsets hold for a host, and the canary's is another.
  core::Objects Companions(const core::Objects& bundle, const Variants& variants,
                           const std::string& label) const override {
    core::Objects rules;
    for (const core::Object& object : bundle) {
      if (!IsNeeded(object.body, variants)) continue;
      core::Object variant = object;
      Map& metadata = variant.body.MakeMap()["metadata"].MakeMap();
      metadata.Set("name", CanaryName(core::NameOf(object.body)));
      core::SetLabel(&variant.body, core::kVariantLabel, "canary");
      core::SetLabel(&variant.body, core::kTrackLabel, "canary");
      Map& spec = variant.body.MakeMap()["spec"].MakeMap();
      const std::string host = object.body.StringAt("spec", "host");
      const auto service = variants.find(ServiceOf(host, core::NamespaceOf(object.body)));
      spec.Set("host", WithService(host, service->second));
      if (Value* subsets = spec.Find("subsets"); subsets && subsets->AsList()) {
        for (Value& subset : *subsets->AsList()) {
          if (Value* labels = subset.Find("labels"); labels && labels->AsMap())
            ToTrack(labels->AsMap(), label, kCanaryEnd);
        }
      }
      rules.push_back(std::move(variant));
    }
    return rules;
  }

  bool IsNeeded(const Value& body, const Variants& variants) const override {
    return core::IsKind(body, "networking.istio.io", "DestinationRule") &&
           variants.contains(ServiceOf(body.StringAt("spec", "host"), core::NamespaceOf(body)));
  }

  RouteSeen See(const core::RolloutSpec& spec, const Lookup& lookup) const override {
    RouteSeen seen;
    const std::shared_ptr<const Value> live = LiveRoute(spec, lookup, &seen);
    if (!live) return seen;
    seen.settle = kSettle;
    seen.version = fmt::format("{}", live->IntAt(0, "metadata", "generation"));
    seen.extras = core::AnnotationOf(*live, kExtrasAnnotation);
    Shares shares;
    for (const char* protocol : {"http", "tls", "tcp"}) {
      for (const Value& rule : live->ListAt("spec", protocol)) {
        std::vector<std::pair<std::string, int64_t>> backends;
        for (const Value& route : rule.ListAt("route"))
          backends.emplace_back(
              ServiceOf(route.StringAt("destination", "host"), spec.namespace_name),
              route.IntAt(0, "weight"));
        shares.AddRule(backends);
      }
    }
    seen.weight = shares.Percent();
    // Istio writes a status only where it is told to; without one the time has to do.
    for (const Value& condition : live->ListAt("status", "conditions")) {
      if (condition.StringAt("type") == "Reconciled" && condition.StringAt("status") == "False")
        seen.why = "Reconciled: " + condition.StringAt("message");
    }
    seen.accepted = seen.why.empty();
    return seen;
  }

  std::set<std::string> ServicesBehind(const Value& route) const override {
    std::set<std::string> services;
    for (const char* protocol : {"http", "tls", "tcp"}) {
      for (const Value& rule : route.ListAt("spec", protocol)) {
        for (const Value& one : rule.ListAt("route"))
          services.insert(ServiceOf(one.StringAt("destination", "host"), core::NamespaceOf(route)));
      }
    }
    services.erase("");
    return services;
  }

 private:
  static core::Status CheckRule(const core::Object& route, const Value& rule,
                                const Variants& variants, const core::RolloutSpec& spec) {
    const std::string where = core::Where(route, rule);
    const Destinations to{rule.ListAt("route"), core::NamespaceOf(route.body), variants};
    const bool named = !spec.traffic.routes.empty();
    if (rule.Find("delegate") && named)
      return Refuse(route, where +
                               ": delegates to another VirtualService; name that one in "
                               "spec.traffic.istio.virtualService.name");
    const Value* gated = to.FirstGated();
    if (!gated && named)
      return Refuse(route, where + ": sends nothing to a Service of the gated workloads");
    if (!gated) return core::Ok();
    int64_t sum = 0;
    for (const Value& one : to.all) sum += to.WeightOf(one);
    if (to.all.size() > 1 && sum == 0)
      return Refuse(route, where + ": its destinations have no weight; give them one each");
    for (const core::Step& step : spec.steps) {
      if (std::holds_alternative<core::SetMirror>(step) && rule.Find("mirror"))
        return Refuse(route, where +
                                 ": has a mirror already, beside which Istio takes none of "
                                 "setMirror; write it as mirrors");
      const auto* header = std::get_if<core::SetHeaderRoute>(&step);
      if (!header) continue;
      for (const Value& match : rule.ListAt("match")) {
        for (const core::HeaderMatch& ours : header->match) {
          if (match.Find("headers", ours.name))
            return Refuse(route, fmt::format("{}: matches header {} already, which setHeaderRoute "
                                             "{} uses; choose another header",
                                             where, ours.name, header->name));
        }
      }
    }
    return core::Ok();
  }

  static void SplitRule(const Value& rule, const std::string& place, const Variants& variants,
                        const Demand& demand, bool chosen, bool http, List* changed) {
    const Destinations destinations{rule.ListAt("route"), place, variants};
    Value mine = rule;
    if (chosen && destinations.FirstGated()) {
      if (http) {
        for (const core::SetHeaderRoute& header : demand.extras.headers)
          changed->push_back(HeaderRule(rule, destinations, header));
      }
      if (demand.weight > 0)
        mine.MakeMap().Set("route", SplitDestinations(destinations, std::min(demand.weight, 100)));
      if (http && demand.extras.mirror > 0) AddMirror(&mine, destinations, demand.extras.mirror);
    }
    changed->push_back(std::move(mine));
  }
};

}  // namespace

const Router& VirtualServices() {
  static const Istio kRouter;
  return kRouter;
}

}  // namespace headgate::rollout::routers
