#include "rollout/analysis/comparison.h"

#include <algorithm>
#include <cmath>

namespace headgate::rollout::analysis {
namespace {

// The number of requests to thin to that tells most: the variance of a difference of two means
// falls with requests * canaries * peers / (canaries + peers). 0: nothing to compare.
int64_t RequestsFor(const std::vector<PodCount>& canary, const std::vector<PodCount>& reference) {
  const auto with = [](const std::vector<PodCount>& pods, int64_t least) {
    return static_cast<double>(std::count_if(
        pods.begin(), pods.end(), [&](const PodCount& pod) { return pod.total >= least; }));
  };
  int64_t best = 0;
  double best_score = 0;
  for (const auto* pods : {&canary, &reference}) {
    int64_t last = -1;
    for (const PodCount& pod : *pods) {
      const int64_t m = std::min(pod.total, kThinnedMax);
      if (m <= 0 || m == last) continue;
      last = m;
      const double c = with(canary, m);
      const double r = with(reference, m);
      const double score = static_cast<double>(m) * c * r / (c + r);
      if (score > best_score || (score == best_score && m > best)) {
        best = score > 0 ? m : best;
        best_score = score;
      }
    }
  }
  return best;
}

}  // namespace

Comparison::Comparison(Tolerance tolerance, uint64_t seed, bool prove_no_worse)
    : tolerance_(tolerance), seed_(seed), prove_no_worse_(prove_no_worse) {
  if (tolerance.times > 1 || tolerance.points <= 0)
    hypotheses_.push_back({Hypothesis::Kind::kTimes});
  if (tolerance.points > 0) hypotheses_.push_back({Hypothesis::Kind::kPoints});
}

void Comparison::Thin(int64_t at_ms, int64_t requests, Scratch* scratch) const {
  // Fewer where each costs much; what decides it is known of all pods alike.
  const auto pods = static_cast<int64_t>(scratch->canary.size() + scratch->reference.size());
  const int64_t cost = requests / 8192 + pods * static_cast<int64_t>(scratch->canary.size()) / 2048;
  scratch->thinned.resize(static_cast<size_t>(std::max<int64_t>(1, kThinnings / (1 + cost))));
  for (Thinned& thinned : scratch->thinned) {
    thinned.requests = requests;
    thinned.canaries = 0;
    thinned.bad.clear();
  }
  scratch->draws.clear();
  const uint64_t interval = Mixed(seed_, static_cast<uint64_t>(at_ms));
  for (const auto* track : {&scratch->canary, &scratch->reference}) {
    for (const PodCount& pod : *track) {
      if (pod.total < requests) continue;
      scratch->draws.emplace_back(Mixed(interval, HashOf(pod.pod)));
      for (Thinned& thinned : scratch->thinned) {
        thinned.canaries += track == &scratch->canary;
        thinned.bad.push_back(DrawKept(&scratch->draws.back(), pod.bad, pod.total, requests));
      }
    }
  }
}

void Comparison::Play(Hypothesis* hypothesis, int64_t requests, Scratch* scratch) {
  Fit fit = past_.Fitted();
  const std::vector<Thinned>* played = &scratch->thinned;
  std::vector<Draw>& draws = scratch->draws;
  if (hypothesis->kind == Hypothesis::Kind::kPoints) {
    std::unique_ptr<Binomial>& marks = scratch->marks;
    if (!marks || marks->count() != requests || marks->share() != tolerance_.points)
      marks = std::make_unique<Binomial>(requests, tolerance_.points);
    scratch->changed = scratch->thinned;
    for (Thinned& thinned : scratch->changed) {
      for (size_t j = thinned.canaries; j < thinned.bad.size(); ++j)
        thinned.bad[j] = std::min(requests, thinned.bad[j] + (*marks)(&draws[j]));
    }
    const double share = std::min(0.95, fit.share + tolerance_.points);
    fit.correlation *= fit.share * (1 - fit.share) / (share * (1 - share));
    fit.correlation = std::clamp(fit.correlation, kCorrelationMin, kCorrelationMax);
    fit.share = share;
    played = &scratch->changed;
  } else if (tolerance_.times > 1) {
    scratch->changed = scratch->thinned;
    for (Thinned& thinned : scratch->changed) {
      for (size_t j = 0; j < thinned.canaries; ++j)
        thinned.bad[j] = DrawEach(&draws[j], thinned.bad[j], 1 / tolerance_.times);
    }
    played = &scratch->changed;
  }
  hypothesis->worse.Play(*played, fit, &scratch->bet);
  if (prove_no_worse_) hypothesis->better.Play(*played, fit, &scratch->bet);
}

void Comparison::Tally(const Scratch& scratch) {
  double bad = 0;
  double requests = 0;
  for (const PodCount& pod : scratch.reference) {
    bad += static_cast<double>(pod.bad);
    requests += static_cast<double>(pod.total);
  }
  reference_bad_ += bad;
  reference_requests_ += requests;
  const double share = bad / requests;
  for (const PodCount& pod : scratch.canary) {
    const auto n = static_cast<double>(pod.total);
    bad_ += static_cast<double>(pod.bad);
    expected_ += n * share;
    requests_ += n;
    compared_ += pod.total;
  }
  canaries_ = std::max(canaries_, scratch.canary.size());
}

void Comparison::Add(const Interval& interval, Scratch* scratch) {
  const bool baseline = std::any_of(
      interval.pods.begin(), interval.pods.end(),
      [](const PodCount& pod) { return pod.track == Track::kBaseline && pod.total > 0; });
  const Track peer = baseline ? Track::kBaseline : Track::kStable;
  scratch->canary.clear();
  scratch->reference.clear();
  for (const PodCount& pod : interval.pods) {
    if (pod.total <= 0) continue;
    if (pod.track == Track::kCanary) scratch->canary.push_back(pod);
    if (pod.track == peer) scratch->reference.push_back(pod);
  }
  const int64_t requests = RequestsFor(scratch->canary, scratch->reference);
  if (requests > 0) {
    Thin(interval.at_ms, requests, scratch);
    for (Hypothesis& hypothesis : hypotheses_) Play(&hypothesis, requests, scratch);
    Tally(*scratch);
    ++intervals_;
  }
  past_.Add(scratch->reference);
  unevenness_.Add(scratch->reference);
}

Wealth Comparison::Harm() const {
  Wealth least = hypotheses_.front().worse.Now();
  for (const Hypothesis& hypothesis : hypotheses_) {
    if (hypothesis.worse.Now() < least) least = hypothesis.worse.Now();
  }
  return least;
}

Wealth Comparison::NoWorse() const {
  Wealth mean;
  for (const Hypothesis& hypothesis : hypotheses_)
    mean += hypothesis.better.Now() * (1 / static_cast<double>(hypotheses_.size()));
  return mean;
}

double Comparison::Dispersion() const {
  if (intervals_ == 0) return 1;
  const double requests = static_cast<double>(compared_) / static_cast<double>(intervals_) /
                          static_cast<double>(canaries_);
  return 1 + std::max(0.0, requests - 1) * past_.Fitted().correlation;
}

double Comparison::Unevenness() const {
  if (!(reference_bad_ > 0)) return 0;
  return unevenness_.Deviation() / (reference_bad_ / reference_requests_);
}

bool Comparison::BeyondUnevenness() const {
  const size_t peers = unevenness_.pods();
  if (peers < 3 || requests_ <= 0) return true;  // nothing to learn it from
  const auto k = static_cast<double>(peers);
  // The quantile of Student's distribution for 1 %, roughly.
  const double quantile = 2.33 * (1 + 2 / (k - 1));
  const double pods = std::sqrt(1 / static_cast<double>(std::max<size_t>(canaries_, 1)) + 1 / k);
  const double tolerated =
      std::max(tolerance_.times * expected_, expected_ + tolerance_.points * requests_);
  const double above = (bad_ - tolerated) / requests_;
  return above > quantile * pods * tolerance_.times * unevenness_.Deviation();
}

}  // namespace headgate::rollout::analysis
