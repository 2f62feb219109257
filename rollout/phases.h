#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/position.h"
#include "rollout/decide.h"

namespace headgate::rollout {

// What Decide's phases share; for decide.cc and the from_*.cc files.

// One tick: what was given to Decide, and what a person asks for in it.
struct Look {
  const core::RolloutSpec& spec;
  const core::RolloutStatus& status;
  const Observation& seen;
  std::string verb;  // of an accepted request; "" without one
  std::string by;
};

// Why the counters of this tick fail a candidate that is watched; "" where they do not.
std::string FailureOf(const core::Trial& watched, const Look& look);

// Where a phase goes.
struct Move {
  core::Position next;
  std::string why;
  std::vector<Event> events = {};
  core::Duration look_again = std::chrono::seconds(1);
  std::optional<core::Quarantined> quarantine = {};  // to add
  std::string lift = "";                             // gated hash to take out of quarantine
  bool overrules = false;    // what happened comes before what was asked for
  std::string refused = "";  // why an accepted request was not done after all
};

// A look at a quiet application is only for requests and commits, which wake it by themselves.
inline constexpr core::Duration kQuiet = std::chrono::minutes(1);

Move From(const core::Stable& at, const Look& look);
Move From(const core::Trial& at, const Look& look);
Move From(const core::Promoting& at, const Look& look);
Move From(const core::RollingBack& at, const Look& look);
Move From(const core::Held& at, const Look& look);

// Is a request for us, and may it be done here? Nothing where the verb is not Decide's.
std::optional<core::RequestAnswer> Hear(const core::RolloutSpec& spec,
                                        const core::RolloutStatus& status, const Observation& seen);

// The first seven characters, as git shows them.
std::string ShortRevision(std::string_view revision);

const core::Quarantined* FindQuarantined(const core::RolloutStatus& status,
                                         std::string_view gated_hash);

// A trial of `candidate`, or Held where it is quarantined.
Move Meet(const core::Candidate& candidate, const Look& look);

// The way back of a trial: weight 0 at once.
Move GoBack(const core::Trial& at, const Look& look, core::RollingBack::Then then,
            std::string reason);

}  // namespace headgate::rollout
