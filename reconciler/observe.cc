#include "reconciler/observe.h"

#include <algorithm>

#include "core/application.h"
#include "deploy/health/health.h"
#include "rollout/compose.h"
#include "rollout/routers/router.h"
#include "rollout/selectors.h"

namespace headgate::reconciler {
namespace {

core::ObjectRef DeploymentRef(const core::RolloutSpec& spec, const std::string& name) {
  return {"apps", "Deployment", spec.namespace_name, name};
}

// Pods that are updated and ready; none while the controller has not seen the newest generation.
int ReadyOf(const core::Value& workload) {
  if (workload.IntAt(0, "status", "observedGeneration") <
      workload.IntAt(0, "metadata", "generation"))
    return 0;
  return static_cast<int>(std::min(workload.IntAt(0, "status", "updatedReplicas"),
                                   workload.IntAt(0, "status", "readyReplicas")));
}

rollout::WorkloadSeen SeeWorkload(const core::WorkloadRef& ref, const core::Value* live) {
  rollout::WorkloadSeen seen;
  seen.ref = ref;
  seen.exists = live != nullptr;
  if (!live) {
    seen.why = "it does not exist";
    return seen;
  }
  const deploy::Health health = deploy::AssessHealth(*live);
  seen.gated_hash = core::AnnotationOf(*live, core::kGatedHashAnnotation);
  seen.healthy = health.code == deploy::HealthCode::kHealthy;
  seen.why = health.why;
  seen.replicas = static_cast<int>(live->IntAt(1, "spec", "replicas"));
  seen.ready = ReadyOf(*live);
  return seen;
}

core::Result<std::vector<rollout::PodSeen>> SeePods(const core::Value& workload,
                                                    const deploy::Client& client,
                                                    std::stop_token stop) {
  std::vector<rollout::PodSeen> pods;
  deploy::ListOptions options;
  options.namespace_name = core::NamespaceOf(workload);
  options.label_selector = SelectorOf(workload);
  if (options.label_selector.empty()) return pods;
  core::Result<deploy::ListAnswer> answer = client.List({"v1", "Pod"}, options, stop);
  if (!answer) return answer.error().In("list the pods of " + core::NameOf(workload));
  for (const core::Value& pod : answer->items) pods.push_back(rollout::SeePod(pod));
  return pods;
}

core::Result<std::vector<core::Value>> SeeEndpointSlices(const core::RolloutSpec& spec,
                                                         const deploy::Client& client,
                                                         std::stop_token stop) {
  deploy::ListOptions options;
  options.namespace_name = spec.namespace_name;
  options.label_selector = core::kPartOfLabel;  // a slice has the labels of its Service
  core::Result<deploy::ListAnswer> answer =
      client.List({"discovery.k8s.io/v1", "EndpointSlice"}, options, stop);
  if (!answer) return answer.error().In("list the EndpointSlices of " + spec.namespace_name);
  return std::move(answer->items);
}

enum class Track { kStable, kCanary, kBaseline };

std::string NameOn(Track track, const std::string& name) {
  return track == Track::kCanary     ? rollout::CanaryName(name)
         : track == Track::kBaseline ? rollout::BaselineName(name)
                                     : name;
}

// The live Services of one track behind the route that select a workload's pods.
std::vector<std::string> ServicesOf(const core::RolloutSpec& spec, const core::Value& workload,
                                    Track track, const LiveView& view) {
  std::vector<std::string> services;
  const rollout::routers::Router& router = rollout::routers::RouterFor(spec.traffic);
  const std::shared_ptr<const core::Value> route =
      router.RouteType() ? view.Get(rollout::routers::RouteRef(spec)) : nullptr;
  if (!route) return services;
  for (const std::string& backend : router.ServicesBehind(*route)) {
    const std::string name = NameOn(track, backend);
    const std::shared_ptr<const core::Value> service =
        view.Get({"", "Service", spec.namespace_name, name});
    if (service && rollout::SelectsPods(*service, rollout::PodLabelsOf(workload)))
      services.push_back(name);
  }
  return services;
}

core::Status SeeTrack(const core::RolloutSpec& spec, Track which,
                      const std::vector<core::Value>* slices, const LiveView& view,
                      const deploy::Client& client, std::vector<rollout::WorkloadSeen>* track,
                      std::stop_token stop) {
  for (const core::WorkloadRef& ref : spec.workloads) {
    const std::shared_ptr<const core::Value> live =
        view.Get(DeploymentRef(spec, NameOn(which, ref.name)));
    track->push_back(SeeWorkload(ref, live.get()));
    if (!live || !slices) continue;
    core::Result<std::vector<rollout::PodSeen>> pods = SeePods(*live, client, stop);
    if (!pods) return pods.error();
    // Without a router stable's selector selects the canary's pods too.
    if (which == Track::kStable)
      std::erase_if(*pods, [](const auto& pod) { return !pod.candidate.empty(); });
    track->back().pods = std::move(*pods);
    track->back().services = ServicesOf(spec, *live, which, view);
    track->back().serving =
        rollout::SeeServing(track->back().pods, *slices, track->back().services);
  }
  return core::Ok();
}

// Also while it may still be there, after a trial or a promotion that had one.
bool HasBaseline(const core::Position& position) {
  return std::visit(
      [](const auto& at) {
        if constexpr (requires { at.baseline; }) {
          return at.baseline;
        } else {
          return false;
        }
      },
      position);
}

rollout::RouteSeen SeeRoute(const core::RolloutSpec& spec, const LiveView& view, core::Time now,
                            RouteMemory* memory) {
  rollout::RouteSeen seen =
      rollout::routers::RouterFor(spec.traffic).See(spec, [&](const core::ObjectRef& ref) {
        return view.Get(ref);
      });
  if (memory->version != seen.version || !seen.accepted) *memory = {seen.version, std::nullopt};
  if (seen.accepted && !memory->accepted_since) memory->accepted_since = now;
  seen.accepted_since = memory->accepted_since;
  return seen;
}

}  // namespace

std::string SelectorOf(const core::Value& workload) {
  std::string selector;
  for (const auto& [label, value] : workload.MapAt("spec", "selector", "matchLabels")) {
    if (!value.AsString()) continue;
    selector += (selector.empty() ? "" : ",") + label + "=" + *value.AsString();
  }
  return selector;
}

core::Status ObserveCluster(const core::RolloutSpec& spec, const core::Position& position,
                            const LiveView& view, const deploy::Client& client, RouteMemory* memory,
                            rollout::Observation* seen, std::stop_token stop) {
  std::optional<std::vector<core::Value>> slices;
  if (core::IsMoving(position)) {
    core::Result<std::vector<core::Value>> listed = SeeEndpointSlices(spec, client, stop);
    if (!listed) return listed.error();
    slices = std::move(*listed);
  }
  for (const auto& [which, track] :
       {std::pair(Track::kStable, &seen->stable), std::pair(Track::kCanary, &seen->canary),
        std::pair(Track::kBaseline, &seen->baseline)}) {
    const bool asked = which != Track::kBaseline || HasBaseline(position);
    const core::Status tracked =
        asked ? SeeTrack(spec, which, slices ? &*slices : nullptr, view, client, track, stop)
              : core::Ok();
    if (!tracked) return tracked;
  }
  seen->route = SeeRoute(spec, view, seen->now, memory);
  return core::Ok();
}

LiveReplicas ReplicasOf(const rollout::Observation& seen) {
  LiveReplicas replicas;
  for (const rollout::WorkloadSeen& each : seen.stable) {
    if (each.exists) replicas.stable[each.ref] = each.replicas;
  }
  for (const rollout::WorkloadSeen& each : seen.canary) {
    if (each.exists) replicas.canary[each.ref] = each.replicas;
  }
  return replicas;
}

}  // namespace headgate::reconciler
