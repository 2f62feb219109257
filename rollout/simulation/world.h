#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/position.h"
#include "core/rollout_spec.h"
#include "rollout/decide.h"
#include "rollout/observation.h"
#include "rollout/shape.h"
#include "rollout/simulation/chance.h"
#include "rollout/simulation/truth.h"

namespace headgate::rollout::simulation {

// Pods of one track of one workload, with counters that grow by chance.
struct SimulatedPod {
  std::string name;
  int number = 0;  // of all that were made, from 1
  core::Time born{};
  core::Time ready_at{};
  double good = 0, bad = 0;
};

struct SimulatedTrack {
  std::string gated_hash;
  std::string candidate;  // label of its pods
  std::vector<SimulatedPod> pods;
};

// A cluster with the gated workloads, one route and one Prometheus, on a virtual clock that starts
// at core::HandClock::kStart with a trial of a candidate before it.
class World {
 public:
  World(const core::RolloutSpec& spec, const Truth& truth);

  core::Time now() const { return now_; }
  core::Duration since_start() const { return now_ - core::HandClock::kStart; }

  // What Decide may look at now. Give its answers back after the decision: they are not copied.
  Observation Observe(const core::RolloutStatus& status);
  void TakeBack(Observation seen);
  // Brings the cluster to what a position demands, as Compose and the deployer do.
  void Apply(const core::RolloutStatus& status);
  // Lets time pass: requests are answered, pods get ready, counters are scraped.
  void Pass(core::Duration time);

  // Requests that the canary answered so far, and how many badly.
  int64_t canary_requests() const { return canary_requests_; }
  int64_t canary_bad() const { return canary_bad_; }
  int CanaryPods() const;  // of the first workload

 private:
  WorkloadSeen See(const SimulatedTrack& track, const core::WorkloadRef& ref) const;
  void SeeAsked(const core::RolloutStatus& status, Observation* seen) const;
  void Scale(SimulatedTrack* track, int replicas, const std::string& prefix);
  void Serve(std::vector<SimulatedTrack>* tracks, double requests, double share, bool canary);
  int Ready(const SimulatedTrack& track) const;
  void Scrape(const SimulatedPod& pod);

  const core::RolloutSpec& spec_;
  const Truth& truth_;
  Chance chance_;
  core::Time now_;
  std::string stable_hash_;
  std::vector<SimulatedTrack> stable_, canary_, baseline_;  // one a workload
  bool canary_exists_ = false;
  int weight_ = 0;  // of the route
  std::string extras_;
  bool routes_extras_ = false, routes_baseline_ = false;
  int mirror_ = 0;
  std::optional<core::Time> written_, accepted_;
  int served_weight_ = 0;
  int pods_made_ = 0;
  std::vector<analysis::MetricAnswers> answers_;  // all that was scraped, one a metric
  int64_t canary_requests_ = 0, canary_bad_ = 0;
};

inline constexpr const char* kStableHash = "5table";
inline constexpr const char* kCandidateHash = "candidate";
inline constexpr const char* kCandidate = "new-one";  // its revision, as people see it

}  // namespace headgate::rollout::simulation
