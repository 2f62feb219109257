#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/rollout_spec.h"

namespace headgate::rollout::walk {

// An exhaustive walk of Decide over a small world: two gated workloads of two pods each, two
// candidates beside stable, one route, one Prometheus. From each state each event is tried: time
// (short of every deadline, and past them), each verdict, pods that get ready, are lost or break,
// the gateway's answer, a gate's and a Job's, commits, people's requests, a crash between recording
// and acting. States
// that differ in nothing that Decide can tell apart are one.
//
// Checked at each transition:
// - a failed candidate gets no traffic: a way back from a trial gives weight 0 in the same
//   decision, and a quarantined candidate has none; no trial goes on with a metric that has failed,
//   and what failed is quarantined;
// - a step of analysis is passed, and the promotion begun, only by a verdict of pass on evidence,
//   by a person, or by a policy that says continue; a gate only by its yes or a person, a job only
//   by its success or a person; a gate that does not refuse sends nobody back;
// - weight rises only onto canary pods that are ready and this candidate's, and goes back from 100
//   only onto stable pods that are; a baseline gets requests only when it is ready, and is not
//   removed while it gets any;
// - the same input gives the same decision.
// And from each state: without further faults it ends, in Stable or Held with what git asks for.
struct Result {
  int64_t states = 0;
  int64_t transitions = 0;
  std::string broken;  // the first promise that is, with the way to it; "" while all hold
};

// Walks one Rollout; stops after `states_max` states.
Result Walk(const core::RolloutSpec& spec, int64_t states_max);

// Sequences of up to `steps` steps that a Rollout may have: weights, analyses, pauses, approvals,
// header routes, gates, jobs, baselines.
std::vector<core::RolloutSpec> Specs(int steps);

}  // namespace headgate::rollout::walk
