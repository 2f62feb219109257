#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/object.h"
#include "core/result.h"
#include "core/rollout_analysis.h"
#include "core/rollout_steps.h"
#include "core/rollout_traffic.h"

namespace headgate::core {

// How a candidate becomes stable: the Rollout object's spec (DESIGN section 4), with defaults
// filled in.

struct WorkloadRef {
  std::string kind;  // Deployment
  std::string name;
  friend auto operator<=>(const WorkloadRef&, const WorkloadRef&) = default;
};
std::string Show(const WorkloadRef& ref);  // "Deployment web"

struct RolloutSpec {
  std::string name;
  std::string namespace_name;
  std::vector<WorkloadRef> workloads;  // at least one
  std::vector<Step> steps;             // at least one; weights rise
  std::string canary_label;            // spec.canary.label; "" to find one
  std::string preview_service;         // spec.blueGreen.previewService; "" for none
  Traffic traffic;
  bool allow_irreversible = false;  // changes of objects that no way back brings back
  Analysis analysis;
  enum class OnNewCommit { kSupersede, kQueue } on_new_commit = OnNewCommit::kSupersede;
  std::vector<std::string>
      ignore_for_trial;  // labels and annotations of pod templates that start no trial
  friend bool operator==(const RolloutSpec&, const RolloutSpec&) = default;
};

// kInvalid names file, line and field: "Rollout shop: rollout.yaml:14:
// spec.canary.steps[2].setWeight: 5 is not above 10". Unknown fields are refused: what would be
// ignored must not look as if it worked.
Result<RolloutSpec> ParseRolloutSpec(const Object& rollout);

}  // namespace headgate::core
