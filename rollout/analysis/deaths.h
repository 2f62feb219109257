#pragma once

#include "core/position.h"

namespace headgate::rollout::analysis {

// How often pods of a track died since the window opened: containers that restarted, pods that lost
// their readiness.
struct Deaths {
  int pods = 0;
  int deaths = 0;
};

// Dying is evidence of harm: given all deaths, how many are the canary's? Were its pods like
// stable's, each would be with the chance q = its share of the pods; the alternative is a mixture
// over larger chances with a beta prior (1/2, 1/2), so (Robbins 1970)
//
//     e = B(c + 1/2, s + 1/2) / B(1/2, 1/2) / (q^c (1 - q)^s)
//
// for c deaths of the canary and s of stable. Nothing to show where the canary had none.
core::Evidence JudgeDeaths(const Deaths& canary, const Deaths& stable, double threshold);

}  // namespace headgate::rollout::analysis
