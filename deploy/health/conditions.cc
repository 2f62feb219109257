#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "deploy/health/kinds.h"

namespace headgate::deploy {
namespace {

// Conditions that say "all is well" when true, in the order of asking.
constexpr std::string_view kReadyTypes[] = {"Ready",    "Available", "Healthy", "Succeeded",
                                            "Complete", "Synced",    "Accepted"};

// Words in a reason that mean that waiting will not help.
constexpr std::string_view kFailureWords[] = {"Fail",   "Error",     "Invalid",    "Denied",
                                              "Reject", "Forbidden", "Unsupported"};

bool MeansFailure(std::string_view reason) {
  return std::any_of(
      std::begin(kFailureWords), std::end(kFailureWords),
      [&](std::string_view word) { return reason.find(word) != std::string_view::npos; });
}

}  // namespace

std::optional<Condition> FindCondition(const core::List& conditions, std::string_view type) {
  for (const core::Value& condition : conditions) {
    if (condition.StringAt("type") != type) continue;
    return Condition{condition.StringAt("status"), condition.StringAt("reason"),
                     condition.StringAt("message")};
  }
  return std::nullopt;
}

std::optional<Condition> FindCondition(const core::Value& object, std::string_view type) {
  return FindCondition(object.ListAt("status", "conditions"), type);
}

std::string Why(const Condition& condition, std::string_view otherwise) {
  if (condition.reason.empty() && condition.message.empty()) return std::string(otherwise);
  if (condition.message.empty()) return std::string(condition.reason);
  if (condition.reason.empty()) return std::string(condition.message);
  return fmt::format("{}: {}", condition.reason, condition.message);
}

std::string Count(int64_t n, std::string_view what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

// Source: kstatus (sigs.k8s.io/cli-utils), "Reconciling", "Stalled", "Ready"; no condition at all
// means that the object is there and that is all there is to say.
Health ConditionsHealth(const core::Value& object) {
  if (const auto stalled = FindCondition(object, "Stalled"); stalled && stalled->status == "True") {
    return {HealthCode::kDegraded, Why(*stalled, "stalled")};
  }
  if (const auto failed = FindCondition(object, "Failed"); failed && failed->status == "True") {
    return {HealthCode::kDegraded, Why(*failed, "failed")};
  }
  if (const auto busy = FindCondition(object, "Reconciling"); busy && busy->status == "True") {
    return {HealthCode::kProgressing, Why(*busy, "reconciling")};
  }
  for (const std::string_view type : kReadyTypes) {
    const auto ready = FindCondition(object, type);
    if (!ready) continue;
    if (ready->status == "True") return {};
    const std::string why = Why(*ready, fmt::format("{} is {}", type, ready->status));
    const bool failed = ready->status == "False" && MeansFailure(ready->reason);
    return {failed ? HealthCode::kDegraded : HealthCode::kProgressing, why};
  }
  return {};
}

}  // namespace headgate::deploy
