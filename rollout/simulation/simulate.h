#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/position.h"
#include "core/rollout_spec.h"
#include "core/value.h"
#include "rollout/simulation/truth.h"

namespace headgate::rollout::simulation {

// What happened at one moment: an event of Decide, or where it came to stand.
struct Moment {
  core::Duration at{0};  // since the candidate was seen
  const core::RolloutStatus* status = nullptr;
  std::string text;  // of an event; "" where only the position changed
  bool warning = false;
  int canary_pods = 0;  // of the first workload
};
using Watch = std::function<void(const Moment&)>;

struct Outcome {
  enum class End { kPromoted, kHeld, kPaused, kUnfinished };
  End end = End::kUnfinished;
  std::string why;              // the last decision's line
  core::Duration took{0};       // until its end
  core::Duration decided{0};    // until it was decided: the promotion or the way back begins
  int64_t canary_requests = 0;  // that the candidate answered before that
  int64_t canary_bad = 0;       // and how many badly
};
std::string_view Show(Outcome::End end);  // "promoted", "held", "paused", "unfinished"

// One rollout on a virtual clock, decided by Decide itself; metrics that count no requests (gauges,
// queries) have no truth here, and are left out. Pure: the same spec and truth, the same outcome.
// `watch` may be empty.
Outcome Simulate(const core::RolloutSpec& spec, const Truth& truth, const Watch& watch);

// What many of them came to.
struct Summary {
  int64_t runs = 0;
  int64_t promoted = 0, held = 0, paused = 0, unfinished = 0;
  core::Duration median{0}, slowest_tenth{0};  // until decided, of those that were
  double mean_bad = 0;                         // bad answers of the candidate, a run
  std::string why;                             // of the first run that was not promoted
};
Summary Summarize(const std::vector<Outcome>& outcomes);
core::Value ToValue(const Summary& summary);

// With the seeds truth.seed, truth.seed + 1, ...
Summary SimulateMany(const core::RolloutSpec& spec, const Truth& truth, int64_t runs);

}  // namespace headgate::rollout::simulation
