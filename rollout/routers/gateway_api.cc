// HTTPRoute and GRPCRoute of the Gateway API: backendRefs by weight, copies of rules for headers,
// RequestMirror filters.
#include <fmt/format.h>

#include <algorithm>

#include "rollout/compose.h"
#include "rollout/routers/routers.h"
#include "rollout/routers/weights.h"

namespace headgate::rollout::routers {
namespace {

using core::List;
using core::Map;
using core::Value;

constexpr int64_t kWeightMax = 1'000'000;  // of a backendRef, by the Gateway API
constexpr size_t kRulesMax = 16;           // of a route

int64_t WeightOf(const Value& backend) { return std::max<int64_t>(0, backend.IntAt(1, "weight")); }

bool IsServiceOf(const Value& backend, const std::string& route_namespace) {
  const std::string& kind = backend.StringAt("kind");
  const std::string& place = backend.StringAt("namespace");
  return backend.StringAt("group").empty() && (kind.empty() || kind == "Service") &&
         (place.empty() || place == route_namespace);
}

// One rule's backends with respect to the Services of gated workloads.
struct Backends {
  const List& all;
  const std::string& place;
  const Variants& variants;

  const std::string* VariantOf(const Value& backend) const {
    if (!IsServiceOf(backend, place)) return nullptr;
    const auto at = variants.find(backend.StringAt("name"));
    return at == variants.end() ? nullptr : &at->second;
  }
  const Value* FirstGated() const {
    for (const Value& backend : all) {
      if (VariantOf(backend)) return &backend;
    }
    return nullptr;
  }
  bool Mixed() const {
    return FirstGated() && std::any_of(all.begin(), all.end(),
                                       [&](const Value& backend) { return !VariantOf(backend); });
  }
};

// A baseline gets as much as the canary.
List SplitBackends(const Backends& backends, int weight, bool baseline) {
  std::vector<int64_t> authors;
  for (const Value& backend : backends.all) authors.push_back(WeightOf(backend));
  const Proportions proportions(authors, kWeightMax);
  const int baselines = baseline ? std::min(weight, 100 - weight) : 0;
  const int stables = 100 - weight - baselines;
  List split;
  for (const Value& backend : backends.all) {
    const std::string* variant = backends.VariantOf(backend);
    Value stable = backend;
    stable.MakeMap().Set("weight", proportions.Of(WeightOf(backend), variant ? stables : 100));
    split.push_back(std::move(stable));
    if (!variant) continue;
    Value canary = backend;
    canary.MakeMap().Set("name", *variant);
    canary.MakeMap().Set("weight", proportions.Of(WeightOf(backend), weight));
    split.push_back(std::move(canary));
    if (!baseline) continue;
    Value fresh = backend;
    fresh.MakeMap().Set("name", BaselineName(backend.StringAt("name")));
    fresh.MakeMap().Set("weight", proportions.Of(WeightOf(backend), baselines));
    split.push_back(std::move(fresh));
  }
  return split;
}

Value MatchOf(const core::HeaderMatch& match) {
  const bool exact = match.how == core::HeaderMatch::How::kExact;
  return Map{{"type", exact ? "Exact" : "RegularExpression"},
             {"name", match.name},
             {"value", exact ? match.value : AsRegex(match)}};
}

// The rule once more for requests with these headers, all of it to the canary.
Value HeaderRule(const Value& rule, const Backends& backends, const core::SetHeaderRoute& route) {
  Value copy = rule;
  Map& fields = copy.MakeMap();
  fields.Erase("name");  // unique within a route
  List matches = rule.ListAt("matches");
  if (matches.empty()) matches.push_back(Map{});
  for (Value& match : matches) {
    List& headers = match.MakeMap()["headers"].MakeList();
    for (const core::HeaderMatch& header : route.match) headers.push_back(MatchOf(header));
  }
  fields.Set("matches", std::move(matches));
  List to;
  for (const Value& backend : backends.all) {
    Value one = backend;
    if (const std::string* variant = backends.VariantOf(backend))
      one.MakeMap().Set("name", *variant);
    to.push_back(std::move(one));
  }
  fields.Set("backendRefs", std::move(to));
  return copy;
}

void AddMirror(Value* rule, const Backends& backends, int percentage) {
  const Value& gated = *backends.FirstGated();
  Map to{{"name", *backends.VariantOf(gated)}};
  if (const Value* port = gated.Find("port")) to.Set("port", *port);
  Map mirror{{"backendRef", std::move(to)}};
  if (percentage < 100) mirror.Set("percent", percentage);
  rule->MakeMap()["filters"].MakeList().push_back(
      Map{{"type", "RequestMirror"}, {"requestMirror", std::move(mirror)}});
}

// Why one parent (a gateway) has not taken the route as it is now; empty where it has.
std::string Refusal(const Value& parent, int64_t generation) {
  for (const char* type : {"Accepted", "ResolvedRefs"}) {
    const Value* found = nullptr;
    for (const Value& condition : parent.ListAt("conditions")) {
      if (condition.StringAt("type") == type) found = &condition;
    }
    if (!found) return fmt::format("the gateway says nothing of {}", type);
    if (found->IntAt(0, "observedGeneration") < generation)
      return "the gateway has not seen the present generation";
    if (found->StringAt("status") != "True")
      return fmt::format("{}: {}: {}", type, found->StringAt("reason"), found->StringAt("message"));
  }
  return "";
}

class GatewayApi : public Router {
 public:
  explicit GatewayApi(const char* kind)
      : type_{"gateway.networking.k8s.io/v1", "gateway.networking.k8s.io", kind} {}

  const Type* RouteType() const override { return &type_; }
  const char* Name() const override { return type_.kind; }

  core::Status Check(const core::Object& route, const Variants& variants,
                     const core::RolloutSpec& spec) const override {
    size_t gated = 0;
    const core::List& rules = route.body.ListAt("spec", "rules");
    for (const Value& rule : rules) {
      const Backends backends{rule.ListAt("backendRefs"), core::NamespaceOf(route.body), variants};
      if (!backends.FirstGated()) continue;
      ++gated;
      if (core::Status checked = CheckRule(route, rule, backends, spec); !checked) return checked;
    }
    size_t made = 0;
    for (const core::Step& step : spec.steps) {
      const auto* header = std::get_if<core::SetHeaderRoute>(&step);
      if (header && !header->match.empty()) made += gated;
    }
    if (rules.size() + made <= kRulesMax) return core::Ok();
    return Refuse(route, fmt::format("with its setHeaderRoutes it would have {} rules; the Gateway "
                                     "API takes {}; split the route in two",
                                     rules.size() + made, kRulesMax));
  }

  core::Objects Split(const core::Object& route, const Variants& variants, const Demand& demand,
                      const core::RolloutSpec&) const override {
    if (demand.weight <= 0 && demand.extras.empty()) return {route};
    core::Object split = route;
    Value* rules = split.body.Find("spec", "rules");
    if (!rules || !rules->AsList()) return {split};
    List made;
    List changed;
    for (const Value& rule : *rules->AsList()) {
      const Backends backends{rule.ListAt("backendRefs"), core::NamespaceOf(route.body), variants};
      Value mine = rule;
      if (backends.FirstGated()) {
        for (const core::SetHeaderRoute& header : demand.extras.headers)
          made.push_back(HeaderRule(rule, backends, header));
        if (demand.weight > 0)
          mine.MakeMap().Set("backendRefs", SplitBackends(backends, std::min(demand.weight, 100),
                                                          demand.extras.baseline));
        if (demand.extras.mirror > 0) AddMirror(&mine, backends, demand.extras.mirror);
      }
      changed.push_back(std::move(mine));
    }
    // Between rules that match equally the first wins.
    for (Value& rule : changed) made.push_back(std::move(rule));
    *rules = std::move(made);
    if (!demand.extras.empty())
      core::SetAnnotation(&split.body, kExtrasAnnotation, Show(demand.extras));
    return {split};
  }

  RouteSeen See(const core::RolloutSpec& spec, const Lookup& lookup) const override {
    RouteSeen seen;
    const std::shared_ptr<const Value> live = LiveRoute(spec, lookup, &seen);
    if (!live) return seen;
    seen.extras = core::AnnotationOf(*live, kExtrasAnnotation);
    const int64_t generation = live->IntAt(0, "metadata", "generation");
    seen.version = fmt::format("{}", generation);
    Shares shares;
    for (const Value& rule : live->ListAt("spec", "rules")) {
      std::vector<std::pair<std::string, int64_t>> backends;
      for (const Value& backend : rule.ListAt("backendRefs")) {
        if (IsServiceOf(backend, spec.namespace_name))
          backends.emplace_back(backend.StringAt("name"), WeightOf(backend));
      }
      shares.AddRule(backends);
    }
    seen.weight = shares.Percent();
    const core::List& parents = live->ListAt("status", "parents");
    if (parents.empty()) seen.why = "no gateway has taken the route";
    for (const Value& parent : parents) {
      if (seen.why.empty()) seen.why = Refusal(parent, generation);
    }
    seen.accepted = seen.why.empty();
    return seen;
  }

  std::set<std::string> ServicesBehind(const Value& route) const override {
    std::set<std::string> services;
    for (const Value& rule : route.ListAt("spec", "rules")) {
      for (const Value& backend : rule.ListAt("backendRefs")) {
        if (IsServiceOf(backend, core::NamespaceOf(route)))
          services.insert(backend.StringAt("name"));
      }
    }
    return services;
  }

 private:
  // Header routes and mirrors need rules that they can be added to.
  static core::Status CheckRule(const core::Object& route, const Value& rule,
                                const Backends& backends, const core::RolloutSpec& spec) {
    for (const core::Step& step : spec.steps) {
      const auto* mirror = std::get_if<core::SetMirror>(&step);
      if (mirror && backends.Mixed())
        return Refuse(route, fmt::format("{}: setMirror would copy requests that are not for the "
                                         "gated workloads; give them a rule of their own",
                                         core::Where(route, rule)));
      const auto* header = std::get_if<core::SetHeaderRoute>(&step);
      if (!header) continue;
      for (const Value& match : rule.ListAt("matches")) {
        for (const Value& authors : match.ListAt("headers")) {
          for (const core::HeaderMatch& ours : header->match) {
            if (authors.StringAt("name") == ours.name)
              return Refuse(route,
                            fmt::format("{}: the rule matches header {} already, which "
                                        "setHeaderRoute {} uses; choose another header",
                                        core::Where(route, authors), ours.name, header->name));
          }
        }
      }
    }
    return core::Ok();
  }

  Type type_;
};

}  // namespace

const Router& HttpRoutes() {
  static const GatewayApi kRouter("HTTPRoute");
  return kRouter;
}

const Router& GrpcRoutes() {
  static const GatewayApi kRouter("GRPCRoute");
  return kRouter;
}

}  // namespace headgate::rollout::routers
