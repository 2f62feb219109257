#include "rollout/seeing.h"

#include <fmt/format.h>

#include <algorithm>

#include "rollout/compose.h"

namespace headgate::rollout {
namespace {

constexpr int64_t kRestartsOfALoop = 3;

// How many pods carry all of stable's load. A workload that stable does not have yet: as many as
// its canary has.
int Capacity(const Observation& seen, const WorkloadSeen& canary) {
  for (const WorkloadSeen& stable : seen.stable) {
    if (stable.ref == canary.ref && stable.exists) return stable.replicas;
  }
  return canary.replicas;
}

std::string NotReady(const Observation& seen, const std::vector<WorkloadSeen>& track,
                     std::string_view gated_hash, int scale, int replicas,
                     std::string (*name_of)(std::string_view)) {
  if (track.empty()) return "no workload of the track is known";
  for (const WorkloadSeen& one : track) {
    const int needed = std::max(CanaryReplicas(Capacity(seen, one), scale), replicas);
    const std::string name = fmt::format("{} {}", one.ref.kind, name_of(one.ref.name));
    if (!one.exists) return name + " is not there yet";
    if (one.gated_hash != gated_hash) return name + " is still another candidate's";
    if (one.ready < needed) return fmt::format("{}: {} of {} pods ready", name, one.ready, needed);
    if (one.serving.ready < needed)
      return fmt::format("{}: {} of {} ready pods are endpoints of its Service", name,
                         one.serving.ready, needed);
    if (!one.healthy) return fmt::format("{}: {}", name, one.why);
  }
  return "";
}

std::string BrokenPod(const PodSeen& pod) {
  if (pod.leaving) return "";
  if (!pod.broken.empty()) return fmt::format("pod {}: {}", pod.name, pod.broken);
  if (!pod.ready && pod.restarts >= kRestartsOfALoop)
    return fmt::format("pod {}: restarted {} times and is not ready", pod.name, pod.restarts);
  return "";
}

}  // namespace

std::string CanaryNotReady(const Observation& seen, std::string_view gated_hash, int scale,
                           int replicas) {
  return NotReady(seen, seen.canary, gated_hash, scale, replicas, CanaryName);
}

std::string BaselineNotReady(const Observation& seen, int scale, int replicas) {
  return NotReady(seen, seen.baseline, seen.stable_gated_hash, scale, replicas, BaselineName);
}

bool BaselineServes(const Observation& seen) {
  return !seen.baseline.empty() &&
         std::all_of(seen.baseline.begin(), seen.baseline.end(),
                     [](const WorkloadSeen& each) { return each.serving.ready > 0; });
}

int CarriedWeight(const Observation& seen, std::string_view gated_hash, int weight) {
  if (seen.canary.empty()) return 0;
  int carried = weight;
  for (const WorkloadSeen& canary : seen.canary) {
    const bool ours = canary.exists && canary.gated_hash == gated_hash;
    if (!ours || canary.serving.ready == 0) return 0;
    const int capacity = Capacity(seen, canary);
    if (canary.serving.ready + 1 >= CanaryReplicas(capacity, weight)) continue;
    carried = std::min(carried, canary.serving.ready * 100 / std::max(capacity, 1));
  }
  return carried;
}

std::string BrokenCanary(const Observation& seen, std::string_view gated_hash) {
  const std::string ours = CandidateLabelValue(gated_hash);
  for (const WorkloadSeen& canary : seen.canary) {
    for (const PodSeen& pod : canary.pods) {
      if (pod.candidate != ours) continue;
      if (std::string broken = BrokenPod(pod); !broken.empty()) return broken;
    }
  }
  return "";
}

std::string BrokenStable(const Observation& seen, core::Time since) {
  for (const WorkloadSeen& stable : seen.stable) {
    for (const PodSeen& pod : stable.pods) {
      if (!pod.started || *pod.started < since) continue;
      if (std::string broken = BrokenPod(pod); !broken.empty()) return broken;
    }
  }
  return "";
}

std::string StableNot(const Observation& seen, std::string_view gated_hash) {
  if (seen.stable.empty()) return "no stable workload is known";
  for (const WorkloadSeen& stable : seen.stable) {
    const std::string name = core::Show(stable.ref);
    if (!stable.exists) return name + " is not there";
    if (stable.gated_hash != gated_hash) return name + " is not updated yet";
    if (!stable.healthy) return fmt::format("{}: {}", name, stable.why);
    if (stable.serving.ready < stable.replicas)
      return fmt::format("{}: {} of {} ready pods are endpoints of its Service", name,
                         stable.serving.ready, stable.replicas);
    if (stable.serving.leaving > 0)
      return fmt::format("{}: {} leaving pods are still endpoints of its Service", name,
                         stable.serving.leaving);
  }
  return "";
}

std::string CanaryLeft(const Observation& seen) {
  for (const auto& [track, name_of] :
       {std::pair(&seen.canary, &CanaryName), std::pair(&seen.baseline, &BaselineName)}) {
    for (const WorkloadSeen& one : *track) {
      if (one.exists)
        return fmt::format("{} {} is still there", one.ref.kind, name_of(one.ref.name));
      if (!one.pods.empty()) return fmt::format("pod {} is still there", one.pods.front().name);
    }
  }
  return "";
}

std::string RouteNot(const Observation& seen, int weight, std::string_view extras,
                     core::Duration delay) {
  const RouteSeen& route = seen.route;
  if (route.follows_pods) return "";
  if (!route.exists) return "the route is not there";
  if (route.weight != weight) return fmt::format("the route does not say {} % yet", weight);
  if (route.extras != extras)
    return fmt::format("the route does not say \"{}\" yet", extras.empty() ? "none" : extras);
  if (!route.accepted) return "the gateway has not taken the route: " + route.why;
  const bool settled =
      route.accepted_since && seen.now - *route.accepted_since >= std::max(delay, route.settle);
  return settled ? "" : "the gateway has just taken the route";
}

core::Duration Waited(const Observation& seen, core::Time since) {
  return std::max(core::Duration(0), seen.now - std::max(since, seen.watching_since));
}

std::vector<std::string> WithPodsSeen(std::vector<std::string> names, const Observation& seen,
                                      std::string_view gated_hash) {
  const std::string ours = CandidateLabelValue(gated_hash);
  for (const WorkloadSeen& canary : seen.canary) {
    for (const PodSeen& pod : canary.pods) {
      const bool known = std::find(names.begin(), names.end(), pod.name) != names.end();
      if (pod.candidate == ours && !known) names.push_back(pod.name);
    }
  }
  if (names.size() > core::Trial::kPodsMax)
    names.erase(names.begin(), names.end() - static_cast<std::ptrdiff_t>(core::Trial::kPodsMax));
  return names;
}

}  // namespace headgate::rollout
