// Deployment, StatefulSet, DaemonSet, ReplicaSet: counts of pods. As `kubectl rollout status`
// judges them (k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go) and kstatus where it is
// stricter.
#include <fmt/format.h>

#include "deploy/health/kinds.h"

namespace headgate::deploy {
namespace {

Health Waiting(std::string why) { return {HealthCode::kProgressing, std::move(why)}; }

bool HasStatus(const core::Value& object) { return !object.MapAt("status").empty(); }

int64_t Wanted(const core::Value& object) { return object.IntAt(1, "spec", "replicas"); }

constexpr int64_t kNoDeadline = 2147483647;  // of a Deployment, as its API has it

int64_t StatusCount(const core::Value& object, std::string_view field) {
  return object.IntAt(0, "status", field);
}

}  // namespace

Health DeploymentHealth(const core::Value& object) {
  if (object.BoolAt(false, "spec", "paused")) {
    return {HealthCode::kSuspended, "spec.paused is set: changes are not rolled out"};
  }
  const auto progressing = FindCondition(object, "Progressing");
  if (progressing && progressing->reason == "ProgressDeadlineExceeded") {
    return {HealthCode::kDegraded, Why(*progressing, "")};
  }
  if (const auto failure = FindCondition(object, "ReplicaFailure");
      failure && failure->status == "True") {
    return {HealthCode::kDegraded, Why(*failure, "pods cannot be created")};
  }
  if (!HasStatus(object)) return Waiting("its controller has not seen it yet");

  const int64_t wanted = Wanted(object);
  const int64_t updated = StatusCount(object, "updatedReplicas");
  const int64_t total = StatusCount(object, "replicas");
  const int64_t available = StatusCount(object, "availableReplicas");
  const int64_t ready = StatusCount(object, "readyReplicas");
  if (updated < wanted) return Waiting(fmt::format("{} of {} pods updated", updated, wanted));
  if (total > updated) {
    return Waiting(fmt::format("{} to be removed", Count(total - updated, "old pod")));
  }
  if (ready < wanted) return Waiting(fmt::format("{} of {} pods ready", ready, wanted));
  if (available < wanted) return Waiting(fmt::format("{} of {} pods available", available, wanted));
  if (const auto up = FindCondition(object, "Available"); up && up->status != "True") {
    return Waiting(Why(*up, "not available"));
  }
  // With a deadline its controller says when the newest ReplicaSet has come up.
  const int64_t deadline = object.IntAt(kNoDeadline, "spec", "progressDeadlineSeconds");
  if (progressing && deadline < kNoDeadline &&
      (progressing->status != "True" || progressing->reason != "NewReplicaSetAvailable")) {
    return Waiting(Why(*progressing, "its newest ReplicaSet is not available"));
  }
  return {};
}

Health StatefulSetHealth(const core::Value& object) {
  if (!HasStatus(object)) return Waiting("its controller has not seen it yet");
  const int64_t wanted = Wanted(object);
  const int64_t total = StatusCount(object, "replicas");
  const int64_t ready = StatusCount(object, "readyReplicas");
  if (ready < wanted) return Waiting(fmt::format("{} of {} pods ready", ready, wanted));
  if (total > wanted) return Waiting(fmt::format("{} to be removed", Count(total - wanted, "pod")));
  if (object.StringAt("spec", "updateStrategy", "type") == "OnDelete") return {};

  const int64_t partition = object.IntAt(0, "spec", "updateStrategy", "rollingUpdate", "partition");
  const int64_t updated = StatusCount(object, "updatedReplicas");
  if (partition > 0) {
    const int64_t due = wanted > partition ? wanted - partition : 0;
    if (updated < due) {
      return Waiting(
          fmt::format("{} of {} pods above partition {} updated", updated, due, partition));
    }
    return {};
  }
  const std::string& update = object.StringAt("status", "updateRevision");
  if (update != object.StringAt("status", "currentRevision")) {
    return Waiting(fmt::format("{} of {} pods at revision {}", updated, wanted, update));
  }
  if (const int64_t current = StatusCount(object, "currentReplicas"); current < wanted) {
    return Waiting(fmt::format("{} of {} pods at the current revision", current, wanted));
  }
  return {};
}

Health DaemonSetHealth(const core::Value& object) {
  if (!object.Find("status", "desiredNumberScheduled")) {
    return Waiting("its controller has not counted its nodes yet");
  }
  const int64_t wanted = StatusCount(object, "desiredNumberScheduled");
  const int64_t scheduled = StatusCount(object, "currentNumberScheduled");
  const int64_t updated = StatusCount(object, "updatedNumberScheduled");
  const int64_t available = StatusCount(object, "numberAvailable");
  const int64_t ready = StatusCount(object, "numberReady");
  const bool on_delete = object.StringAt("spec", "updateStrategy", "type") == "OnDelete";
  if (on_delete) return {};
  if (scheduled < wanted)
    return Waiting(fmt::format("{} of {} nodes have a pod", scheduled, wanted));
  if (updated < wanted) return Waiting(fmt::format("{} of {} pods updated", updated, wanted));
  if (available < wanted) return Waiting(fmt::format("{} of {} pods available", available, wanted));
  if (ready < wanted) return Waiting(fmt::format("{} of {} pods ready", ready, wanted));
  return {};
}

Health ReplicaSetHealth(const core::Value& object) {
  if (const auto failure = FindCondition(object, "ReplicaFailure");
      failure && failure->status == "True") {
    return {HealthCode::kDegraded, Why(*failure, "pods cannot be created")};
  }
  if (!HasStatus(object)) return Waiting("its controller has not seen it yet");
  const int64_t wanted = Wanted(object);
  const int64_t total = StatusCount(object, "replicas");
  const int64_t labelled = StatusCount(object, "fullyLabeledReplicas");
  const int64_t ready = StatusCount(object, "readyReplicas");
  const int64_t available = StatusCount(object, "availableReplicas");
  if (labelled < wanted) return Waiting(fmt::format("{} of {} pods labelled", labelled, wanted));
  if (ready < wanted) return Waiting(fmt::format("{} of {} pods ready", ready, wanted));
  if (available < wanted) return Waiting(fmt::format("{} of {} pods available", available, wanted));
  if (total > wanted) return Waiting(fmt::format("{} to be removed", Count(total - wanted, "pod")));
  return {};
}

}  // namespace headgate::deploy
