// What the cluster itself is made of: CustomResourceDefinition, APIService, Namespace; and what
// watches over workloads: HorizontalPodAutoscaler, PodDisruptionBudget.
#include "core/json.h"
#include "core/object.h"
#include "deploy/health/kinds.h"

namespace headgate::deploy {
namespace {

// autoscaling/v1 keeps the conditions as JSON in an annotation.
core::List AutoscalerConditions(const core::Value& object) {
  const core::List& conditions = object.ListAt("status", "conditions");
  if (!conditions.empty()) return conditions;
  const std::string& text =
      core::AnnotationOf(object, "autoscaling.alpha.kubernetes.io/conditions");
  const core::Result<core::Value> parsed = core::ParseJson(text.empty() ? "[]" : text);
  return parsed && parsed->AsList() ? *parsed->AsList() : core::List();
}

}  // namespace

Health DefinitionHealth(const core::Value& object) {
  if (const auto names = FindCondition(object, "NamesAccepted");
      names && names->status == "False") {
    return {HealthCode::kDegraded, Why(*names, "its names are not accepted")};
  }
  const auto established = FindCondition(object, "Established");
  if (established && established->status == "True") {
    if (const auto schema = FindCondition(object, "NonStructuralSchema");
        schema && schema->status == "True") {
      return {HealthCode::kDegraded, Why(*schema, "its schema is not structural")};
    }
    return {};
  }
  const bool failed = established && established->status == "False" &&
                      established->reason != "Installing" && !established->reason.empty();
  return {failed ? HealthCode::kDegraded : HealthCode::kProgressing,
          established ? Why(*established, "not established") : "not established yet"};
}

Health ApiServiceHealth(const core::Value& object) {
  const auto available = FindCondition(object, "Available");
  if (available && available->status == "True") return {};
  return {HealthCode::kProgressing,
          available ? Why(*available, "not available") : "not asked for yet"};
}

Health NamespaceHealth(const core::Value& object) {
  if (object.StringAt("status", "phase") != "Terminating") return {};
  return {HealthCode::kProgressing, "is being deleted"};
}

Health AutoscalerHealth(const core::Value& object) {
  const core::List conditions = AutoscalerConditions(object);
  for (const core::Value& condition : conditions) {
    const std::string& reason = condition.StringAt("reason");
    const bool refused = reason.starts_with("Failed") || reason.starts_with("Invalid");
    if (condition.StringAt("status") == "True" || !refused) continue;
    return {HealthCode::kDegraded, reason + ": " + condition.StringAt("message")};
  }
  if (const auto able = FindCondition(conditions, "AbleToScale"); able) {
    if (able->status == "True") return {};
    if (const auto limited = FindCondition(conditions, "ScalingLimited");
        limited && limited->status == "True") {
      return {};
    }
    return {HealthCode::kProgressing, Why(*able, "cannot scale")};
  }
  return {HealthCode::kProgressing, "has not scaled anything yet"};
}

// Too few pods for a disruption is what it is there for, and no fault of its own.
Health DisruptionBudgetHealth(const core::Value& object) {
  for (const core::Value& condition : object.ListAt("status", "conditions")) {
    const std::string& reason = condition.StringAt("reason");
    if (condition.StringAt("status") != "False" || reason == "InsufficientPods") continue;
    return {HealthCode::kDegraded,
            Why({"False", reason, condition.StringAt("message")}, "not in force")};
  }
  if (!object.Find("status", "observedGeneration") &&
      object.ListAt("status", "conditions").empty()) {
    return {HealthCode::kProgressing, "its controller has not seen it yet"};
  }
  return {};
}

}  // namespace headgate::deploy
