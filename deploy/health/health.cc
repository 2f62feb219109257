#include "deploy/health/health.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "core/object.h"
#include "deploy/health/kinds.h"
#include "deploy/health/rules.h"

namespace headgate::deploy {
namespace {

using Assess = Health (*)(const core::Value&);

struct Kind {
  std::string_view group;
  std::string_view kind;
  Assess assess;
};

constexpr Kind kKinds[] = {
    {"apps", "Deployment", DeploymentHealth},
    {"apps", "StatefulSet", StatefulSetHealth},
    {"apps", "DaemonSet", DaemonSetHealth},
    {"apps", "ReplicaSet", ReplicaSetHealth},
    {"", "ReplicationController", ReplicaSetHealth},
    {"batch", "Job", JobHealth},
    {"batch", "CronJob", CronJobHealth},
    {"", "Pod", PodHealth},
    {"", "Service", ServiceHealth},
    {"networking.k8s.io", "Ingress", IngressHealth},
    {"extensions", "Ingress", IngressHealth},
    {"", "PersistentVolumeClaim", ClaimHealth},
    {"", "PersistentVolume", VolumeHealth},
    {"apiextensions.k8s.io", "CustomResourceDefinition", DefinitionHealth},
    {"apiregistration.k8s.io", "APIService", ApiServiceHealth},
    {"", "Namespace", NamespaceHealth},
    {"autoscaling", "HorizontalPodAutoscaler", AutoscalerHealth},
    {"policy", "PodDisruptionBudget", DisruptionBudgetHealth},
};

// Not yet seen by the controller that writes its status. Kinds of the cluster itself must have seen
// this very generation; of others a later one will do, as after a restore from a backup.
std::optional<Health> Unobserved(const core::Value& object, bool exactly) {
  const int64_t generation = object.IntAt(-1, "metadata", "generation");
  const int64_t observed = object.IntAt(-1, "status", "observedGeneration");
  if (observed < 0 || generation < 0 || generation == observed) return std::nullopt;
  if (!exactly && observed > generation) return std::nullopt;
  return Health{HealthCode::kProgressing,
                fmt::format("generation {} is not observed yet; its controller has seen {}",
                            generation, observed)};
}

std::optional<Health> BeingDeleted(const core::Value& object) {
  if (object.StringAt("metadata", "deletionTimestamp").empty()) return std::nullopt;
  std::string finalizers;
  for (const core::Value& finalizer : object.ListAt("metadata", "finalizers")) {
    if (finalizer.AsString())
      finalizers += (finalizers.empty() ? "" : ", ") + *finalizer.AsString();
  }
  return Health{HealthCode::kProgressing, finalizers.empty()
                                              ? "is being deleted"
                                              : "is being deleted; waits for " + finalizers};
}

}  // namespace

std::string_view Show(HealthCode code) {
  switch (code) {
    case HealthCode::kHealthy:
      return "Healthy";
    case HealthCode::kSuspended:
      return "Suspended";
    case HealthCode::kProgressing:
      return "Progressing";
    case HealthCode::kUnknown:
      return "Unknown";
    case HealthCode::kMissing:
      return "Missing";
    case HealthCode::kDegraded:
      return "Degraded";
  }
  return "Unknown";
}

std::string Show(const Health& health) {
  if (health.why.empty()) return std::string(Show(health.code));
  return fmt::format("{}: {}", Show(health.code), health.why);
}

HealthCode Worse(HealthCode a, HealthCode b) { return std::max(a, b); }

Health AssessHealth(const core::Value& object) {
  if (object.is_null()) return {HealthCode::kMissing, "not in the cluster"};
  if (!object.is_map() || object.StringAt("kind").empty()) {
    return {HealthCode::kUnknown, "this is no Kubernetes object: it has no kind"};
  }
  const std::string group = core::ParseApiVersion(object.StringAt("apiVersion")).group;
  const std::string& name = object.StringAt("kind");
  const Kind* kind = std::find_if(std::begin(kKinds), std::end(kKinds), [&](const Kind& k) {
    return k.group == group && k.kind == name;
  });
  const bool built_in = kind != std::end(kKinds);
  const KindRules* rules = built_in ? nullptr : RuleTable::BuiltIn().Find(group, name);
  if (std::optional<Health> deleted = BeingDeleted(object)) {
    const Health before = rules ? Judge(*rules, object) : Health();
    if (before.code == HealthCode::kDegraded) deleted->why += "; " + before.why;
    return *deleted;
  }
  if (!rules || !rules->any_generation) {
    if (std::optional<Health> unobserved = Unobserved(object, built_in)) return *unobserved;
  }
  if (rules) return Judge(*rules, object);
  return built_in ? kind->assess(object) : ConditionsHealth(object);
}

}  // namespace headgate::deploy
