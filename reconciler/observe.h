#pragma once

#include <map>
#include <optional>
#include <stop_token>

#include "core/position.h"
#include "core/rollout_spec.h"
#include "deploy/kube/client.h"
#include "reconciler/live_view.h"
#include "rollout/observation.h"

namespace headgate::reconciler {

// Since when the live route has been accepted with the spec it has now; kept between looks.
struct RouteMemory {
  std::string version;  // RouteSeen::version
  std::optional<core::Time> accepted_since;
};

// Reads what is live of a rollout's workloads, pods and route into `seen`. Pods and EndpointSlices
// are listed only during a trial, a promotion or a way back. The view must cover Deployments,
// Services and the routes of the spec's traffic. An error where they cannot be.
core::Status ObserveCluster(const core::RolloutSpec& spec, const core::Position& position,
                            const LiveView& view, const deploy::Client& client, RouteMemory* memory,
                            rollout::Observation* seen, std::stop_token stop);

// spec.replicas of the live gated workloads, where they are there.
struct LiveReplicas {
  std::map<core::WorkloadRef, int> stable;
  std::map<core::WorkloadRef, int> canary;
};
LiveReplicas ReplicasOf(const rollout::Observation& seen);

// "app=web,tier=front" of a workload's spec.selector.matchLabels; "" where it has none.
std::string SelectorOf(const core::Value& workload);

}  // namespace headgate::reconciler
