#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/object.h"
#include "core/result.h"
#include "core/rollout_spec.h"
#include "rollout/observation.h"

namespace headgate::rollout::routers {

// Stable Service -> its canary variant, of the Services of gated workloads.
using Variants = std::map<std::string, std::string>;

// What beside the weight sends requests to the candidate.
struct Extras {
  std::vector<core::SetHeaderRoute> headers;  // those with a match, in the order of their steps
  int mirror = 0;                             // percent of the requests that are copied
  bool baseline = false;                      // the baseline gets as much as the canary

  bool empty() const { return headers.empty() && mirror == 0 && !baseline; }
  friend bool operator==(const Extras&, const Extras&) = default;
};
// "beta, mirror 20 %, baseline"; "" without any. What the annotation kExtrasAnnotation says of a
// live route.
std::string Show(const Extras& extras);
inline constexpr const char* kExtrasAnnotation = "headgate.dev/extra-routes";

// What the data plane shall do.
struct Demand {
  int weight = 0;             // percent of the requests to the canary, 0 to 100
  bool has_variants = false;  // the canary's Services exist and may be named
  Extras extras;
};

// A kind of object that a router writes or reads.
struct Type {
  const char* api_version;
  const char* group;
  const char* kind;
};

// Gives a live object, or nullptr.
using Lookup = std::function<std::shared_ptr<const core::Value>(const core::ObjectRef&)>;

// One way to split requests: manifest in, manifest out. All of it is pure; what it does not
// understand of the author's route it keeps, what it cannot split it refuses beforehand.
class Router {
 public:
  virtual ~Router() = default;

  // What the author's route is; nullptr where there is none (replicas).
  virtual const Type* RouteType() const = 0;
  // "HTTPRoute"; for messages.
  virtual const char* Name() const = 0;

  // Whether this route can be split for these steps: kInvalid says where it cannot, and the mend.
  virtual core::Status Check(const core::Object& route, const Variants& variants,
                             const core::RolloutSpec& spec) const = 0;

  // The author's route (first) and what is made beside it, as `demand` wants it. At weight 0,
  // without extras and variants, the author's manifest untouched and nothing else.
  virtual core::Objects Split(const core::Object& route, const Variants& variants,
                              const Demand& demand, const core::RolloutSpec& spec) const = 0;

  // Further variants that the canary's Services need, of the objects of a bundle.
  virtual core::Objects Companions(const core::Objects& bundle, const Variants& variants,
                                   const std::string& track_label) const;
  // Whether an object belongs to the way of the requests, so that it waits for the promotion.
  virtual bool IsNeeded(const core::Value& body, const Variants& variants) const;

  // How it stands in the cluster. `weight` is the canary's percentage, -1 where rules differ.
  // accepted_since is left to the caller, who knows since when.
  virtual RouteSeen See(const core::RolloutSpec& spec, const Lookup& live) const = 0;

  // Live objects that must not have changed since the decision when they are written.
  virtual std::vector<core::ObjectRef> Fenced(const core::RolloutSpec& spec) const;

  // The Services in the route's own namespace that it sends requests to, variants included.
  virtual std::set<std::string> ServicesBehind(const core::Value& route) const = 0;
};

// The one for a Rollout's traffic. Lives as long as the program.
const Router& RouterFor(const core::Traffic& traffic);

// The route as the author wrote it, by the Rollout's name for it.
bool IsRoute(const core::Value& body, const core::RolloutSpec& spec);
core::ObjectRef RouteRef(const core::RolloutSpec& spec);  // its kind is "" without a route

// The live route, where every `See` begins: `seen` says that it exists, or why there is nothing
// more to see (then the pointer is null).
std::shared_ptr<const core::Value> LiveRoute(const core::RolloutSpec& spec, const Lookup& live,
                                             RouteSeen* seen);

// The errors of Check: "HTTPRoute web (route.yaml:3): WHAT".
core::Error Refuse(const core::Object& route, std::string_view what);
// "setMirror is not ...": the first step of a kind that a router cannot do; Ok where there is none.
core::Status RefuseExtras(const core::Object& route, const core::RolloutSpec& spec,
                          bool header_routes, bool mirrors, std::string_view mend);

}  // namespace headgate::rollout::routers
