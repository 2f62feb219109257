#include "rollout/shape.h"

namespace headgate::rollout {
namespace {

using Base = Shape::Base;
using Order = Shape::Order;
using Route = Shape::Route;

Shape Of(const core::Stable&) { return {}; }
Shape Of(const core::Held&) { return {}; }

Shape Of(const core::Trial& at) {
  // While warming the weight is the old one, or was just taken away: it must not wait for pods.
  const bool warming = at.part == core::Trial::Part::kWarming;
  return {.base = Base::kTrial,
          .order = warming ? Order::kTrafficFirst : Order::kTrafficLast,
          .variants = true,
          .weight = at.weight,
          .scale = at.scale,
          .replicas = at.replicas,
          .routed = at.routed,
          .baseline = at.baseline};
}

Shape Of(const core::Promoting& at) {
  using Part = core::Promoting::Part;
  Shape shape{.base = Base::kTrial,
              .variants = true,
              .weight = at.weight,
              .scale = 100,
              .baseline = at.baseline};
  switch (at.part) {
    case Part::kScaling:
      return shape;
    case Part::kShifting:
      shape.order = Order::kTrafficLast;
      return shape;
    case Part::kUpdating:
      shape.baseline = false;
      shape.base = Base::kUpdate;
      shape.order = Order::kRestLast;
      return shape;
    case Part::kReturning:
      shape.baseline = false;
      shape.base = Base::kUpdate;
      shape.route = Route::kCandidate;
      return shape;
    case Part::kRemoving:
    case Part::kRecording:
      break;
  }
  return {.base = Base::kCandidate, .route = Route::kCandidate};
}

Shape Of(const core::RollingBack& at) {
  using Part = core::RollingBack::Part;
  switch (at.part) {
    case Part::kRestoring:
      return {.base = Base::kStable,
              .order = at.weight > 0 ? Order::kRestLast : Order::kTrafficFirst,
              .variants = true,
              .weight = at.weight,
              .scale = 100};
    case Part::kShifting:
    case Part::kDraining:
      return {.variants = true, .baseline = at.baseline, .draining = true};
    case Part::kRemoving:
      break;
  }
  return {};
}

}  // namespace

Shape ShapeOf(const core::Position& position) {
  return std::visit([](const auto& phase) { return Of(phase); }, position);
}

}  // namespace headgate::rollout
