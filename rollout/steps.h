#pragma once

#include <cstdint>

#include "core/position.h"
#include "core/rollout_spec.h"
#include "rollout/routers/router.h"

namespace headgate::rollout {

// What steps up to and with `step` come to; steps beyond the spec's are none.

// The weight of the last setWeight; 0 before the first.
int WeightAt(const core::RolloutSpec& spec, int64_t step);

// How many canary pods there have to be: so many percent of stable's, and so many at least.
struct CanaryScale {
  int percent = 0;
  int replicas = 0;
};
CanaryScale ScaleAt(const core::RolloutSpec& spec, int64_t step);

// Whether a baseline stands beside the canary.
bool BaselineAt(const core::RolloutSpec& spec, int64_t step);

// Percent of stable's pods that carry `weight`: the same where a router splits; without one the
// share of the canary's among all pods, w / (100 - w), rounded to whole percent.
int PodsPercentFor(const core::RolloutSpec& spec, int weight);

// The header routes, the mirror and the baseline that the first `routed` steps leave in force.
routers::Extras ExtrasOf(const core::RolloutSpec& spec, int64_t routed);

// Whether requests may reach the candidate in this trial as it stands.
bool MeetsRequests(const core::RolloutSpec& spec, const core::Trial& at);

}  // namespace headgate::rollout
