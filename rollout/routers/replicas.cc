// No router: stable's Services send to the canary's pods too, and how many there are carries the
// weight. What that can hold is written in docs/routers.md.
#include "rollout/routers/routers.h"

namespace headgate::rollout::routers {
namespace {

class ByReplicas : public Router {
 public:
  const Type* RouteType() const override { return nullptr; }
  const char* Name() const override { return "replicas"; }

  core::Status Check(const core::Object&, const Variants&,
                     const core::RolloutSpec&) const override {
    return core::Ok();
  }

  core::Objects Split(const core::Object&, const Variants&, const Demand&,
                      const core::RolloutSpec&) const override {
    return {};
  }

  RouteSeen See(const core::RolloutSpec&, const Lookup&) const override {
    RouteSeen seen;
    seen.exists = seen.accepted = seen.follows_pods = true;
    return seen;
  }

  std::set<std::string> ServicesBehind(const core::Value&) const override { return {}; }
};

}  // namespace

const Router& Replicas() {
  static const ByReplicas kRouter;
  return kRouter;
}

}  // namespace headgate::rollout::routers
