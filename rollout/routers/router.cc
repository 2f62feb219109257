#include "rollout/routers/router.h"

#include <fmt/format.h>

#include "rollout/routers/routers.h"

namespace headgate::rollout::routers {

std::string Show(const Extras& extras) {
  std::string text;
  for (const core::SetHeaderRoute& route : extras.headers)
    text += (text.empty() ? "" : ", ") + route.name;
  if (extras.mirror > 0)
    text += fmt::format("{}mirror {} %", text.empty() ? "" : ", ", extras.mirror);
  if (extras.baseline) text += text.empty() ? "baseline" : ", baseline";
  return text;
}

core::Objects Router::Companions(const core::Objects&, const Variants&, const std::string&) const {
  return {};
}

bool Router::IsNeeded(const core::Value&, const Variants&) const { return false; }

std::vector<core::ObjectRef> Router::Fenced(const core::RolloutSpec& spec) const {
  if (!RouteType()) return {};
  return {RouteRef(spec)};
}

const Router& RouterFor(const core::Traffic& traffic) {
  switch (traffic.by) {
    case core::Traffic::By::kHttpRoute:
      return HttpRoutes();
    case core::Traffic::By::kGrpcRoute:
      return GrpcRoutes();
    case core::Traffic::By::kVirtualService:
      return VirtualServices();
    case core::Traffic::By::kIngress:
      return Ingresses();
    case core::Traffic::By::kTraefikService:
      return TraefikServices();
    case core::Traffic::By::kReplicas:
      break;
  }
  return Replicas();
}

bool IsRoute(const core::Value& body, const core::RolloutSpec& spec) {
  const Type* type = RouterFor(spec.traffic).RouteType();
  return type && core::IsKind(body, type->group, type->kind) &&
         core::NameOf(body) == spec.traffic.route;
}

core::ObjectRef RouteRef(const core::RolloutSpec& spec) {
  const Type* type = RouterFor(spec.traffic).RouteType();
  if (!type) return {};
  return {type->group, type->kind, spec.namespace_name, spec.traffic.route};
}

std::shared_ptr<const core::Value> LiveRoute(const core::RolloutSpec& spec, const Lookup& live,
                                             RouteSeen* seen) {
  std::shared_ptr<const core::Value> route = live(RouteRef(spec));
  if (!route || route->is_null()) {
    seen->why = "the route is not in the cluster";
    return nullptr;
  }
  seen->exists = true;
  return route;
}

core::Error Refuse(const core::Object& route, std::string_view what) {
  return core::Invalid(fmt::format("{} {} ({}): {}", route.body.StringAt("kind"),
                                   core::NameOf(route.body), core::Where(route), what));
}

core::Status RefuseExtras(const core::Object& route, const core::RolloutSpec& spec,
                          bool header_routes, bool mirrors, std::string_view mend) {
  for (const core::Step& step : spec.steps) {
    const bool bad = (!header_routes && std::holds_alternative<core::SetHeaderRoute>(step)) ||
                     (!mirrors && std::holds_alternative<core::SetMirror>(step));
    if (bad) return Refuse(route, fmt::format("cannot do {}; {}", core::Show(step), mend));
  }
  return core::Ok();
}

}  // namespace headgate::rollout::routers
