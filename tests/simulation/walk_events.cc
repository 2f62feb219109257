#include <fmt/format.h>

#include "rollout/steps.h"
#include "tests/simulation/walk_world.h"

namespace headgate::rollout::walk {

std::string Show(const Event& event) {
  static const char* kKinds[] = {"wait",         "ready",        "lose",       "break",     "gone",
                                 "stable ready", "stable break", "accept",     "commit",    "ask",
                                 "job ends",     "fresh ready",  "fresh lost", "fresh gone"};
  return fmt::format("{}{}{}{}{}", kKinds[static_cast<size_t>(event.kind)],
                     event.wait.count() ? " " + core::Show(event.wait) : "",
                     event.kind == Event::Kind::kWait
                         ? fmt::format(" answer {} gate {}", static_cast<int>(event.answer),
                                       static_cast<int>(event.says))
                         : fmt::format(" {}", event.which),
                     event.verb, event.crash ? " crash" : "");
}

std::vector<Event> EventsOf(const core::RolloutSpec& spec, const State& state) {
  using Kind = Event::Kind;
  std::vector<Event> events;
  const bool moving = core::IsMoving(state.status.position);
  for (const Duration wait : {kShort, kLong}) {
    if (!moving && wait == kLong) continue;
    State later = state;
    Age(&later, wait);
    if (WantsGate(spec, later.status, kNow)) {
      for (const GateSeen::Says says :
           {GateSeen::Says::kGo, GateSeen::Says::kRefused, GateSeen::Says::kUnknown})
        events.push_back({Kind::kWait, wait, Answer::kPass, 0, "", false, says});
    }
    if (WantsMetrics(spec, later.status, kNow)) {
      for (const Answer answer : {Answer::kPass, Answer::kFail, Answer::kHold, Answer::kUnknown})
        events.push_back({Kind::kWait, wait, answer});
    } else {
      events.push_back({Kind::kWait, wait});
    }
  }
  events.push_back({Kind::kWait, kShort, Answer::kPass, 0, "", true});
  for (int i = 0; i < static_cast<int>(kWorkloads); ++i) {
    const Track& canary = state.canaries[i];
    const Track& stable = state.stables[i];
    if (canary.wanted > 0 && canary.leaving) events.push_back({Kind::kGone, {}, {}, i});
    if (canary.wanted > canary.ready && !canary.leaving)
      events.push_back({Kind::kReady, {}, {}, i});
    if (canary.ready > 0) events.push_back({Kind::kLose, {}, {}, i});
    if (canary.wanted > canary.ready && !canary.broken) events.push_back({Kind::kBreak, {}, {}, i});
    const Track& fresh = state.baselines[i];
    if (fresh.wanted > 0 && fresh.leaving) events.push_back({Kind::kFreshGone, {}, {}, i});
    if (fresh.wanted > fresh.ready && !fresh.leaving)
      events.push_back({Kind::kFreshReady, {}, {}, i});
    if (fresh.ready > 0) events.push_back({Kind::kFreshLost, {}, {}, i});
    if (stable.ready < stable.wanted) {
      events.push_back({Kind::kStableReady, {}, {}, i});
      if (!stable.broken) events.push_back({Kind::kStableBreak, {}, {}, i});
    }
  }
  if (!state.accepted) events.push_back({Kind::kAccept});
  for (int end = 0; state.job == JobSeen::State::kRunning && end < 3; ++end)
    events.push_back({Kind::kJobEnds, {}, {}, end});
  for (int content = 0; content < 3; ++content) {
    if (content != state.git) events.push_back({Kind::kCommit, {}, {}, content});
  }
  if (state.request.empty()) {
    for (const char* verb : {"promote", "abort", "pause", "resume", "skip-step", "retry"}) {
      const bool retry = std::string_view(verb) == "retry";
      const bool sense = retry ? !moving && !state.status.quarantine.empty() : moving;
      if (sense) events.push_back({Kind::kAsk, {}, {}, 0, verb});
    }
  }
  return events;
}

void Happen(const Event& event, State* state) {
  const bool workload = event.kind != Event::Kind::kCommit && event.kind != Event::Kind::kJobEnds;
  Track& canary = state->canaries[workload ? event.which : 0];
  Track& stable = state->stables[workload ? event.which : 0];
  Track& fresh = state->baselines[workload ? event.which : 0];
  switch (event.kind) {
    case Event::Kind::kFreshReady:
      fresh.ready = fresh.wanted;
      return;
    case Event::Kind::kFreshLost:
      fresh.ready = 0;
      return;
    case Event::Kind::kFreshGone:
      fresh = {};
      return;
    case Event::Kind::kWait:
      return Age(state, event.wait);
    case Event::Kind::kReady:
      canary.ready = canary.wanted;
      canary.broken = false;
      return;
    case Event::Kind::kLose:
      canary.ready = 0;
      return;
    case Event::Kind::kBreak:
      canary.broken = true;
      return;
    case Event::Kind::kGone:
      canary = {};
      return;
    case Event::Kind::kStableReady:
      stable.ready = stable.wanted;
      stable.broken = false;
      return;
    case Event::Kind::kStableBreak:
      stable.broken = true;
      return;
    case Event::Kind::kAccept:
      state->accepted = true;
      state->accepted_for = Duration(0);
      return;
    case Event::Kind::kCommit:
      state->git = static_cast<int8_t>(event.which);
      return;
    case Event::Kind::kAsk:
      state->request = event.verb;
      return;
    case Event::Kind::kJobEnds:
      state->job = event.which == 0   ? JobSeen::State::kAbsent
                   : event.which == 1 ? JobSeen::State::kSucceeded
                                      : JobSeen::State::kFailed;
      return;
  }
}

}  // namespace headgate::rollout::walk
