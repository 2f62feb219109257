#include "rollout/decide.h"

#include <fmt/format.h>

#include <algorithm>

#include "rollout/phases.h"

namespace headgate::rollout {
namespace {

void KeepQuarantine(const Move& move, core::RolloutStatus* next) {
  std::vector<core::Quarantined>& all = next->quarantine;
  const auto forget = [&](const std::string& gated_hash) {
    std::erase_if(all, [&](const auto& entry) { return entry.gated_hash == gated_hash; });
  };
  if (!move.lift.empty()) forget(move.lift);
  if (!move.quarantine) return;
  forget(move.quarantine->gated_hash);
  all.push_back(*move.quarantine);
  if (all.size() > core::RolloutStatus::kQuarantineMax) all.erase(all.begin());
}

}  // namespace

Decision Decide(const core::RolloutSpec& spec, const core::RolloutStatus& status,
                const Observation& seen) {
  const std::optional<core::RequestAnswer> answer = Hear(spec, status, seen);
  Look look{spec, status, seen, "", ""};
  if (answer && answer->accepted) {
    look.verb = seen.request->verb;
    look.by = seen.request->by;
  }
  Move move = std::visit([&](const auto& phase) { return From(phase, look); }, status.position);

  Decision decision;
  decision.next = status;
  decision.next.position = std::move(move.next);
  KeepQuarantine(move, &decision.next);
  decision.events = std::move(move.events);
  decision.why = std::move(move.why);
  decision.answer = answer;
  if (answer && !move.refused.empty())
    decision.answer =
        core::RequestAnswer{answer->id, answer->verb, false, "refused: " + move.refused};
  decision.look_again = move.look_again;
  return decision;
}

bool WantsMetrics(const core::RolloutSpec& spec, const core::RolloutStatus& status,
                  core::Time now) {
  const std::optional<core::Trial> trial = WatchedTrial(status);
  return trial && !spec.analysis.metrics.empty() &&
         now - trial->looked_at >= spec.analysis.interval;
}

const core::Gate* WantsGate(const core::RolloutSpec& spec, const core::RolloutStatus& status,
                            core::Time now) {
  const auto* trial = std::get_if<core::Trial>(&status.position);
  if (!trial || trial->paused || trial->part != core::Trial::Part::kObserving) return nullptr;
  if (trial->step < 0 || static_cast<size_t>(trial->step) >= spec.steps.size()) return nullptr;
  const bool due =
      trial->looked_at == trial->since || now - trial->looked_at >= spec.analysis.interval;
  return due ? std::get_if<core::Gate>(&spec.steps[static_cast<size_t>(trial->step)]) : nullptr;
}

std::optional<core::Trial> WatchedTrial(const core::RolloutStatus& status) {
  if (const auto* trial = std::get_if<core::Trial>(&status.position))
    return trial->window_open ? std::optional(*trial) : std::nullopt;
  const auto* promoting = std::get_if<core::Promoting>(&status.position);
  // Later parts give the weight back; then the counters are stable's again.
  if (!promoting || promoting->part > core::Promoting::Part::kUpdating) return std::nullopt;
  core::Trial trial;
  trial.candidate = promoting->candidate;
  trial.part = core::Trial::Part::kObserving;
  trial.weight = promoting->weight;
  trial.since = promoting->since;
  trial.window_open = promoting->since;
  trial.looked_at = std::max(promoting->since, promoting->looked_at);
  trial.pods = promoting->pods;
  return trial;
}

std::string ShowStep(const core::RolloutSpec& spec, const core::Trial& trial) {
  if (trial.step < 0 || static_cast<size_t>(trial.step) >= spec.steps.size()) return "no step";
  const core::Step& step = spec.steps[static_cast<size_t>(trial.step)];
  if (trial.part == core::Trial::Part::kWarming) return core::Show(step) + ": pods get ready";
  if (trial.part == core::Trial::Part::kShifting)
    return fmt::format("{}: weight {} % on its way", core::Show(step), trial.weight);
  if (std::holds_alternative<core::Approve>(step)) return "approve: waits for promote";
  return fmt::format("{}: {} observed", core::Show(step), core::Show(trial.observed));
}

std::string Show(const Decision& decision) {
  std::string text = core::Show(decision.next.position) + " | " + decision.why;
  for (const Event& event : decision.events)
    text += fmt::format(" | {}{}: {}", event.warning ? "!" : "", event.reason, event.message);
  if (decision.answer)
    text += fmt::format(" | {}: {}", decision.answer->accepted ? "accepted" : "refused",
                        decision.answer->message);
  return text;
}

std::string ShortRevision(std::string_view revision) { return std::string(revision.substr(0, 7)); }

const core::Quarantined* FindQuarantined(const core::RolloutStatus& status,
                                         std::string_view gated_hash) {
  const auto at = std::find_if(status.quarantine.begin(), status.quarantine.end(),
                               [&](const auto& entry) { return entry.gated_hash == gated_hash; });
  return at == status.quarantine.end() ? nullptr : &*at;
}

}  // namespace headgate::rollout
