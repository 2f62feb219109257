#pragma once

#include <optional>
#include <string>

#include "core/object.h"
#include "core/position.h"
#include "core/rollout_spec.h"
#include "rollout/observation.h"

namespace headgate::rollout {

// A Job without a deadline of its own ends after so long.
inline constexpr core::Duration kJobDeadline = std::chrono::minutes(30);

// The job step that a position is at, while it is to run; nullptr where none is.
const core::Job* JobAt(const core::RolloutSpec& spec, const core::Position& position);

// The name of that step's Job, at most 63 characters. Another one for each run of it: another
// candidate, step, attempt or template; the same after a restart.
std::string JobNameOf(const core::RolloutSpec& spec, const core::Job& job,
                      const core::Trial& trial);

// The Job as it is applied: a variant, which is removed after the step. It uses the candidate's
// copies of ConfigMaps and Secrets where gated workloads use the same ones.
core::Object MakeJob(const core::RolloutSpec& spec, const core::Job& job, const core::Trial& trial,
                     const core::Objects& candidate);

// How it stands in the cluster; nullptr: it is not there.
JobSeen SeeJob(const core::Value* live);

}  // namespace headgate::rollout
