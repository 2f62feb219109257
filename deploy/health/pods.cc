#include <fmt/format.h>

#include <algorithm>

#include "core/object.h"
#include "deploy/health/complaint.h"
#include "deploy/health/kinds.h"

namespace headgate::deploy {
namespace {

bool IsHook(const core::Value& object) {
  return !core::AnnotationOf(object, "argocd.argoproj.io/hook").empty() ||
         !core::AnnotationOf(object, "helm.sh/hook").empty();
}

bool HasRestarted(const core::Value& object) {
  const core::List& statuses = object.ListAt("status", "containerStatuses");
  return std::any_of(statuses.begin(), statuses.end(), [](const core::Value& status) {
    return status.Find("lastState", "terminated") != nullptr;
  });
}

}  // namespace

Health PodHealth(const core::Value& object) {
  const std::string& phase = object.StringAt("status", "phase");
  const Complaint complaint = ComplaintOf(object);
  if (phase == "Succeeded") return {};
  if (phase == "Failed") return {HealthCode::kDegraded, complaint.text};

  // A pod that is meant to end is not done while it runs, and may fail on its way; unless its
  // owner asks to judge it like one that goes on for ever.
  const std::string& policy = object.StringAt("spec", "restartPolicy");
  const bool goes_on =
      policy.empty() || policy == "Always" ||
      (core::AnnotationOf(object, "argocd.argoproj.io/ignore-restart-policy") == "true" &&
       !IsHook(object));
  if (complaint.fatal && goes_on) return {HealthCode::kDegraded, complaint.text};
  if (phase == "Running" && !goes_on) {
    return {HealthCode::kProgressing, complaint.text.empty() ? "running" : complaint.text};
  }
  if (const auto ready = FindCondition(object, "Ready");
      phase == "Running" && ready && ready->status == "True") {
    return {};
  }
  if (phase == "Running" && HasRestarted(object)) return {HealthCode::kDegraded, complaint.text};
  if (!complaint.text.empty()) return {HealthCode::kProgressing, complaint.text};
  return {HealthCode::kProgressing, phase.empty() ? "not seen by a node yet" : phase};
}

}  // namespace headgate::deploy
