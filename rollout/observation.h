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
  std::string candidate;  // label headgate.dev/candidate; "" on stable's pods, "baseline" on those
  bool ready = false;
  int64_t restarts = 0;                 // of all its containers
  std::string broken;                   // "container web: CrashLoopBackOff: exit 1"; "" where not
  std::optional<core::Time> started;    // status.startTime, else creation
  bool leaving = false;                 // being deleted
  std::optional<core::Time> died = {};  // when a container last ended before a restart
  std::optional<core::Time> unready = {};  // since when it is not ready, though it was
};

// What the Services behind the route send requests to, of one track of one workload.
struct Serving {
  int ready = 0;    // pods that are ready, and endpoints of every such Service
  int leaving = 0;  // pods that are being deleted, and still endpoints of some
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
  Serving serving;   // what requests are sent to
  std::vector<PodSeen> pods;
  std::vector<std::string> services = {};  // behind the route, that select its pods
};

struct RouteSeen {
  bool exists = false;
  bool accepted =
      false;       // by every parent, at the object's present generation, references resolved
  int weight = 0;  // percent that the live spec gives to the canary
  std::optional<core::Time>
      accepted_since;         // since when this controller has seen it accepted with this spec
  std::string why;            // where it is not accepted
  std::string extras;         // header routes and mirror that it has, as routers::Show says them
  core::Duration settle{0};   // after acceptance, until the data plane surely does it
  bool follows_pods = false;  // no route: the numbers of pods carry the weight
  std::string version;        // another one wherever what it says of the traffic is another
};

// What a gate's webhook answered.
struct GateSeen {
  enum class Says { kGo, kRefused, kUnknown } says = Says::kUnknown;
  std::string why;  // "answered 403", "no answer: connection refused"
};

// The Job of the present step.
struct JobSeen {
  enum class State { kAbsent, kRunning, kSucceeded, kFailed } state = State::kAbsent;
  std::string why;  // "1 pod active", "BackoffLimitExceeded: ..."
};

// Everything that Decide may look at, read from the world in one go.
struct Observation {
  core::Time now{};
  core::Time watching_since{};  // since when this controller looks without a break: deadlines count
                                // from then
  std::optional<core::Candidate>
      wanted;                // what git asks for; nothing where git is away or cannot be rendered
  std::string irreversible;  // what `wanted` would change for good; "" where nothing, or allowed
  std::string stable_gated_hash;  // of the release record; "" before the first release
  std::string stable_revision;
  std::vector<WorkloadSeen> stable;  // one a gated workload, in the spec's order
  std::vector<WorkloadSeen> canary;
  std::vector<WorkloadSeen> baseline;  // as `stable`; empty where the position has none
  RouteSeen route;
  std::optional<std::vector<analysis::MetricAnswers>>
      metrics;                           // nothing where nobody asked (see WantsMetrics)
  std::optional<GateSeen> gate;          // nothing where nobody asked (see WantsGate)
  std::optional<JobSeen> job;            // nothing where the present step is none
  std::optional<core::Request> request;  // not yet answered
  bool suspended = false;                // spec.suspend of the Application
};

// A live pod as Decide looks at it.
PodSeen SeePod(const core::Value& pod);

// By the EndpointSlices of `services`: a pod is ready before they name it, and being deleted before
// they drop it. Without Services every ready pod counts.
Serving SeeServing(const std::vector<PodSeen>& pods, const std::vector<core::Value>& slices,
                   const std::vector<std::string>& services);

}  // namespace headgate::rollout
