#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "core/value.h"

namespace headgate::core {

// Where a rollout stands: all that Decide and Compose need beside the bundles. Kept in the
// Rollout's status, written before it is acted on; so a crash between any two writes loses nothing.

struct Candidate {
  std::string revision;     // commit id
  std::string bundle_hash;  // of its whole bundle
  std::string gated_hash;   // of what the trial is about
  friend bool operator==(const Candidate&, const Candidate&) = default;
};

enum class Verdict { kPass, kFail, kHold, kUnknown };
std::string_view Show(Verdict verdict);  // "pass", "fail", "hold", "unknown"

// What one metric says about the candidate in the present window.
struct Evidence {
  std::string metric;
  Verdict verdict = Verdict::kHold;
  int64_t bad = 0;  // of the canary's pods since the window opened
  int64_t requests = 0;
  double share = 0;  // bad / requests; 0 without requests
  double max = 0;
  int failures = 0;  // intervals over the bound, in this step
  std::string why;   // "error-rate 24.8 % > 10 % (n=412)", "212 of 100 requests", "Prometheus:
                     // connection refused"
  friend bool operator==(const Evidence&, const Evidence&) = default;
};

// No candidate is on trial.
struct Stable {
  friend bool operator==(const Stable&, const Stable&) = default;
};

// A candidate meets `weight` percent of the requests.
struct Trial {
  enum class Part {
    kWarming,    // canary pods for `scale` are not all ready yet; weight is still the old one
    kShifting,   // weight is written; the data plane does not show it yet
    kObserving,  // the evidence window is open; the steps run
  };
  Candidate candidate;
  int64_t step = 0;  // index into the steps; counts pause, analyze and approve too
  Part part = Part::kWarming;
  int weight = 0;      // percent, what the route is given
  int scale = 0;       // percent of stable's replicas that the canary must be able to carry
  int replicas = 0;    // how many pods it has at least (setCanaryScale); 0: as many as `scale` says
  int64_t routed = 0;  // so many steps' header routes and mirrors are in force
  Time since{};        // when this part of this step was entered
  std::optional<Time> window_open;  // since when requests are counted: the weight was seen
  Duration observed{
      0};  // of this step: time covered by scrapes (analyze) or by the controller (pause)
  Duration no_verdict{0};  // how long it has held or been unknown, for the policies
  Time looked_at{};        // of the last tick
  double observed_weight =
      -1;  // percent of requests that canary pods got since the window opened; < 0: not known
  bool baseline = false;  // fresh pods of stable stand beside the canary's
  bool paused = false;    // by a person, or by a policy
  std::string paused_why;
  std::vector<Evidence> evidence;  // latest, one a metric
  std::vector<std::string>
      pods;  // every canary pod of this candidate that was seen; at most kPodsMax, newest kept
  friend bool operator==(const Trial&, const Trial&) = default;

  static constexpr size_t kPodsMax = 200;
};

// The candidate takes over. Every part before kRecording can still go back.
struct Promoting {
  enum class Part {
    kScaling,    // canary grows until it carries everything
    kShifting,   // weight 100
    kUpdating,   // stable's objects become the candidate's; healthy again
    kReturning,  // weight back to stable
    kRemoving,   // variants are removed
    kRecording,  // the release is recorded; then Stable
  };
  Candidate candidate;
  Part part = Part::kScaling;
  int weight = 0;
  Time since{};
  std::vector<std::string> pods;
  Time looked_at{};       // at the metrics; the epoch where not yet in this part
  bool baseline = false;  // of the trial: it goes once it surely has no requests
  friend bool operator==(const Promoting&, const Promoting&) = default;
};

// The candidate goes away. Less weight comes first and waits for nothing.
struct RollingBack {
  enum class Part {
    kRestoring,  // stable was already being updated: its old templates come back while the canary
                 // still serves
    kShifting,   // weight 0, until the data plane shows it
    kDraining,   // requests under way end
    kRemoving,   // variants are removed
  };
  enum class Then { kHeld, kStable };  // kStable: superseded, or git went back to what is stable
  Candidate candidate;
  Part part = Part::kShifting;
  int weight = 0;
  Time since{};
  Then then = Then::kHeld;
  std::string reason;  // "failed its canary at 2 %: error-rate 24.8 % > 10 % (n=412)"
  std::vector<Evidence> evidence;
  bool baseline = false;  // as in Promoting
  friend bool operator==(const RollingBack&, const RollingBack&) = default;
};

// The candidate failed, or was aborted, and is not tried again. Stable serves.
struct Held {
  Candidate candidate;
  std::string reason;
  std::vector<Evidence> evidence;
  Time since{};
  friend bool operator==(const Held&, const Held&) = default;
};

using Position = std::variant<Stable, Trial, Promoting, RollingBack, Held>;

std::string_view PhaseOf(
    const Position& position);  // "Stable", "Trial", "Promoting", "RollingBack", "Held"
const Candidate* CandidateOf(const Position& position);  // nullptr when Stable
bool IsMoving(const Position& position);                 // a candidate is on its way, there or back
// One line for people, who count steps from 1: "Trial of 3f2a91c: step 1, weight 2, Observing".
std::string Show(const Position& position);

// A gated content that failed; not tried again unless a person says `retry`.
struct Quarantined {
  std::string gated_hash;
  std::string revision;
  std::string reason;
  Time since{};
  friend bool operator==(const Quarantined&, const Quarantined&) = default;
};

struct RolloutStatus {
  Position position;
  std::vector<Quarantined> quarantine;  // newest last; at most kQuarantineMax
  friend bool operator==(const RolloutStatus&, const RolloutStatus&) = default;

  static constexpr size_t kQuarantineMax = 50;
};

// The Rollout's status as its CRD has it, and back. A status without a phase is Stable.
Value ToValue(const RolloutStatus& status);
Result<RolloutStatus> ParseRolloutStatus(const Value& status);

Value ToValue(const Evidence& evidence);

}  // namespace headgate::core
