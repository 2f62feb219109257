#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/object.h"
#include "core/result.h"
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

// The classic metric: a share of requests and a bound.
struct Metric {
  std::string name;
  std::string bad;  // PromQL vector selector of counters; namespace and pods are added
  std::string total;
  double max = 0;         // share, 0 to 1
  int failure_limit = 0;  // fails when failed intervals exceed it, counted over the whole step
  friend bool operator==(const Metric&, const Metric&) = default;
};

// What to do when there is no verdict for so long.
struct Policy {
  enum class Action { kPause, kRollback, kContinue };
  Duration after{0};
  Action action = Action::kPause;
  friend bool operator==(const Policy&, const Policy&) = default;
};
std::string_view Show(Policy::Action action);  // "pause", "rollback", "continue"

struct Analysis {
  std::string prometheus;  // address; "" for the daemon's default
  std::string pod_label = "pod";
  std::string namespace_label = "namespace";
  Duration interval = std::chrono::seconds(15);
  std::vector<Metric> metrics;
  int64_t min_requests = 100;
  Policy on_hold{std::chrono::minutes(30), Policy::Action::kPause};
  Policy on_unknown{std::chrono::minutes(10), Policy::Action::kPause};
  friend bool operator==(const Analysis&, const Analysis&) = default;
};

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
