#pragma once

#include <string>
#include <vector>

#include "core/object.h"
#include "core/rollout_spec.h"
#include "core/value.h"
#include "rollout/simulation/truth.h"

namespace headgate::rollout {

// What is wrong with a Rollout, or what it comes to, before any candidate.
struct Finding {
  enum class Severity { kError, kWarning, kInfo };
  Severity severity = Severity::kInfo;
  std::string where;  // "rollout.yaml:9: spec.canary.steps[1]"
  std::string what;   // one sentence, with the mend
  friend bool operator==(const Finding&, const Finding&) = default;
};
std::string Show(const Finding& finding);  // "error: rollout.yaml:9: spec...: ..."

// The findings of a bundle's Rollout, worst first. `truth` says the traffic and stable's share of
// bad requests; its canary is not looked at: a healthy one and one with errors are simulated, so
// many times each. Pure.
std::vector<Finding> Lint(const core::Objects& bundle, const simulation::Truth& truth,
                          int64_t runs);

core::Value ToValue(const std::vector<Finding>& findings);
bool HasErrors(const std::vector<Finding>& findings);

}  // namespace headgate::rollout
