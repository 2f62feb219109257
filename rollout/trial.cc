#include "rollout/trial.h"

#include <fmt/format.h>

#include <algorithm>

#include "rollout/steps.h"

namespace headgate::rollout {

const core::Step& StepOf(const core::RolloutSpec& spec, const core::Trial& at) {
  return spec.steps[static_cast<size_t>(at.step)];
}

void EnterPart(core::Trial* at, core::Trial::Part part, core::Time now) {
  at->part = part;
  at->since = now;
  at->looked_at = now;
  at->observed = core::Duration(0);
  at->no_verdict = core::Duration(0);
}

Move Promote(const core::Trial& at, const Look& look, std::string_view what, std::string why,
             std::vector<Event> events) {
  events.push_back({"Promoting", fmt::format("{} {}", ShortRevision(at.candidate.revision), what)});
  return {core::Promoting{at.candidate, core::Promoting::Part::kScaling, at.weight, look.seen.now,
                          at.pods, core::Time{}, at.baseline},
          std::move(why), std::move(events)};
}

Move PassStep(core::Trial at, const Look& look, std::string why) {
  std::vector<Event> events{
      {"StepPassed",
       fmt::format("{}: step {} ({}) passed: {}", ShortRevision(at.candidate.revision), at.step + 1,
                   core::Show(StepOf(look.spec, at)), why)}};
  at.paused = false;
  at.paused_why.clear();
  // What a gate said last is shown only while it is waited for.
  const std::string asked = core::Show(StepOf(look.spec, at));
  std::erase_if(at.evidence, [&](const core::Evidence& each) { return each.metric == asked; });
  ++at.step;
  if (static_cast<size_t>(at.step) >= look.spec.steps.size())
    return Promote(at, look, "passed its last step", "the last step passed: " + why,
                   std::move(events));
  const CanaryScale scale = ScaleAt(look.spec, at.step);
  at.scale = scale.percent;
  at.replicas = scale.replicas;
  // One that still gets requests stays until the route says otherwise.
  at.baseline = BaselineAt(look.spec, at.step) || ExtrasOf(look.spec, at.routed).baseline;
  EnterPart(&at,
            core::IsChange(StepOf(look.spec, at)) ? core::Trial::Part::kWarming
                                                  : core::Trial::Part::kObserving,
            look.seen.now);
  return {at, "step passed: " + why, std::move(events), kSoonest};
}

Move Stay(const core::Trial& at, std::string why, core::Duration look_again) {
  return {at, std::move(why), {}, std::max(look_again, kSoonest)};
}

core::Duration Elapsed(const core::Trial& at, const Look& look) {
  const core::Duration since = look.seen.now - at.looked_at;
  const core::Duration most = 3 * look.spec.analysis.interval + std::chrono::seconds(30);
  return since > core::Duration(0) && since <= most ? since : core::Duration(0);
}

}  // namespace headgate::rollout
