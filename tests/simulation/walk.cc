#include "tests/simulation/walk.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <unordered_set>
#include <utility>

#include "rollout/job.h"
#include "tests/simulation/walk_promises.h"
#include "tests/simulation/walk_world.h"

namespace headgate::rollout::walk {
namespace {

class Walker {
 public:
  Walker(const core::RolloutSpec& spec, int64_t states_max) : spec_(spec), max_(states_max) {}

  Result Go() {
    State first;
    for (Track& track : first.stables) track = {0, kReplicas, kReplicas, false, false};
    first.git = 1;
    Age(&first, Duration(0));
    Meet(std::move(first));
    while (!queue_.empty() && result_.broken.empty() && result_.states < max_) {
      const State state = std::move(queue_.front());
      queue_.pop_front();
      if (!Ends(state)) break;
      for (const Event& event : EventsOf(spec_, state)) {
        State next = state;
        if (!Step(event, &next)) {
          result_.broken += fmt::format("; by {} in {}", Show(event), ShowState(state));
          break;
        }
        Meet(std::move(next));
      }
    }
    return result_;
  }

 private:
  void Meet(State&& state) {
    if (!seen_.insert(HashOf(state)).second) return;
    ++result_.states;
    queue_.push_back(std::move(state));
  }

  // What happens, and one look. False where a promise is broken.
  bool Step(const Event& event, State* state) {
    Happen(event, state);
    ++result_.transitions;
    const Observation seen = ObservationOf(spec_, *state, event);
    Decision decision = Decide(spec_, state->status, seen);
    if (result_.transitions % 16 == 0 &&
        !(Decide(spec_, state->status, seen).next == decision.next))
      result_.broken = "the same input gives another decision";
    const Answer answer = seen.metrics ? event.answer : Answer::kNobodyAsked;
    if (result_.broken.empty()) result_.broken = BrokenBy(spec_, *state, decision, seen, answer);
    if (!result_.broken.empty()) {
      result_.broken += " -> " + rollout::Show(decision);
      return false;
    }
    if (decision.answer) state->request.clear();
    if (core::CandidateOf(state->status.position) == nullptr) state->request.clear();
    const core::Position before = std::exchange(state->status, std::move(decision.next)).position;
    // Another run of a job has another name.
    if (!SameRun(*state, before)) state->job = JobSeen::State::kAbsent;
    if (!event.crash) Act(spec_, state);
    const bool gone = std::any_of(std::begin(state->baselines), std::end(state->baselines),
                                  [](const Track& t) { return t.wanted == 0 || t.leaving; });
    if (RoutesToBaseline(*state) && gone) {
      result_.broken = "a baseline is removed while it gets requests";
      return false;
    }
    Age(state, Duration(0));
    return true;
  }

  bool SameRun(const State& after, const core::Position& before) const {
    const auto* was = std::get_if<core::Trial>(&before);
    const auto* is = std::get_if<core::Trial>(&after.status.position);
    return was && is && JobAt(spec_, *is) && was->part == is->part && was->step == is->step &&
           was->candidate.gated_hash == is->candidate.gated_hash;
  }

  // The next thing that happens where nothing goes wrong and people do what is waited for.
  static Event Helpful(const State& state) {
    using Kind = Event::Kind;
    for (int i = 0; i < static_cast<int>(kWorkloads); ++i) {
      const Track& canary = state.canaries[i];
      const Track& stable = state.stables[i];
      if (canary.wanted > 0 && canary.leaving) return {Kind::kGone, {}, {}, i};
      if (canary.wanted > canary.ready && !canary.leaving) return {Kind::kReady, {}, {}, i};
      if (stable.ready < stable.wanted) return {Kind::kStableReady, {}, {}, i};
      const Track& fresh = state.baselines[i];
      if (fresh.wanted > 0 && fresh.leaving) return {Kind::kFreshGone, {}, {}, i};
      if (fresh.wanted > fresh.ready && !fresh.leaving) return {Kind::kFreshReady, {}, {}, i};
    }
    if (!state.accepted) return {Kind::kAccept};
    if (state.job == JobSeen::State::kRunning) return {Kind::kJobEnds, {}, {}, 1};
    const auto* trial = std::get_if<core::Trial>(&state.status.position);
    if (trial && trial->paused && state.request.empty()) return {Kind::kAsk, {}, {}, 0, "resume"};
    return {Kind::kWait, kShort};
  }

  bool Settled(const State& state) const {
    const core::Position& position = state.status.position;
    if (std::holds_alternative<core::Stable>(position)) return state.git == state.stable;
    const auto* held = std::get_if<core::Held>(&position);
    return held && held->candidate.gated_hash == kHashes[state.git];
  }

  bool Ends(State state) {
    std::vector<uint64_t> way;
    const std::string from = ShowState(state);
    for (int i = 0; i < kEndsWithin; ++i) {
      const uint64_t hash = HashOf(state);
      if (ends_.contains(hash) || Settled(state)) {
        ends_.insert(way.begin(), way.end());
        ends_.insert(hash);
        return true;
      }
      way.push_back(hash);
      Event event = Helpful(state);
      // A step that waits for people gets what it waits for; long waits pass what has to be long.
      if (event.kind == Event::Kind::kWait && i % 3 == 2) event.wait = kLong;
      if (event.kind == Event::Kind::kWait && i % 7 == 6 && state.request.empty() &&
          std::holds_alternative<core::Trial>(state.status.position))
        event = {Event::Kind::kAsk, {}, {}, 0, "promote"};
      if (!Step(event, &state)) return false;
    }
    result_.broken = "it does not end without faults, from " + from + " to " + ShowState(state);
    return false;
  }

  const core::RolloutSpec& spec_;
  const int64_t max_;
  Result result_;
  std::deque<State> queue_;
  std::unordered_set<uint64_t> seen_, ends_;
};

core::Step AGate() {
  core::Gate gate;
  gate.name = "freeze";
  gate.deadline = 2 * kInterval;
  return gate;
}

core::Step AJob() { return core::Job{"smoke", core::Value()}; }

core::RolloutSpec SpecOf(std::vector<core::Step> steps) {
  core::RolloutSpec spec;
  spec.name = "shop";
  spec.workloads = {{"Deployment", "web"}, {"Deployment", "cart"}};
  spec.traffic.route = "web";
  spec.steps = std::move(steps);
  spec.analysis.interval = kInterval;
  spec.analysis.metrics = {{"error-rate", "bad_total", "all_total", 0.1, 0}};
  spec.analysis.min_requests = 10;
  spec.analysis.on_hold = {kInterval, core::Policy::Action::kPause};
  spec.analysis.on_unknown = {kInterval, core::Policy::Action::kRollback};
  return spec;
}

}  // namespace

Result Walk(const core::RolloutSpec& spec, int64_t states_max) {
  return Walker(spec, states_max).Go();
}

std::vector<core::RolloutSpec> Specs(int steps) {
  std::vector<std::vector<core::Step>> all{{}};
  std::vector<core::RolloutSpec> specs;
  const core::SetHeaderRoute header{"beta", {{"X-Beta", core::HeaderMatch::How::kExact, "yes"}}};
  for (int length = 1; length <= steps; ++length) {
    std::vector<std::vector<core::Step>> longer;
    for (const std::vector<core::Step>& begun : all) {
      int weight = 0;
      bool routed = false;
      bool baseline = false;
      for (const core::Step& step : begun) {
        if (const auto* set = std::get_if<core::SetWeight>(&step)) weight = set->percent;
        if (const auto* set = std::get_if<core::SetBaseline>(&step)) baseline = set->enabled;
        routed = routed || std::holds_alternative<core::SetHeaderRoute>(step);
      }
      const auto with = [&](core::Step step) {
        longer.push_back(begun);
        longer.back().push_back(std::move(step));
        specs.push_back(SpecOf(longer.back()));
      };
      if (weight < (baseline ? 10 : 100))
        with(core::SetWeight{weight == 0 ? 10 : weight == 10 ? 60 : 100});
      if (weight > 0 || routed) with(core::Analyze{kInterval});
      if (!routed) with(header);
      with(core::Pause{kInterval, {}});
      with(core::Approve{});
      with(AGate());
      with(AJob());
      if (weight < 60) with(core::SetBaseline{!baseline});
    }
    all = std::move(longer);
  }
  return specs;
}

}  // namespace headgate::rollout::walk
