#include "rollout/analysis/past.h"

#include <algorithm>
#include <cmath>

namespace headgate::rollout::analysis {
namespace {

struct Sums {
  double bad = 0, requests = 0, pods = 0;
};

Sums SumsOf(const std::vector<PodCount>& reference) {
  Sums sums;
  for (const PodCount& pod : reference) {
    if (pod.total <= 0) continue;
    sums.bad += static_cast<double>(pod.bad);
    sums.requests += static_cast<double>(pod.total);
    sums.pods += 1;
  }
  return sums;
}

}  // namespace

void Past::Add(const std::vector<PodCount>& reference) {
  const Sums sums = SumsOf(reference);
  bad_ += sums.bad;
  requests_ += sums.requests;
  if (sums.pods < 2 || sums.bad <= 0) return;
  const double p = sums.bad / sums.requests;
  const double variance = p * (1 - p);
  double spread = 0;
  double independent = 0;
  double weight = 0;
  for (const PodCount& pod : reference) {
    if (pod.total <= 0) continue;
    const auto n = static_cast<double>(pod.total);
    const double apart = static_cast<double>(pod.bad) - n * p;
    spread += apart * apart / (1 - n / sums.requests);
    independent += n * variance;
    weight += n * (n - 1) * variance;
  }
  // In units of one request, so that busy intervals do not drown the others.
  const double scale = sums.pods / sums.requests;
  excess_ += (spread - independent) * scale;
  excess_weight_ += weight * scale;
}

Fit Past::Fitted() const {
  return {std::clamp(bad_ / requests_, 1e-5, 0.9),
          std::clamp(excess_ / excess_weight_, kCorrelationMin, kCorrelationMax)};
}

void Unevenness::Add(const std::vector<PodCount>& reference) {
  const Sums sums = SumsOf(reference);
  if (sums.pods < 2) return;
  const double p = sums.bad / sums.requests;
  for (const PodCount& pod : reference) {
    if (pod.total <= 0) continue;
    auto at = pods_.find(pod.pod);
    if (at == pods_.end()) {
      if (pods_.size() >= kPodsRemembered) continue;
      at = pods_.emplace(pod.pod, Pod{}).first;
    }
    const auto n = static_cast<double>(pod.total);
    const double apart = static_cast<double>(pod.bad) - n * p;
    at->second.sum += apart;
    at->second.squares += apart * apart;
    at->second.requests += n;
  }
}

double Unevenness::Deviation() const {
  if (pods_.size() < 2) return 0;
  double excess = 0;
  double noise = 0;
  double weight = 0;
  for (const auto& [name, pod] : pods_) {
    excess += pod.sum * pod.sum - pod.squares;
    noise += pod.squares * pod.squares;
    weight += pod.requests * pod.requests;
  }
  excess -= std::sqrt(2 * noise);  // its own standard deviation: what is seen, no more
  if (!(excess > 0) || !(weight > 0)) return 0;
  const auto k = static_cast<double>(pods_.size());
  return std::sqrt(excess / weight * k / (k - 1));
}

}  // namespace headgate::rollout::analysis
