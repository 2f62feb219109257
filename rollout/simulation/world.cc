#include "rollout/simulation/world.h"

#include <fmt/format.h>

#include <algorithm>

#include "rollout/compose.h"
#include "rollout/gate.h"
#include "rollout/job.h"
#include "rollout/seeing.h"
#include "rollout/steps.h"

namespace headgate::rollout::simulation {
namespace {

// Users whose requests have the headers of a header route; so many of all.
constexpr double kHeaderShare = 0.01;

bool HasLeft(const SimulatedTrack& track) { return track.pods.empty(); }

}  // namespace

World::World(const core::RolloutSpec& spec, const Truth& truth)
    : spec_(spec),
      truth_(truth),
      chance_(truth.seed),
      now_(core::HandClock::kStart),
      stable_hash_(kStableHash) {
  for (const core::Metric& metric : spec.analysis.metrics) {
    answers_.emplace_back();
    answers_.back().metric = metric.name;
  }
  for (const core::WorkloadRef& ref : spec.workloads) {
    SimulatedTrack track{kStableHash, "", {}};
    Scale(&track, truth.replicas, ref.name);
    for (SimulatedPod& pod : track.pods) pod.born = pod.ready_at = now_ - std::chrono::hours(1);
    stable_.push_back(std::move(track));
    canary_.push_back({});
    baseline_.push_back({});
  }
}

int World::CanaryPods() const { return static_cast<int>(canary_.front().pods.size()); }

void World::Scale(SimulatedTrack* track, int replicas, const std::string& prefix) {
  while (static_cast<int>(track->pods.size()) > replicas) track->pods.pop_back();
  while (static_cast<int>(track->pods.size()) < replicas) {
    SimulatedPod pod;
    pod.name = fmt::format("{}-{}", prefix, ++pods_made_);
    pod.born = now_;
    pod.ready_at = now_ + truth_.pod_start;
    pod.number = pods_made_;
    track->pods.push_back(std::move(pod));
  }
}

int World::Ready(const SimulatedTrack& track) const {
  const bool broken =
      !track.candidate.empty() && (truth_.Fails(Fault::What::kCanary, since_start()) ||
                                   truth_.Fails(Fault::What::kCrash, since_start()));
  if (broken) return 0;
  return static_cast<int>(std::count_if(track.pods.begin(), track.pods.end(),
                                        [&](const auto& pod) { return pod.ready_at <= now_; }));
}

WorkloadSeen World::See(const SimulatedTrack& track, const core::WorkloadRef& ref) const {
  WorkloadSeen seen;
  seen.ref = ref;
  seen.exists = !HasLeft(track);
  if (!seen.exists) return seen;
  seen.gated_hash = track.gated_hash;
  seen.replicas = static_cast<int>(track.pods.size());
  seen.ready = seen.serving.ready = Ready(track);
  seen.healthy = seen.ready == seen.replicas;
  if (!seen.healthy) seen.why = fmt::format("{} of {} ready", seen.ready, seen.replicas);
  const bool crashes = !track.candidate.empty() && truth_.Fails(Fault::What::kCrash, since_start());
  for (const SimulatedPod& pod : track.pods) {
    PodSeen one;
    one.name = pod.name;
    one.candidate = track.candidate;
    one.ready = seen.ready > 0 && pod.ready_at <= now_;
    if (crashes) one.broken = "container: CrashLoopBackOff: exit 1";
    one.started = pod.born;
    seen.pods.push_back(std::move(one));
  }
  return seen;
}

void World::SeeAsked(const core::RolloutStatus& status, Observation* seen) const {
  if (WantsGate(spec_, status, now_)) {
    seen->gate = truth_.Fails(Fault::What::kGate, since_start())
                     ? ReadGateError(core::Unavailable("connection refused"))
                     : ReadGateAnswer(200);
  }
  if (!JobAt(spec_, status.position)) return;
  using State = JobSeen::State;
  const core::Duration runs = now_ - std::get<core::Trial>(status.position).since;
  seen->job = JobSeen{State::kRunning, ""};
  if (runs < truth_.job_time) return;
  seen->job = truth_.Fails(Fault::What::kJob, since_start())
                  ? JobSeen{State::kFailed, "BackoffLimitExceeded"}
                  : JobSeen{State::kSucceeded, ""};
}

// A pod's series stand at the same place in every answer: good and bad ones in turn, by its number.
void World::Scrape(const SimulatedPod& pod) {
  for (analysis::MetricAnswers& answer : answers_) {
    std::vector<analysis::Series>& total = *answer.total;
    std::vector<analysis::Series>& bad = *answer.bad;
    while (total.size() < 2 * static_cast<size_t>(pod.number)) {
      total.emplace_back();
      if (bad.size() < total.size() / 2) bad.emplace_back();
    }
    const size_t at = 2 * static_cast<size_t>(pod.number - 1);
    analysis::Series* both[] = {&total[at], &total[at + 1], &bad[at / 2]};
    if (both[0]->labels.empty()) {
      both[0]->labels = {{spec_.analysis.pod_label, pod.name}, {"code", "200"}};
      both[1]->labels = both[2]->labels = {{spec_.analysis.pod_label, pod.name}, {"code", "500"}};
    }
    both[0]->samples.push_back({now_, pod.good});
    if (pod.bad == 0) continue;
    both[1]->samples.push_back({now_, pod.bad});
    both[2]->samples.push_back({now_, pod.bad});
  }
}

void World::TakeBack(Observation seen) {
  const bool ours = seen.metrics && !seen.metrics->empty() && seen.metrics->front().total;
  if (ours) answers_ = std::move(*seen.metrics);
}

Observation World::Observe(const core::RolloutStatus& status) {
  Observation seen;
  seen.now = now_;
  seen.watching_since = core::HandClock::kStart;
  seen.wanted = core::Candidate{kCandidate, kCandidateHash, kCandidateHash};
  seen.stable_gated_hash = stable_hash_;
  seen.stable_revision = kStableHash;
  for (size_t i = 0; i < spec_.workloads.size(); ++i) {
    seen.stable.push_back(See(stable_[i], spec_.workloads[i]));
    seen.canary.push_back(See(canary_[i], spec_.workloads[i]));
    seen.baseline.push_back(See(baseline_[i], spec_.workloads[i]));
  }
  seen.route.exists = true;
  seen.route.follows_pods = spec_.traffic.by == core::Traffic::By::kReplicas;
  seen.route.weight = weight_;
  seen.route.extras = extras_;
  seen.route.accepted = accepted_.has_value() || !written_;
  seen.route.accepted_since = written_ ? accepted_ : core::HandClock::kStart;
  if (!seen.route.accepted) seen.route.why = "no gateway has taken the route";
  SeeAsked(status, &seen);
  if (!WantsMetrics(spec_, status, now_)) return seen;
  if (!truth_.Fails(Fault::What::kPrometheus, since_start())) {
    seen.metrics = std::move(answers_);
    return seen;
  }
  seen.metrics.emplace();
  for (const core::Metric& metric : spec_.analysis.metrics) {
    const core::Error away = core::Unavailable("Prometheus: connection refused");
    seen.metrics->push_back({metric.name, away, away});
  }
  return seen;
}

void World::Apply(const core::RolloutStatus& status) {
  const Shape shape = ShapeOf(status.position);
  for (size_t i = 0; i < canary_.size(); ++i) {
    SimulatedTrack& track = canary_[i];
    int wanted = 0;
    if (shape.variants) {
      track.gated_hash = kCandidateHash;
      track.candidate = CandidateLabelValue(kCandidateHash);
      wanted = shape.scale == kScaleAsLive
                   ? static_cast<int>(track.pods.size())
                   : std::max(CanaryReplicas(truth_.replicas, shape.scale), shape.replicas);
      if (shape.draining && spec_.traffic.by == core::Traffic::By::kReplicas) wanted = 0;
    }
    Scale(&track, wanted, spec_.workloads[i].name + "-canary");
    baseline_[i].gated_hash = kStableHash;
    Scale(&baseline_[i], shape.baseline ? wanted : 0, spec_.workloads[i].name + "-baseline");
  }
  const bool promoted = shape.base == Shape::Base::kUpdate || shape.base == Shape::Base::kCandidate;
  for (size_t i = 0; i < stable_.size(); ++i) {
    const char* hash = promoted ? kCandidateHash : kStableHash;
    if (stable_[i].gated_hash == hash || (!promoted && stable_hash_ == kCandidateHash)) continue;
    stable_[i] = {hash, "", {}};
    Scale(&stable_[i], truth_.replicas, spec_.workloads[i].name);
  }
  const auto* promoting = std::get_if<core::Promoting>(&status.position);
  if (promoting && promoting->part == core::Promoting::Part::kRecording)
    stable_hash_ = kCandidateHash;
  const routers::Extras extras = ExtrasOf(spec_, shape.routed);
  const std::string text = routers::Show(extras);
  if (weight_ == shape.weight && extras_ == text) return;
  weight_ = shape.weight;
  extras_ = text;
  routes_extras_ = !extras.headers.empty();
  mirror_ = extras.mirror;
  routes_baseline_ = extras.baseline;
  written_ = now_;
  accepted_.reset();
}

void World::Serve(std::vector<SimulatedTrack>* tracks, double requests, double share, bool canary) {
  for (SimulatedTrack& track : *tracks) {
    const int ready = Ready(track);
    if (ready == 0) continue;
    for (SimulatedPod& pod : track.pods) {
      if (pod.ready_at > now_) continue;
      const int64_t answered = chance_.Poisson(requests / ready);
      const int64_t bad = chance_.Binomial(answered, share);
      pod.good += static_cast<double>(answered - bad);
      pod.bad += static_cast<double>(bad);
      Scrape(pod);
      if (canary) {
        canary_requests_ += answered;
        canary_bad_ += bad;
      }
    }
  }
}

void World::Pass(core::Duration time) {
  now_ += time;
  if (written_ && !accepted_ && now_ - *written_ >= truth_.route_delay &&
      !truth_.Fails(Fault::What::kGateway, since_start())) {
    accepted_ = now_;
    served_weight_ = weight_;
  }
  const double requests = truth_.requests_per_second * std::chrono::duration<double>(time).count();
  double canary_share = served_weight_ / 100.0;
  if (spec_.traffic.by == core::Traffic::By::kReplicas) {
    const double ready = Ready(canary_.front());
    const double all = ready + Ready(stable_.front());
    canary_share = all > 0 ? ready / all : 0;
  }
  if (routes_extras_ && accepted_) canary_share = canary_share + (1 - canary_share) * kHeaderShare;
  if (Ready(canary_.front()) == 0) canary_share = 0;
  const double copies = accepted_ ? mirror_ / 100.0 : 0;
  Serve(&canary_, requests * (canary_share + copies), truth_.canary_bad, true);
  const bool updated = stable_.front().gated_hash == kCandidateHash;
  const bool fresh = routes_baseline_ && Ready(baseline_.front()) > 0;
  const double baseline_share = fresh ? std::min(served_weight_ / 100.0, 1 - canary_share) : 0;
  if (fresh) Serve(&baseline_, requests * baseline_share, truth_.stable_bad, false);
  Serve(&stable_, requests * (1 - canary_share - baseline_share),
        updated ? truth_.canary_bad : truth_.stable_bad, false);
}

}  // namespace headgate::rollout::simulation
