#include "rollout/steps.h"

#include <algorithm>

namespace headgate::rollout {
namespace {

template <class Visit>
void ForEachUpTo(const core::RolloutSpec& spec, int64_t end, const Visit& visit) {
  const auto size = static_cast<int64_t>(spec.steps.size());
  for (int64_t i = 0; i < std::min(end, size); ++i)
    std::visit(visit, spec.steps[static_cast<size_t>(i)]);
}

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

}  // namespace

int WeightAt(const core::RolloutSpec& spec, int64_t step) {
  int weight = 0;
  ForEachUpTo(
      spec, step + 1,
      Overloaded{[&](const core::SetWeight& set) { weight = set.percent; }, [](const auto&) {}});
  return weight;
}

CanaryScale ScaleAt(const core::RolloutSpec& spec, int64_t step) {
  core::SetCanaryScale last;
  ForEachUpTo(spec, step + 1,
              Overloaded{[&](const core::SetCanaryScale& set) { last = set; }, [](const auto&) {}});
  CanaryScale scale{PodsPercentFor(spec, WeightAt(spec, step)), 0};
  if (last.by == core::SetCanaryScale::By::kReplicas) scale.replicas = last.amount;
  if (last.by == core::SetCanaryScale::By::kWeight)
    scale.percent = std::max(scale.percent, last.amount);
  return scale;
}

bool BaselineAt(const core::RolloutSpec& spec, int64_t step) {
  return ExtrasOf(spec, step + 1).baseline;
}

int PodsPercentFor(const core::RolloutSpec& spec, int weight) {
  if (spec.traffic.by != core::Traffic::By::kReplicas) return weight;
  return weight >= 50 ? 100 : (100 * weight + (100 - weight) / 2) / (100 - weight);
}

routers::Extras ExtrasOf(const core::RolloutSpec& spec, int64_t routed) {
  routers::Extras extras;
  const auto forget = [&](const std::string& name) {
    std::erase_if(extras.headers, [&](const auto& route) { return route.name == name; });
  };
  ForEachUpTo(spec, routed,
              Overloaded{[&](const core::SetHeaderRoute& route) {
                           forget(route.name);
                           if (!route.match.empty()) extras.headers.push_back(route);
                         },
                         [&](const core::SetMirror& mirror) { extras.mirror = mirror.percentage; },
                         [&](const core::SetBaseline& set) { extras.baseline = set.enabled; },
                         [](const auto&) {}});
  return extras;
}

bool MeetsRequests(const core::RolloutSpec& spec, const core::Trial& at) {
  const routers::Extras extras = ExtrasOf(spec, at.routed);
  return at.weight > 0 || !spec.preview_service.empty() || !extras.headers.empty() ||
         extras.mirror > 0;
}

}  // namespace headgate::rollout
