#include <fmt/format.h>

#include "core/object.h"
#include "deploy/health/complaint.h"
#include "deploy/health/kinds.h"

namespace headgate::deploy {

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
      core::AnnotationOf(object, "argocd.argoproj.io/ignore-restart-policy") == "true";
  if (complaint.fatal && goes_on) return {HealthCode::kDegraded, complaint.text};
  if (phase == "Running" && !goes_on) {
    return {HealthCode::kProgressing, complaint.text.empty() ? "running" : complaint.text};
  }
  if (const auto ready = FindCondition(object, "Ready");
      phase == "Running" && ready && ready->status == "True") {
    return {};
  }
  if (!complaint.text.empty()) return {HealthCode::kProgressing, complaint.text};
  return {HealthCode::kProgressing, phase.empty() ? "not seen by a node yet" : phase};
}

}  // namespace headgate::deploy
