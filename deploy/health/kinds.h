#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/value.h"
#include "deploy/health/health.h"

namespace headgate::deploy {

// Inside of deploy/health: one function a kind, and what they share.
Health DeploymentHealth(const core::Value& object);
Health StatefulSetHealth(const core::Value& object);
Health DaemonSetHealth(const core::Value& object);
Health ReplicaSetHealth(const core::Value& object);  // and ReplicationController
Health JobHealth(const core::Value& object);
Health CronJobHealth(const core::Value& object);
Health PodHealth(const core::Value& object);
Health ServiceHealth(const core::Value& object);
Health IngressHealth(const core::Value& object);
Health ClaimHealth(const core::Value& object);   // PersistentVolumeClaim
Health VolumeHealth(const core::Value& object);  // PersistentVolume
Health DefinitionHealth(const core::Value& object);
Health ApiServiceHealth(const core::Value& object);
Health NamespaceHealth(const core::Value& object);
Health AutoscalerHealth(const core::Value& object);
Health DisruptionBudgetHealth(const core::Value& object);
// Any other kind.
Health ConditionsHealth(const core::Value& object);

struct Condition {
  std::string_view status;  // "True", "False", "Unknown"
  std::string_view reason;
  std::string_view message;
};
// A condition in status.conditions (or another list of conditions).
std::optional<Condition> FindCondition(const core::Value& object, std::string_view type);
std::optional<Condition> FindCondition(const core::List& conditions, std::string_view type);

// "reason: message", or the one that there is, or `otherwise`.
std::string Why(const Condition& condition, std::string_view otherwise);

// "3 pods", "1 pod".
std::string Count(int64_t n, std::string_view what);

}  // namespace headgate::deploy
