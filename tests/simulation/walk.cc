#include "tests/simulation/walk.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "rollout/compose.h"
#include "rollout/decide.h"
#include "rollout/seeing.h"
#include "rollout/shape.h"
#include "rollout/steps.h"

namespace headgate::rollout::walk {
namespace {

using core::Duration;
using std::chrono::seconds;

constexpr int kReplicas = 2;
constexpr size_t kWorkloads = 2;
constexpr core::Time kNow = core::HandClock::kStart + std::chrono::hours(100);
constexpr Duration kShort = seconds(6);     // past a drain and a settling, short of any deadline
constexpr Duration kLong = seconds(301);    // past a grace, a policy, an interval; twice: past all
constexpr Duration kAgeMax = seconds(700);  // older is as old
constexpr Duration kInterval = seconds(300);
constexpr int kEndsWithin = 400;  // decisions without a fault
constexpr const char* kHashes[] = {"5table0", "aaaaaaa", "bbbbbbb"};

core::Candidate CandidateNamed(int content) {
  const char* hash = kHashes[content];
  return {hash, hash, hash};
}

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
  int8_t weight = 0;  // of the live route
  std::string extras;
  bool accepted = true;
  Duration accepted_for = kAgeMax;
  std::string request;  // a verb that waits for its answer
};

enum class Answer { kNobodyAsked, kPass, kFail, kHold, kUnknown };

// ---- one thing for all that Decide cannot tell apart

Duration Capped(Duration age) { return std::clamp(age, Duration(0), kAgeMax); }
core::Time Aged(core::Time at, Duration by) { return kNow - Capped(kNow - at + by); }

void Age(State* state, Duration by) {
  state->accepted_for = Capped(state->accepted_for + by);
  for (core::Quarantined& entry : state->status.quarantine) entry.since = kNow;
  std::visit(
      [&](auto& at) {
        if constexpr (requires { at.since; }) at.since = Aged(at.since, by);
        if constexpr (requires { at.looked_at; }) at.looked_at = Aged(at.looked_at, by);
        if constexpr (requires { at.window_open; }) {
          if (at.window_open) at.window_open = Aged(*at.window_open, by);
          at.observed = Capped(at.observed);
          at.no_verdict = Capped(at.no_verdict);
          at.observed_weight = at.observed_weight < 0 ? -1 : 0;
        }
        if constexpr (requires { at.pods; }) std::sort(at.pods.begin(), at.pods.end());
        if constexpr (requires { at.evidence; }) {
          // Texts and numbers decide nothing; verdicts do.
          for (core::Evidence& e : at.evidence) e = {e.metric, e.verdict};
        }
        if constexpr (requires { at.reason; }) at.reason = "reason";
        if constexpr (requires { at.paused_why; }) at.paused_why.clear();
      },
      state->status.position);
  for (core::Quarantined& entry : state->status.quarantine) entry.reason = "reason";
  std::sort(state->status.quarantine.begin(), state->status.quarantine.end(),
            [](const auto& a, const auto& b) { return a.gated_hash < b.gated_hash; });
}

class Hasher {
 public:
  void Add(uint64_t value) {
    hash_ ^= value + 0x9E3779B97F4A7C15 + (hash_ << 6) + (hash_ >> 2);
    hash_ *= 0xBF58476D1CE4E5B9;
    hash_ ^= hash_ >> 29;
  }
  void Add(const std::string& text) { Add(std::hash<std::string>()(text)); }
  void Add(Duration duration) { Add(static_cast<uint64_t>(duration.count())); }
  void Add(core::Time time) { Add(kNow - time); }
  uint64_t hash() const { return hash_; }

 private:
  uint64_t hash_ = 0x2545F4914F6CDD1D;
};

uint64_t HashOf(const State& state) {
  Hasher hasher;
  hasher.Add(state.status.position.index());
  std::visit(
      [&](const auto& at) {
        if constexpr (requires { at.candidate; }) hasher.Add(at.candidate.gated_hash);
        if constexpr (requires { at.part; }) hasher.Add(static_cast<uint64_t>(at.part));
        if constexpr (requires { at.weight; }) hasher.Add(static_cast<uint64_t>(at.weight));
        if constexpr (requires { at.since; }) hasher.Add(at.since);
        if constexpr (requires { at.then; }) hasher.Add(static_cast<uint64_t>(at.then));
        if constexpr (requires { at.looked_at; }) hasher.Add(at.looked_at);
        if constexpr (requires { at.window_open; }) {
          hasher.Add(static_cast<uint64_t>(at.step));
          hasher.Add(static_cast<uint64_t>(at.scale));
          hasher.Add(static_cast<uint64_t>(at.routed));
          hasher.Add(at.window_open ? kNow - *at.window_open : Duration(-1));
          hasher.Add(at.observed);
          hasher.Add(at.no_verdict);
          hasher.Add(static_cast<uint64_t>(at.paused));
          for (const core::Evidence& e : at.evidence) hasher.Add(static_cast<uint64_t>(e.verdict));
        }
        if constexpr (requires { at.pods; }) {
          for (const std::string& pod : at.pods) hasher.Add(pod);
        }
      },
      state.status.position);
  for (const core::Quarantined& entry : state.status.quarantine) hasher.Add(entry.gated_hash);
  for (const auto* tracks : {&state.stables, &state.canaries}) {
    for (const Track& track : *tracks) {
      hasher.Add(static_cast<uint64_t>(track.content * 1000 + track.wanted * 100 +
                                       track.ready * 10 + track.broken * 2 + track.leaving));
    }
  }
  hasher.Add(static_cast<uint64_t>(state.git * 100 + state.stable * 10 + state.accepted));
  hasher.Add(static_cast<uint64_t>(state.weight));
  hasher.Add(state.extras);
  hasher.Add(state.accepted_for);
  hasher.Add(state.request);
  return hasher.hash();
}

// ---- what is seen

WorkloadSeen See(const Track& track, size_t workload, bool canary) {
  WorkloadSeen seen;
  seen.ref = {"Deployment", workload == 0 ? "web" : "cart"};
  seen.exists = track.wanted > 0;
  if (!seen.exists) return seen;
  seen.gated_hash = kHashes[track.content];
  seen.replicas = track.wanted;
  seen.ready = seen.serving.ready = track.ready;
  seen.healthy = track.ready == track.wanted;
  for (int i = 0; i < track.wanted; ++i) {
    PodSeen pod;
    pod.name =
        fmt::format("{}{}{}-{}", workload, canary ? "c" : "s", static_cast<int>(track.content), i);
    if (canary) pod.candidate = CandidateLabelValue(kHashes[track.content]);
    pod.ready = i < track.ready;
    pod.started = kNow;
    if (track.broken && !pod.ready) pod.broken = "CrashLoopBackOff";
    seen.pods.push_back(std::move(pod));
  }
  return seen;
}

std::vector<analysis::Series> SeriesOf(const State& state, const char* code, double share) {
  std::vector<analysis::Series> all;
  const std::optional<core::Trial> trial = WatchedTrial(state.status);
  if (!trial) return all;
  for (const auto* tracks : {&state.stables, &state.canaries}) {
    for (size_t i = 0; i < kWorkloads; ++i) {
      const bool canary = tracks == &state.canaries;
      for (const PodSeen& pod : See((*tracks)[i], i, canary).pods) {
        const double bad = canary ? 1000 * share : 0;
        const double more = std::string_view(code) == "500" ? bad : 1000 - bad;
        all.push_back({{{"pod", pod.name}, {"code", code}}, {}});
        const core::Time open = *trial->window_open;
        for (core::Time at = open; at < kNow; at += seconds(60))
          all.back().samples.push_back(
              {at, more * static_cast<double>((at - open).count()) / 60000});
        all.back().samples.push_back(
            {kNow, more * static_cast<double>((kNow - open).count()) / 60000 + more});
      }
    }
  }
  return all;
}

std::vector<analysis::MetricAnswers> AnswersOf(const State& state, Answer answer) {
  analysis::MetricAnswers answers;
  answers.metric = "error-rate";
  if (answer == Answer::kUnknown) {
    answers.bad = core::Unavailable("away");
    answers.total = answers.bad;
  } else if (answer == Answer::kPass || answer == Answer::kFail) {
    const double share = answer == Answer::kFail ? 0.5 : 0;
    *answers.total = SeriesOf(state, "200", share);
    if (share > 0) {
      *answers.bad = SeriesOf(state, "500", share);
      for (const analysis::Series& series : *answers.bad) answers.total->push_back(series);
    }
  }
  return {answers};
}

Observation ObservationOf(const core::RolloutSpec& spec, const State& state, Answer answer) {
  Observation seen;
  seen.now = kNow;
  seen.watching_since = kNow - std::chrono::hours(50);
  seen.wanted = CandidateNamed(state.git);
  seen.stable_gated_hash = kHashes[state.stable];
  seen.stable_revision = kHashes[state.stable];
  for (size_t i = 0; i < kWorkloads; ++i) {
    seen.stable.push_back(See(state.stables[i], i, false));
    seen.canary.push_back(See(state.canaries[i], i, true));
  }
  seen.route.exists = true;
  seen.route.weight = state.weight;
  seen.route.extras = state.extras;
  seen.route.accepted = state.accepted;
  if (state.accepted) seen.route.accepted_since = kNow - state.accepted_for;
  if (WantsMetrics(spec, state.status, kNow)) seen.metrics = AnswersOf(state, answer);
  if (!state.request.empty()) {
    const core::Candidate* candidate = core::CandidateOf(state.status.position);
    seen.request = core::Request{"1", state.request,
                                 candidate ? candidate->revision : kHashes[state.git], "", "alice"};
  }
  return seen;
}

// ---- what is done

bool AllReady(const Track (&tracks)[kWorkloads]) {
  return std::all_of(std::begin(tracks), std::end(tracks),
                     [](const Track& t) { return t.wanted > 0 && t.ready == t.wanted; });
}

void BringVariants(State* state, const Shape& shape, int content) {
  for (Track& track : state->canaries) {
    if (!shape.variants) {
      if (track.wanted > 0) track.leaving = true;
      continue;
    }
    if (track.wanted == 0 || track.content != content)
      track = {static_cast<int8_t>(content), 1, 0, false, false};
    track.leaving = false;
    if (shape.scale != kScaleAsLive)
      track.wanted = static_cast<int8_t>(CanaryReplicas(kReplicas, shape.scale));
    track.ready = std::min(track.ready, track.wanted);
  }
}

void BringStable(State* state, const Shape& shape, int content) {
  const bool updated = shape.base == Shape::Base::kUpdate || shape.base == Shape::Base::kCandidate;
  const auto wanted = static_cast<int8_t>(updated ? content : state->stable);
  for (Track& track : state->stables) {
    if (track.content != wanted) track = {wanted, kReplicas, 0, false, false};
  }
}

int ContentOf(const core::RolloutStatus& status) {
  const core::Candidate* candidate = core::CandidateOf(status.position);
  return !candidate ? 0 : candidate->gated_hash == kHashes[1] ? 1 : 2;
}

// As Compose and the deployer do it: stages in the order of the shape, a stage that waits is the
// last.
void Act(const core::RolloutSpec& spec, State* state) {
  const Shape shape = ShapeOf(state->status.position);
  const int content = ContentOf(state->status);
  const auto* promoting = std::get_if<core::Promoting>(&state->status.position);
  if (promoting && promoting->part == core::Promoting::Part::kRecording)
    state->stable = static_cast<int8_t>(content);
  const auto traffic = [&] {
    const std::string extras = routers::Show(ExtrasOf(spec, shape.routed));
    if (state->weight == shape.weight && state->extras == extras) return;
    state->weight = static_cast<int8_t>(shape.weight);
    state->extras = extras;
    state->accepted = false;
    state->accepted_for = Duration(0);
  };
  switch (shape.order) {
    case Shape::Order::kTrafficFirst:
      traffic();
      BringStable(state, shape, content);
      return BringVariants(state, shape, content);
    case Shape::Order::kTrafficLast:
      BringStable(state, shape, content);
      BringVariants(state, shape, content);
      if (AllReady(state->canaries)) traffic();
      return;
    case Shape::Order::kRestLast:
      BringVariants(state, shape, content);
      if (!AllReady(state->canaries) && shape.weight > 0) return;
      traffic();
      return BringStable(state, shape, content);
  }
}

// ---- the walk

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
    kAsk
  };
  Kind kind = Kind::kWait;
  Duration wait{0};
  Answer answer = Answer::kPass;
  int which = 0;  // of a workload, or a content
  const char* verb = "";
  bool crash = false;
};

std::string Show(const Event& event) {
  static const char* kKinds[] = {"wait",         "ready",        "lose",   "break",  "gone",
                                 "stable ready", "stable break", "accept", "commit", "ask"};
  return fmt::format("{}{}{}{}{}", kKinds[static_cast<size_t>(event.kind)],
                     event.wait.count() ? " " + core::Show(event.wait) : "",
                     event.kind == Event::Kind::kWait
                         ? fmt::format(" answer {}", static_cast<int>(event.answer))
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
    if (stable.ready < stable.wanted) {
      events.push_back({Kind::kStableReady, {}, {}, i});
      if (!stable.broken) events.push_back({Kind::kStableBreak, {}, {}, i});
    }
  }
  if (!state.accepted) events.push_back({Kind::kAccept});
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
  Track& canary = state->canaries[event.kind == Event::Kind::kCommit ? 0 : event.which];
  Track& stable = state->stables[event.kind == Event::Kind::kCommit ? 0 : event.which];
  switch (event.kind) {
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
  }
}

// ---- promises

bool ReadyFor(const State& state, int weight) {
  return std::all_of(std::begin(state.canaries), std::end(state.canaries), [&](const Track& t) {
    return t.ready >= CanaryReplicas(kReplicas, weight) &&
           kHashes[t.content] == kHashes[ContentOf(state.status)];
  });
}

bool PassedAnalysis(const core::RolloutSpec& spec, const core::RolloutStatus& before,
                    const core::RolloutStatus& after) {
  const auto* was = std::get_if<core::Trial>(&before.position);
  if (!was) return false;
  const auto* is = std::get_if<core::Trial>(&after.position);
  const bool promoting = std::holds_alternative<core::Promoting>(after.position);
  const bool passed = promoting || (is && is->step > was->step &&
                                    is->candidate.gated_hash == was->candidate.gated_hash);
  return passed &&
         std::holds_alternative<core::Analyze>(spec.steps[static_cast<size_t>(was->step)]);
}

// "" where `decision`, made in `state`, keeps every promise.
std::string BrokenBy(const core::RolloutSpec& spec, const State& state, const Decision& decision,
                     Answer answer) {
  const core::Position& was = state.status.position;
  const core::Position& is = decision.next.position;
  const Shape before = ShapeOf(was);
  const Shape after = ShapeOf(is);
  if (after.weight < 0 || after.weight > 100) return "a weight that is none";
  if (std::holds_alternative<core::Trial>(was) && std::holds_alternative<core::RollingBack>(is) &&
      after.weight > 0)
    return "a trial that failed keeps its weight";
  if (std::holds_alternative<core::RollingBack>(is) && after.weight > before.weight)
    return "a way back gives weight";
  for (const core::Quarantined& entry : decision.next.quarantine) {
    const core::Candidate* candidate = core::CandidateOf(is);
    if (candidate && candidate->gated_hash == entry.gated_hash && after.weight > 0)
      return "a quarantined candidate has weight";
  }
  if (after.weight > before.weight) {
    State next = state;
    next.status = decision.next;
    if (!ReadyFor(next, after.weight)) return "weight on pods that are not ready";
  }
  const auto* promoting = std::get_if<core::Promoting>(&is);
  if (promoting && promoting->part == core::Promoting::Part::kReturning && before.weight == 100 &&
      after.weight == 0 && !AllReady(state.stables))
    return "everything goes back to stable pods that are not ready";
  const bool asked = decision.answer && decision.answer->accepted;
  if (PassedAnalysis(spec, state.status, decision.next) && !asked && answer != Answer::kPass)
    return "an analysis is passed without a verdict of pass";
  return "";
}

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
    const Observation seen = ObservationOf(spec_, *state, event.answer);
    Decision decision = Decide(spec_, state->status, seen);
    if (result_.transitions % 16 == 0 &&
        !(Decide(spec_, state->status, seen).next == decision.next))
      result_.broken = "the same input gives another decision";
    const Answer answer = seen.metrics ? event.answer : Answer::kNobodyAsked;
    if (result_.broken.empty()) result_.broken = BrokenBy(spec_, *state, decision, answer);
    if (!result_.broken.empty()) {
      result_.broken += " -> " + rollout::Show(decision);
      return false;
    }
    if (decision.answer) state->request.clear();
    if (core::CandidateOf(state->status.position) == nullptr) state->request.clear();
    state->status = std::move(decision.next);
    if (!event.crash) Act(spec_, state);
    Age(state, Duration(0));
    return true;
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
    }
    if (!state.accepted) return {Kind::kAccept};
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

  static std::string ShowState(const State& state) {
    std::string text = fmt::format("[{}; git {}, stable {}, route {} {}{}",
                                   core::Show(state.status.position), static_cast<int>(state.git),
                                   static_cast<int>(state.stable), static_cast<int>(state.weight),
                                   state.extras, state.accepted ? "" : " not accepted");
    for (const auto* tracks : {&state.stables, &state.canaries}) {
      for (const Track& t : *tracks)
        text += fmt::format(", {}:{}/{}{}{}", static_cast<int>(t.content),
                            static_cast<int>(t.ready), static_cast<int>(t.wanted),
                            t.broken ? " broken" : "", t.leaving ? " leaving" : "");
    }
    return text + (state.request.empty() ? "]" : ", asked " + state.request + "]");
  }

  const core::RolloutSpec& spec_;
  const int64_t max_;
  Result result_;
  std::deque<State> queue_;
  std::unordered_set<uint64_t> seen_, ends_;
};

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
      for (const core::Step& step : begun) {
        if (const auto* set = std::get_if<core::SetWeight>(&step)) weight = set->percent;
        routed = routed || std::holds_alternative<core::SetHeaderRoute>(step);
      }
      const auto with = [&](core::Step step) {
        longer.push_back(begun);
        longer.back().push_back(std::move(step));
        specs.push_back(SpecOf(longer.back()));
      };
      if (weight < 100) with(core::SetWeight{weight == 0 ? 10 : weight == 10 ? 60 : 100});
      if (weight > 0 || routed) with(core::Analyze{kInterval});
      if (!routed) with(header);
      with(core::Pause{kInterval, {}});
      with(core::Approve{});
    }
    all = std::move(longer);
  }
  return specs;
}

}  // namespace headgate::rollout::walk
