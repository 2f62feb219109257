#include <fmt/format.h>

#include "deploy/health/kinds.h"

namespace headgate::deploy {

Health JobHealth(const core::Value& object) {
  if (const auto failed = FindCondition(object, "Failed"); failed && failed->status == "True") {
    return {HealthCode::kDegraded, Why(*failed, "failed")};
  }
  if (const auto done = FindCondition(object, "Complete"); done && done->status == "True")
    return {};
  if (const auto held = FindCondition(object, "Suspended"); held && held->status == "True") {
    return {HealthCode::kSuspended, Why(*held, "suspended")};
  }
  if (object.BoolAt(false, "spec", "suspend")) {
    return {HealthCode::kSuspended, "spec.suspend is set"};
  }
  const int64_t wanted = object.IntAt(1, "spec", "completions");
  const int64_t succeeded = object.IntAt(0, "status", "succeeded");
  const int64_t failed = object.IntAt(0, "status", "failed");
  std::string why = fmt::format("{} of {} completed", succeeded, Count(wanted, "pod"));
  if (failed > 0) why += fmt::format(", {} failed", failed);
  return {HealthCode::kProgressing, why};
}

// A schedule is well once it exists; what it started is judged as Jobs.
Health CronJobHealth(const core::Value& object) {
  if (object.BoolAt(false, "spec", "suspend")) {
    return {HealthCode::kSuspended, "spec.suspend is set"};
  }
  return {};
}

}  // namespace headgate::deploy
