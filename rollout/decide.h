#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/position.h"
#include "core/request.h"
#include "core/rollout_spec.h"
#include "rollout/observation.h"

namespace headgate::rollout {

inline constexpr core::Duration kProgressDeadline =
    std::chrono::minutes(10);  // for pods to become ready
inline constexpr core::Duration kBrokenGrace =
    std::chrono::seconds(60);  // of crash loops, pull errors
inline constexpr core::Duration kDataPlaneDelay =
    std::chrono::seconds(1);                                       // from Accepted to "weight seen"
inline constexpr core::Duration kDrain = std::chrono::seconds(5);  // for requests under way
inline constexpr core::Duration kRouteDeadline =
    std::chrono::minutes(5);  // a way back waits no longer for the route

// Becomes a Kubernetes event.
struct Event {
  std::string reason;  // CamelCase
  std::string message;
  bool warning = false;
  friend bool operator==(const Event&, const Event&) = default;
};

struct Decision {
  core::RolloutStatus
      next;  // stored before anything is done; equal to the given one where nothing moved
  std::vector<Event> events;
  std::string why;                            // one line: what it waits for, or what happened
  std::optional<core::RequestAnswer> answer;  // of the observation's request
  core::Duration look_again{0};               // at the latest; watches may wake it earlier
};

// The next position. Pure and total: every input has a result (DESIGN section 8). Verbs that it
// takes: promote, abort, pause, resume, skip-step, retry; others are left unanswered, for the
// caller. Before `next` is stored, the record of CandidateOf(next) must be (its bundle_hash may
// move during a trial: a commit that changes nothing gated).
Decision Decide(const core::RolloutSpec& spec, const core::RolloutStatus& status,
                const Observation& seen);

// The trial as whose the provider's answers are judged: the one that runs, or of a promotion what
// goes on of it (the window is that of its present part); nothing where no window is open.
std::optional<core::Trial> WatchedTrial(const core::RolloutStatus& status);

// Whether the provider should be asked before the next Decide: a window is open and an interval is
// over since the last look.
bool WantsMetrics(const core::RolloutSpec& spec, const core::RolloutStatus& status, core::Time now);

// The gate that should be asked before the next Decide; nullptr where none is due.
const core::Gate* WantsGate(const core::RolloutSpec& spec, const core::RolloutStatus& status,
                            core::Time now);

// "setWeight 10 %", "analyze 5m: 2m10s observed" of the present step; for `rollout status`.
std::string ShowStep(const core::RolloutSpec& spec, const core::Trial& trial);

// For tests and `-o wide`: "Trial of 3f2a91c: ... | why | event".
std::string Show(const Decision& decision);

}  // namespace headgate::rollout
