#pragma once

#include <map>
#include <set>
#include <string>

#include "core/object.h"
#include "core/result.h"
#include "core/value.h"
#include "rollout/observation.h"

namespace headgate::rollout::routers {

// Stable Service -> its canary variant, of the Services of gated workloads.
using Variants = std::map<std::string, std::string>;

// The author's HTTPRoute with `weight` percent (0 to 100) of what goes to each Service of
// `variants` sent to its variant. Splits by weight that the author made keep their proportions;
// all other fields stay. At weight 0 the author's manifest untouched.
core::Value SplitRoute(const core::Value& route, const Variants& variants, int weight);

// How a live HTTPRoute stands (nullptr: not there). `weight` is the canary's percentage in its
// spec, of pairs NAME and CanaryName(NAME); -1 where rules differ. accepted_since is left to the
// caller, who knows since when.
RouteSeen SeeRoute(const core::Value* live);

// The names of the Services in the route's own namespace that its rules send requests to, variants
// included.
std::set<std::string> ServicesBehind(const core::Value& route);

}  // namespace headgate::rollout::routers
