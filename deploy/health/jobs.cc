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

// A schedule is well once it exists, suspended or not, unless its last run did not end well; what
// it started is judged as Jobs. While one runs, or where none has ended well yet, nothing is known.
Health CronJobHealth(const core::Value& object) {
  if (object.BoolAt(false, "spec", "suspend")) return {};
  if (!object.Find("status")) {
    return {HealthCode::kProgressing, "its controller has not seen it yet"};
  }
  const std::string& scheduled = object.StringAt("status", "lastScheduleTime");
  const std::string& succeeded = object.StringAt("status", "lastSuccessfulTime");
  const bool running = !object.ListAt("status", "active").empty();
  if (scheduled.empty() || succeeded.empty() || running || succeeded >= scheduled) return {};
  return {HealthCode::kDegraded,
          fmt::format("the run of {} has not succeeded; the last one that did ended at {}",
                      scheduled, succeeded)};
}

}  // namespace headgate::deploy
