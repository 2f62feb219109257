#include "reconciler/report.h"

#include <fmt/format.h>

#include "core/hash.h"

namespace headgate::reconciler {
namespace {

constexpr const char* kOverdue = " (for longer than spec.sync.timeout)";
constexpr size_t kMessageBytesMax = 2000;  // an object's status is no place for a novel

std::string Cut(const std::string& text) {
  if (text.size() <= kMessageBytesMax) return text;
  return text.substr(0, kMessageBytesMax) + "...";
}

// What Ready, Reconciling and Stalled are made of.
struct Standing {
  bool ready = false, reconciling = false, stalled = false;
  std::string reason;
};

// Whether waiting alone will not help.
bool NeedsAPerson(const Report& report) {
  return report.trouble != Trouble::kNone &&
         (report.fault == core::Fault::kInvalid || report.fault == core::Fault::kForbidden ||
          report.fault == core::Fault::kNotFound);
}

Standing StandingOf(const Report& report) {
  if (report.trouble != Trouble::kNone) {
    const bool stalled = NeedsAPerson(report);
    return {false, !stalled, stalled, std::string(Show(report.trouble))};
  }
  if (std::holds_alternative<core::Held>(report.position)) return {false, false, true, "Held"};
  if (core::CandidateOf(report.position))
    return {false, true, false, std::string(core::PhaseOf(report.position))};
  if (report.overdue) return {false, false, true, "Overdue"};
  if (report.deleting) return {false, true, false, "Deleting"};
  if (!report.waiting.empty()) return {false, true, false, "Waiting"};
  if (!report.release) return {false, true, false, "Deploying"};
  if (report.health.code == deploy::HealthCode::kDegraded) return {false, false, true, "Degraded"};
  if (report.health.code == deploy::HealthCode::kHealthy) return {true, false, false, "Healthy"};
  return {false, true, false, std::string(deploy::Show(report.health.code))};
}

core::Value Condition(const core::Value* before, std::string_view type, bool truth,
                      const Standing& standing, const Report& report, core::Time now) {
  return MergeCondition(before, type, truth, standing.reason, Cut(Summary(report)),
                        report.observed_generation, now);
}

std::string InTrial(const core::Trial& trial, const std::string& why) {
  return fmt::format("Canary {} %: {}, step {}{}{}", trial.weight,
                     core::Short(trial.candidate.revision, 7), trial.step + 1,
                     why.empty() ? "" : ": ", why);
}

// What people should know beside the health.
std::string Notes(const Report& report) {
  std::string text;
  if (report.rolled_back) {
    text += fmt::format("; rolled back to release {} ({}) by {} until a commit renders differently",
                        report.rolled_back->release, core::Short(report.rolled_back->revision, 7),
                        report.rolled_back->by);
  }
  if (!report.prune.waiting.empty()) {
    const size_t n = report.prune.waiting.size();
    text += fmt::format("; {} object{} no longer wanted and wait{} for: headgate prune --confirm",
                        n, n == 1 ? " is" : "s are", n == 1 ? "s" : "");
  }
  if (!report.drift.left.empty()) {
    const size_t n = report.drift.left.size();
    text += fmt::format("; {} object{} from git and {} left so (selfHeal is off): {}", n,
                        n == 1 ? " differs" : "s differ", n == 1 ? "is" : "are",
                        report.drift.left.front());
  }
  if (!report.drift.contested.empty()) text += "; contested: " + report.drift.contested.front();
  return text;
}

// When what failed is tried again.
std::string Again(const Report& report) {
  if (!report.retry) return "";
  const RetryReport& retry = *report.retry;
  if (!retry.waits_for.empty())
    return fmt::format("; it is tried again when {} is there", retry.waits_for);
  if (!retry.next.empty()) return fmt::format("; tried again at {}", retry.next);
  return fmt::format("; tried {} time{}, and not again before a new commit or headgate sync",
                     retry.attempts, retry.attempts == 1 ? "" : "s");
}

core::List ListOf(const std::vector<std::string>& lines) {
  core::List list;
  for (const std::string& line : lines) list.push_back(Cut(line));
  return list;
}

core::Value ToValue(const DriftReport& drift) {
  core::Map value;
  for (const auto& [key, lines] :
       {std::pair("left", &drift.left), std::pair("kept", &drift.kept),
        std::pair("contested", &drift.contested), std::pair("healed", &drift.healed)}) {
    if (!lines->empty()) value.Set(key, ListOf(*lines));
  }
  return value;
}

// There only while objects are not as git has them: who set what.
void AppendDrifted(const core::Value* before, const Report& report, core::Time now,
                   core::Value* status) {
  const bool contested = !report.drift.contested.empty();
  if (report.drift.left.empty() && !contested) return;
  const std::string& message =
      contested ? report.drift.contested.front() : report.drift.left.front();
  status->Find("conditions")
      ->AsList()
      ->push_back(MergeCondition(before, "Drifted", true, contested ? "Contested" : "SelfHealOff",
                                 Cut(message), report.observed_generation, now));
}

}  // namespace

std::string_view Show(Trouble trouble) {
  switch (trouble) {
    case Trouble::kNone:
      return "";
    case Trouble::kInvalidSpec:
      return "InvalidSpec";
    case Trouble::kSourceFailed:
      return "SourceFailed";
    case Trouble::kRenderFailed:
      return "RenderFailed";
    case Trouble::kApplyFailed:
      return "ApplyFailed";
    case Trouble::kAdoptionNeeded:
      return "AdoptionNeeded";
    case Trouble::kRolloutFailed:
      return "RolloutFailed";
    case Trouble::kDeletionFailed:
      return "DeletionFailed";
    case Trouble::kHookFailed:
      return "HookFailed";
  }
  return "?";
}

std::string Summary(const Report& report) {
  if (report.trouble == Trouble::kAdoptionNeeded) return "Held: " + report.message;
  if (report.trouble != Trouble::kNone)
    return fmt::format("{}: {}{}", Show(report.trouble), report.message, Again(report));
  if (const auto* held = std::get_if<core::Held>(&report.position)) {
    return fmt::format("Held: {} {}", core::Short(held->candidate.revision, 7), held->reason);
  }
  if (const auto* trial = std::get_if<core::Trial>(&report.position))
    return InTrial(*trial, report.rollout_why);
  if (const core::Candidate* candidate = core::CandidateOf(report.position)) {
    return fmt::format("{} {}{}{}", core::PhaseOf(report.position),
                       core::Short(candidate->revision, 7), report.rollout_why.empty() ? "" : ": ",
                       report.rollout_why);
  }
  if (report.deleting) return report.waiting.empty() ? "Deleting" : "Deleting: " + report.waiting;
  if (report.suspended) return "Suspended";
  if (!report.waiting.empty()) {
    return fmt::format("Deploying {}: {}{}", core::Short(report.revision, 7), report.waiting,
                       report.overdue ? kOverdue : "");
  }
  if (report.health.code == deploy::HealthCode::kHealthy && !report.release) return "Deploying";
  return deploy::Show(report.health) + (report.overdue ? kOverdue : "") + Notes(report);
}

core::Value MergeCondition(const core::Value* before, std::string_view type, bool truth,
                           std::string_view reason, std::string_view message, int64_t generation,
                           core::Time now) {
  const char* status = truth ? "True" : "False";
  std::string since = core::Show(now);
  if (before) {
    for (const core::Value& condition : before->ListAt("conditions")) {
      if (condition.StringAt("type") == type && condition.StringAt("status") == status) {
        since = condition.StringAt("lastTransitionTime");
      }
    }
  }
  return core::Map{{"type", type},
                   {"status", status},
                   {"reason", reason},
                   {"message", message},
                   {"observedGeneration", generation},
                   {"lastTransitionTime", since}};
}

core::Value ToStatus(const Report& report, const core::Value* before, core::Time now) {
  const Standing standing = StandingOf(report);
  core::Map status{{"observedGeneration", report.observed_generation},
                   {"summary", Cut(Summary(report))}};
  if (!report.revision.empty()) status.Set("revision", report.revision);
  if (report.release) {
    status.Set("release", core::Map{{"number", report.release->number},
                                    {"revision", report.release->bundle.revision},
                                    {"at", core::Show(report.release->at)},
                                    {"by", report.release->by}});
  }
  if (core::Value drift = ToValue(report.drift); !drift.AsMap()->empty()) {
    status.Set("drift", std::move(drift));
  }
  if (report.retry) {
    core::Map retry{{"attempts", report.retry->attempts}};
    if (!report.retry->next.empty()) retry.Set("next", report.retry->next);
    if (!report.retry->waits_for.empty()) retry.Set("waitsFor", report.retry->waits_for);
    status.Set("retry", std::move(retry));
  }
  if (report.trouble != Trouble::kNone) {
    status.Set("lastAttempted",
               core::Map{{"revision", report.revision}, {"error", Cut(report.message)}});
  }
  if (const auto* held = std::get_if<core::Held>(&report.position)) {
    core::List evidence;
    for (const core::Evidence& each : held->evidence) evidence.push_back(core::ToValue(each));
    status.Set("held", core::Map{{"revision", held->candidate.revision},
                                 {"reason", held->reason},
                                 {"evidence", std::move(evidence)}});
  }
  status.Set("health", core::Map{{"status", deploy::Show(report.health.code)},
                                 {"message", Cut(report.health.why)}});
  if (report.hooks) status.Set("hooks", deploy::ToValue(*report.hooks));
  status.Set("inventory", deploy::ToValue(report.inventory));
  if (report.rolled_back) status.Set("rollback", ToValue(*report.rolled_back));
  if (!report.prune.waiting.empty()) {
    core::List waiting(report.prune.waiting.begin(), report.prune.waiting.end());
    status.Set("prune", core::Map{{"token", report.prune.token}, {"waiting", std::move(waiting)}});
  }
  if (report.answer) status.Set("request", core::ToValue(*report.answer));
  status.Set(
      "conditions",
      core::List{Condition(before, "Ready", standing.ready, standing, report, now),
                 Condition(before, "Reconciling", standing.reconciling, standing, report, now),
                 Condition(before, "Stalled", standing.stalled, standing, report, now)});
  core::Value value(std::move(status));
  AppendDrifted(before, report, now, &value);
  return value;
}

}  // namespace headgate::reconciler
