#include "tests/simulation/walk_promises.h"

#include <algorithm>

#include "rollout/compose.h"
#include "rollout/shape.h"
#include "rollout/steps.h"

namespace headgate::rollout::walk {
namespace {

bool ReadyFor(const State& state, int weight) {
  return std::all_of(std::begin(state.canaries), std::end(state.canaries), [&](const Track& t) {
    return t.ready >= CanaryReplicas(kReplicas, weight) &&
           kHashes[t.content] == kHashes[ContentOf(state.status)];
  });
}

// The step that a decision has passed; nullptr where it has passed none.
const core::Step* Passed(const core::RolloutSpec& spec, const core::RolloutStatus& before,
                         const core::RolloutStatus& after) {
  const auto* was = std::get_if<core::Trial>(&before.position);
  if (!was) return nullptr;
  const auto* is = std::get_if<core::Trial>(&after.position);
  const bool promoting = std::holds_alternative<core::Promoting>(after.position);
  const bool passed = promoting || (is && is->step > was->step &&
                                    is->candidate.gated_hash == was->candidate.gated_hash);
  return passed ? &spec.steps[static_cast<size_t>(was->step)] : nullptr;
}

// What a step that was passed without a person lacks.
std::string PassedWithout(const core::Step& step, const State& state, const Observation& seen,
                          Answer answer) {
  if (std::holds_alternative<core::Analyze>(step) && answer != Answer::kPass)
    return "an analysis is passed without a verdict of pass";
  const bool go = seen.gate && seen.gate->says == GateSeen::Says::kGo;
  if (std::holds_alternative<core::Gate>(step) && !go) return "a gate is passed without its yes";
  if (std::holds_alternative<core::Job>(step) && state.job != JobSeen::State::kSucceeded)
    return "a job is passed that has not succeeded";
  return "";
}

bool HasFailed(const std::vector<core::Evidence>& evidence) {
  return std::any_of(evidence.begin(), evidence.end(), [](const core::Evidence& each) {
    return each.verdict == core::Verdict::kFail;
  });
}

bool Quarantines(const core::RolloutStatus& status, const core::Candidate& candidate) {
  return std::any_of(status.quarantine.begin(), status.quarantine.end(),
                     [&](const auto& entry) { return entry.gated_hash == candidate.gated_hash; });
}

// Whether a trial went back for its gate although the gate did not refuse it.
bool BlamedOnGate(const core::Position& is, const Observation& seen) {
  const auto* back = std::get_if<core::RollingBack>(&is);
  return back && back->reason.starts_with("was refused") &&
         !(seen.gate && seen.gate->says == GateSeen::Says::kRefused);
}

}  // namespace

std::string BrokenBy(const core::RolloutSpec& spec, const State& state, const Decision& decision,
                     const Observation& seen, Answer answer) {
  const core::Position& was = state.status.position;
  const core::Position& is = decision.next.position;
  const Shape before = ShapeOf(was);
  const Shape after = ShapeOf(is);
  if (after.weight < 0 || after.weight > 100) return "a weight that is none";
  if (std::holds_alternative<core::Trial>(was) && std::holds_alternative<core::RollingBack>(is) &&
      after.weight > 0)
    return "a trial that failed keeps its weight";
  if (std::holds_alternative<core::RollingBack>(is) && after.weight > before.weight)
    return "a way back gives weight";
  for (const core::Quarantined& entry : decision.next.quarantine) {
    const core::Candidate* candidate = core::CandidateOf(is);
    if (candidate && candidate->gated_hash == entry.gated_hash && after.weight > 0)
      return "a quarantined candidate has weight";
  }
  if (after.weight > before.weight) {
    State next = state;
    next.status = decision.next;
    if (!ReadyFor(next, after.weight)) return "weight on pods that are not ready";
  }
  const bool fresh =
      ExtrasOf(spec, after.routed).baseline && !ExtrasOf(spec, before.routed).baseline;
  if (fresh && !AllReady(state.baselines)) return "requests for a baseline that is not ready";
  const auto* promoting = std::get_if<core::Promoting>(&is);
  if (promoting && promoting->part == core::Promoting::Part::kReturning && before.weight == 100 &&
      after.weight == 0 && !AllReady(state.stables))
    return "everything goes back to stable pods that are not ready";
  const bool asked = decision.answer && decision.answer->accepted;
  if (const auto* trial = std::get_if<core::Trial>(&is); trial && HasFailed(trial->evidence))
    return "a failed verdict does not send the candidate back";
  if (const auto* held = std::get_if<core::Held>(&is);
      held && std::holds_alternative<core::RollingBack>(was) &&
      !Quarantines(decision.next, held->candidate))
    return "a failed candidate is not quarantined";
  const core::Step* passed = Passed(spec, state.status, decision.next);
  if (passed && !asked) return PassedWithout(*passed, state, seen, answer);
  if (BlamedOnGate(is, seen)) return "a gate that did not refuse sends the candidate back";
  return "";
}

}  // namespace headgate::rollout::walk
