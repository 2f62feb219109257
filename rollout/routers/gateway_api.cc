#include "rollout/routers/gateway_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "rollout/compose.h"

namespace headgate::rollout::routers {
namespace {

using core::List;
using core::Map;
using core::Value;

constexpr int64_t kWeightMax = 1'000'000;  // of a backendRef, by the Gateway API
constexpr int kUneven = -1;

int64_t WeightOf(const Value& backend) { return std::max<int64_t>(0, backend.IntAt(1, "weight")); }

bool IsServiceOf(const Value& backend, const std::string& route_namespace) {
  const std::string& kind = backend.StringAt("kind");
  const std::string& place = backend.StringAt("namespace");
  return backend.StringAt("group").empty() && (kind.empty() || kind == "Service") &&
         (place.empty() || place == route_namespace);
}

// The author's weights by their greatest common divisor, times 100, so that a percentage of each
// is a whole number; rounded where that is more than the API takes.
struct Scale {
  int64_t divisor = 1;
  double factor = 1;

  int64_t Of(int64_t author, int percent) const {
    const int64_t exact = author / divisor * percent;
    if (exact == 0 || factor >= 1) return exact;
    return std::max<int64_t>(1, std::llround(static_cast<double>(exact) * factor));
  }
};

Scale ScaleOf(const List& backends) {
  int64_t divisor = 0;
  int64_t largest = 0;
  for (const Value& backend : backends) {
    divisor = std::gcd(divisor, WeightOf(backend));
    largest = std::max(largest, WeightOf(backend));
  }
  Scale scale{.divisor = std::max<int64_t>(divisor, 1)};
  const int64_t most = largest / scale.divisor * 100;
  if (most > kWeightMax) scale.factor = static_cast<double>(kWeightMax) / static_cast<double>(most);
  return scale;
}

List SplitBackends(const List& backends, const std::string& route_namespace,
                   const Variants& variants, int weight) {
  const auto variant_of = [&](const Value& backend) {
    return IsServiceOf(backend, route_namespace) ? variants.find(backend.StringAt("name"))
                                                 : variants.end();
  };
  const bool ours = std::any_of(backends.begin(), backends.end(), [&](const Value& backend) {
    return variant_of(backend) != variants.end();
  });
  if (!ours) return backends;

  const Scale scale = ScaleOf(backends);
  List split;
  for (const Value& backend : backends) {
    const auto variant = variant_of(backend);
    Value stable = backend;
    const bool gated = variant != variants.end();
    stable.MakeMap().Set("weight", scale.Of(WeightOf(backend), gated ? 100 - weight : 100));
    split.push_back(std::move(stable));
    if (!gated) continue;
    Value canary = backend;
    canary.MakeMap().Set("name", variant->second);
    canary.MakeMap().Set("weight", scale.Of(WeightOf(backend), weight));
    split.push_back(std::move(canary));
  }
  return split;
}

// Percent that a rule gives to variants, of what goes to them and to what they are variants of;
// nothing where it names no variant.
std::optional<int> CanaryPercent(const List& backends) {
  int64_t canary = 0;
  int64_t stable = 0;
  bool found = false;
  for (const Value& backend : backends) {
    const std::string name = CanaryName(backend.StringAt("name"));
    for (const Value& variant : backends) {
      if (variant.StringAt("name") != name) continue;
      found = true;
      stable += WeightOf(backend);
      canary += WeightOf(variant);
    }
  }
  if (!found) return std::nullopt;
  if (canary == 0) return 0;
  return static_cast<int>(
      std::llround(100.0 * static_cast<double>(canary) / static_cast<double>(canary + stable)));
}

// Of all rules; kUneven where they differ.
int CanaryPercentOf(const Value& route) {
  std::optional<int> percent;
  for (const Value& rule : route.ListAt("spec", "rules")) {
    const std::optional<int> here = CanaryPercent(rule.ListAt("backendRefs"));
    if (here && percent && *here != *percent) return kUneven;
    if (here) percent = here;
  }
  return percent.value_or(0);
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

}  // namespace

Value SplitRoute(const Value& route, const Variants& variants, int weight) {
  if (weight <= 0) return route;
  Value split = route;
  Value* rules = split.Find("spec", "rules");
  if (!rules || !rules->AsList()) return split;
  for (Value& rule : *rules->AsList()) {
    Value* backends = rule.Find("backendRefs");
    if (!backends || !backends->AsList()) continue;
    *backends = SplitBackends(*backends->AsList(), core::NamespaceOf(route), variants,
                              std::min(weight, 100));
  }
  return split;
}

RouteSeen SeeRoute(const Value* live) {
  RouteSeen seen;
  if (!live || live->is_null()) {
    seen.why = "the route is not in the cluster";
    return seen;
  }
  seen.exists = true;
  seen.weight = CanaryPercentOf(*live);
  const core::List& parents = live->ListAt("status", "parents");
  if (parents.empty()) seen.why = "no gateway has taken the route";
  for (const Value& parent : parents) {
    if (seen.why.empty()) seen.why = Refusal(parent, live->IntAt(0, "metadata", "generation"));
  }
  seen.accepted = seen.why.empty();
  return seen;
}

std::set<std::string> ServicesBehind(const Value& route) {
  std::set<std::string> services;
  for (const Value& rule : route.ListAt("spec", "rules")) {
    for (const Value& backend : rule.ListAt("backendRefs")) {
      if (IsServiceOf(backend, core::NamespaceOf(route))) services.insert(backend.StringAt("name"));
    }
  }
  return services;
}

}  // namespace headgate::rollout::routers
