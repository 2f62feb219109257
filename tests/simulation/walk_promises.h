#pragma once

#include <string>

#include "tests/simulation/walk_world.h"

namespace headgate::rollout::walk {

// "" where `decision`, made in `state` of what was seen, keeps every promise of walk.h.
std::string BrokenBy(const core::RolloutSpec& spec, const State& state, const Decision& decision,
                     const Observation& seen, Answer answer);

}  // namespace headgate::rollout::walk
