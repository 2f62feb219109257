#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/position.h"
#include "rollout/observation.h"

namespace headgate::rollout {

// Questions that phases ask of an observation. Texts are empty where all is well, else they say
// what is not.

// Whether the canary's pods of this candidate that `scale` percent of stable need, and `replicas`
// of each workload at least, are all ready.
std::string CanaryNotReady(const Observation& seen, std::string_view gated_hash, int scale,
                           int replicas = 0);

// The same of the baseline, which runs what is stable.
std::string BaselineNotReady(const Observation& seen, int scale, int replicas);
// Whether every workload of it has a pod that requests can be sent to.
bool BaselineServes(const Observation& seen);

// The largest weight up to `weight` that the served canary pods can carry. One pod may be missing:
// autoscalers and drained nodes move pods all the time; with none it is 0.
int CarriedWeight(const Observation& seen, std::string_view gated_hash, int weight);

// A canary pod of this candidate that cannot run; of stable's, one that started after `since`.
std::string BrokenCanary(const Observation& seen, std::string_view gated_hash);
std::string BrokenStable(const Observation& seen, core::Time since);

// Whether stable's workloads are all healthy with what `gated_hash` names.
std::string StableNot(const Observation& seen, std::string_view gated_hash);

// What is left of the canary and of the baseline: "Deployment web-canary is still there".
std::string CanaryLeft(const Observation& seen);

// Whether the data plane shows `weight` and `extras` (as routers::Show says them), and has for so
// long.
std::string RouteNot(const Observation& seen, int weight, std::string_view extras,
                     core::Duration delay);

// How long this controller has waited since then; time in which it was down does not count.
core::Duration Waited(const Observation& seen, core::Time since);

// `names` with this candidate's pods that are seen now; at most Trial::kPodsMax, newest kept.
std::vector<std::string> WithPodsSeen(std::vector<std::string> names, const Observation& seen,
                                      std::string_view gated_hash);

}  // namespace headgate::rollout
