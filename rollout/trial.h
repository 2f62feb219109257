#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rollout/phases.h"

namespace headgate::rollout {

// What the parts of a trial share; for from_trial.cc and trial_*.cc.

inline constexpr core::Duration kSoonest = std::chrono::milliseconds(200);

const core::Step& StepOf(const core::RolloutSpec& spec, const core::Trial& at);

void EnterPart(core::Trial* at, core::Trial::Part part, core::Time now);

// The next step, or the promotion after the last one.
Move PassStep(core::Trial at, const Look& look, std::string why);

// Past all steps; `what` is told of the candidate.
Move Promote(const core::Trial& at, const Look& look, std::string_view what, std::string why,
             std::vector<Event> events);

Move Stay(const core::Trial& at, std::string why,
          core::Duration look_again = std::chrono::seconds(1));

// Time since the last look that counts: not what lies in a pause of the controller.
core::Duration Elapsed(const core::Trial& at, const Look& look);

// A gate is asked once an interval. Only what it says counts: neither time nor trouble passes it.
Move ObserveGate(core::Trial at, const Look& look, const core::Gate& gate);

// Goes on when the Job has succeeded; back when it has failed, though the trial be paused.
Move ObserveJob(core::Trial at, const Look& look, const core::Job& job);

}  // namespace headgate::rollout
