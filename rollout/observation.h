#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/position.h"
#include "core/request.h"
#include "core/rollout_spec.h"
#include "core/value.h"
#include "rollout/analysis/series.h"

namespace headgate::rollout {

struct PodSeen {
  std::string name;
  std::string candidate;  // label headgate.dev/candidate; "" on stable's pods
  bool ready = false;
  int64_t restarts = 0;               // of all its containers
  std::string broken;                 // "container web: CrashLoopBackOff: exit 1"; "" where not
  std::optional<core::Time> started;  // status.startTime, else creation
  bool leaving = false;               // being deleted
};

// One track of one gated workload.
struct WorkloadSeen {
  core::WorkloadRef ref;  // of the workload in git, on both tracks
  bool exists = false;
  std::string gated_hash;  // annotation of the live object; "" where it has none
  bool healthy =
      false;         // all of its pods updated, ready and no old ones left, at its own generation
  std::string why;   // where it is not: "1 of 3 updated"
  int replicas = 0;  // live spec.replicas
  int ready = 0;     // updated pods that are ready
  int served = 0;    // ready pods that requests are sent to, see CountServed
  std::vector<PodSeen> pods;
};

struct RouteSeen {
  bool exists = false;
  bool accepted =
      false;       // by every parent, at the object's present generation, references resolved
  int weight = 0;  // percent that the live spec gives to the canary
  std::optional<core::Time>
      accepted_since;  // since when this controller has seen it accepted with this spec
  std::string why;     // where it is not accepted
};

// Everything that Decide may look at, read from the world in one go.
struct Observation {
  core::Time now{};
  core::Time watching_since{};  // since when this controller looks without a break: deadlines count
                                // from then
  std::optional<core::Candidate>
      wanted;  // what git asks for; nothing where git is away or cannot be rendered
  std::string stable_gated_hash;  // of the release record; "" before the first release
  std::string stable_revision;
  std::vector<WorkloadSeen> stable;  // one a gated workload, in the spec's order
  std::vector<WorkloadSeen> canary;
  RouteSeen route;
  std::optional<std::vector<analysis::MetricAnswers>>
      metrics;                           // nothing where nobody asked (see WantsMetrics)
  std::optional<core::Request> request;  // not yet answered
  bool suspended = false;                // spec.suspend of the Application
};

// A live pod as Decide looks at it.
PodSeen SeePod(const core::Value& pod);

// How many of `pods` are ready and are endpoints, ready too, of every one of `services` by their
// EndpointSlices: a pod gets ready before its Services send it anything. All ready ones where no
// Service is behind the route.
int CountServed(const std::vector<PodSeen>& pods, const std::vector<core::Value>& slices,
                const std::vector<std::string>& services);

}  // namespace headgate::rollout
