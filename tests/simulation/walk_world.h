#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/position.h"
#include "rollout/decide.h"
#include "rollout/observation.h"

namespace headgate::rollout::walk {

// The small world that is walked: what stands in it, what can happen to it, what is seen of it.

using core::Duration;
using std::chrono::seconds;

inline constexpr int kReplicas = 2;
inline constexpr size_t kWorkloads = 2;
inline constexpr core::Time kNow = core::HandClock::kStart + std::chrono::hours(100);
inline constexpr Duration kShort =
    seconds(6);  // past a drain and a settling, short of any deadline
inline constexpr Duration kLong =
    seconds(301);  // past a grace, a policy, an interval; twice: past all
inline constexpr Duration kAgeMax = seconds(700);  // older is as old
inline constexpr Duration kInterval = seconds(300);
inline constexpr int kEndsWithin = 400;  // decisions without a fault
inline constexpr const char* kHashes[] = {"5table0", "aaaaaaa", "bbbbbbb"};

// One workload's pods of one track.
struct Track {
  int8_t content = 0;  // which of kHashes its pods run
  int8_t wanted = 0;   // 0: it does not exist
  int8_t ready = 0;
  bool broken = false;
  bool leaving = false;
};

struct State {
  core::RolloutStatus status;
  int8_t git = 0;     // which content git asks for
  int8_t stable = 0;  // which is released
  Track stables[kWorkloads];
  Track canaries[kWorkloads];
  Track baselines[kWorkloads];
  int8_t weight = 0;  // of the live route
  std::string extras;
  bool accepted = true;
  Duration accepted_for = kAgeMax;
  std::string request;                           // a verb that waits for its answer
  JobSeen::State job = JobSeen::State::kAbsent;  // of the present step's run
};

enum class Answer { kNobodyAsked, kPass, kFail, kHold, kUnknown };

struct Event {
  enum class Kind {
    kWait,
    kReady,
    kLose,
    kBreak,
    kGone,
    kStableReady,
    kStableBreak,
    kAccept,
    kCommit,
    kAsk,
    kJobEnds,
    kFreshReady,
    kFreshLost,
    kFreshGone
  };
  Kind kind = Kind::kWait;
  Duration wait{0};
  Answer answer = Answer::kPass;
  int which = 0;  // of a workload, or a content; of a job: 0 it vanishes, 1 succeeds, 2 fails
  const char* verb = "";
  bool crash = false;
  GateSeen::Says says = GateSeen::Says::kGo;
};

std::string Show(const Event& event);

// Time passes; then what Decide cannot tell apart is made one.
void Age(State* state, Duration by);
uint64_t HashOf(const State& state);
std::string ShowState(const State& state);

// What may happen in a state.
std::vector<Event> EventsOf(const core::RolloutSpec& spec, const State& state);
void Happen(const Event& event, State* state);

// What Decide sees after `event`.
Observation ObservationOf(const core::RolloutSpec& spec, const State& state, const Event& event);

// As Compose and the deployer do it: stages in the order of the shape, a stage that waits is the
// last.
void Act(const core::RolloutSpec& spec, State* state);

// Whether the live route gives requests to the baseline.
bool RoutesToBaseline(const State& state);

bool AllReady(const Track (&tracks)[kWorkloads]);
int ContentOf(const core::RolloutStatus& status);  // which of kHashes is on trial

}  // namespace headgate::rollout::walk
