#include "tests/simulation/walk_world.h"

#include <fmt/format.h>

#include <algorithm>

#include "rollout/compose.h"
#include "rollout/job.h"
#include "rollout/seeing.h"
#include "rollout/shape.h"
#include "rollout/steps.h"

namespace headgate::rollout::walk {
namespace {

core::Candidate CandidateNamed(int content) {
  const char* hash = kHashes[content];
  return {hash, hash, hash};
}

// ---- one thing for all that Decide cannot tell apart

Duration Capped(Duration age) { return std::clamp(age, Duration(0), kAgeMax); }
core::Time Aged(core::Time at, Duration by) { return kNow - Capped(kNow - at + by); }

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

// ---- what is seen

WorkloadSeen See(const Track& track, size_t workload, char which) {
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
    pod.name = fmt::format("{}{}{}-{}", workload, which, static_cast<int>(track.content), i);
    if (which == 'c') pod.candidate = CandidateLabelValue(kHashes[track.content]);
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
  for (const auto* tracks : {&state.stables, &state.canaries, &state.baselines}) {
    for (size_t i = 0; i < kWorkloads; ++i) {
      const char track = tracks == &state.stables ? 's' : tracks == &state.canaries ? 'c' : 'b';
      const bool canary = track == 'c';
      for (const PodSeen& pod : See((*tracks)[i], i, track).pods) {
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

// ---- what is done

void BringBaselines(State* state, const Shape& shape) {
  for (Track& track : state->baselines) {
    if (!shape.baseline) {
      if (track.wanted > 0) track.leaving = true;
      continue;
    }
    if (track.wanted == 0) track = {state->stable, 1, 0, false, false};
    track.leaving = false;
    if (shape.scale != kScaleAsLive)
      track.wanted = static_cast<int8_t>(CanaryReplicas(kReplicas, shape.scale));
    track.ready = std::min(track.ready, track.wanted);
  }
}

void BringVariants(State* state, const Shape& shape, int content) {
  BringBaselines(state, shape);
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

}  // namespace

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
        if constexpr (requires { at.baseline; }) hasher.Add(static_cast<uint64_t>(at.baseline));
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
  for (const auto* tracks : {&state.stables, &state.canaries, &state.baselines}) {
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
  hasher.Add(static_cast<uint64_t>(state.job));
  return hasher.hash();
}

Observation ObservationOf(const core::RolloutSpec& spec, const State& state, const Event& event) {
  Observation seen;
  seen.now = kNow;
  seen.watching_since = kNow - std::chrono::hours(50);
  seen.wanted = CandidateNamed(state.git);
  seen.stable_gated_hash = kHashes[state.stable];
  seen.stable_revision = kHashes[state.stable];
  for (size_t i = 0; i < kWorkloads; ++i) {
    seen.stable.push_back(See(state.stables[i], i, 's'));
    seen.canary.push_back(See(state.canaries[i], i, 'c'));
    seen.baseline.push_back(See(state.baselines[i], i, 'b'));
  }
  seen.route.exists = true;
  seen.route.weight = state.weight;
  seen.route.extras = state.extras;
  seen.route.accepted = state.accepted;
  if (state.accepted) seen.route.accepted_since = kNow - state.accepted_for;
  if (WantsMetrics(spec, state.status, kNow)) seen.metrics = AnswersOf(state, event.answer);
  if (WantsGate(spec, state.status, kNow)) seen.gate = GateSeen{event.says, ""};
  if (JobAt(spec, state.status.position)) seen.job = JobSeen{state.job, ""};
  if (!state.request.empty()) {
    const core::Candidate* candidate = core::CandidateOf(state.status.position);
    seen.request = core::Request{"1", state.request,
                                 candidate ? candidate->revision : kHashes[state.git], "", "alice"};
  }
  return seen;
}

bool AllReady(const Track (&tracks)[kWorkloads]) {
  return std::all_of(std::begin(tracks), std::end(tracks),
                     [](const Track& t) { return t.wanted > 0 && t.ready == t.wanted; });
}

int ContentOf(const core::RolloutStatus& status) {
  const core::Candidate* candidate = core::CandidateOf(status.position);
  return !candidate ? 0 : candidate->gated_hash == kHashes[1] ? 1 : 2;
}

void Act(const core::RolloutSpec& spec, State* state) {
  if (JobAt(spec, state->status.position) && state->job == JobSeen::State::kAbsent)
    state->job = JobSeen::State::kRunning;
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
      if (AllReady(state->canaries) && (!shape.baseline || AllReady(state->baselines))) traffic();
      return;
    case Shape::Order::kRestLast:
      BringVariants(state, shape, content);
      if (!AllReady(state->canaries) && shape.weight > 0) return;
      traffic();
      return BringStable(state, shape, content);
  }
}

bool RoutesToBaseline(const State& state) {
  return state.extras.find("baseline") != std::string::npos;
}

std::string ShowState(const State& state) {
  std::string text = fmt::format("[{}; git {}, stable {}, route {} {}{}",
                                 core::Show(state.status.position), static_cast<int>(state.git),
                                 static_cast<int>(state.stable), static_cast<int>(state.weight),
                                 state.extras, state.accepted ? "" : " not accepted");
  for (const auto* tracks : {&state.stables, &state.canaries, &state.baselines}) {
    for (const Track& t : *tracks)
      text += fmt::format(", {}:{}/{}{}{}", static_cast<int>(t.content), static_cast<int>(t.ready),
                          static_cast<int>(t.wanted), t.broken ? " broken" : "",
                          t.leaving ? " leaving" : "");
  }
  return text + (state.request.empty() ? "]" : ", asked " + state.request + "]");
}

}  // namespace headgate::rollout::walk
