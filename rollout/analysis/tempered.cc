#include "rollout/analysis/tempered.h"

#include <algorithm>
#include <cmath>

namespace headgate::rollout::analysis {

Tempered::Tempered(Tolerance tolerance) {
  const std::vector<double> none(kWorse.size(), 0);
  if (tolerance.times > 1 || tolerance.points <= 0)
    hypotheses_.push_back({tolerance.times, 0, none});
  if (tolerance.points > 0) hypotheses_.push_back({1, tolerance.points, none});
}

double Tempered::Dispersion(double canary, double stable) const {
  const double correlation = std::clamp(excess_ / excess_weight_, 1e-5, 0.6);
  return 1 + std::max(stable, canary * kPodsAssumed) * correlation;
}

// From how much neighbouring intervals differ, so that the slow swing of a day is none.
void Tempered::Learn(double bad, double requests) {
  const double share = bad / requests;
  if (last_share_ >= 0) {
    const double p = std::clamp(bad_ / requests_, 1e-5, 0.9);
    const double variance = p * (1 - p);
    const double apart = share - last_share_;
    const double independent = variance * (1 / requests + 1 / last_requests_);
    excess_ += (apart * apart - independent) / (2 * variance);
    excess_weight_ += 1;
  }
  last_share_ = share;
  last_requests_ = requests;
  bad_ += bad;
  requests_ += requests;
}

void Tempered::Add(int64_t canary_bad, int64_t canary, int64_t stable_bad, int64_t stable) {
  if (canary <= 0 || stable <= 0) return;
  const auto nc = static_cast<double>(canary);
  const auto ns = static_cast<double>(stable);
  const auto bc = static_cast<double>(canary_bad);
  const auto bs = static_cast<double>(stable_bad);
  const double phi = Dispersion(nc, ns);
  const double p = std::clamp(bad_ / requests_, 1e-5, 0.9);
  for (Hypothesis& hypothesis : hypotheses_) {
    // At the bound the canary has `base` times stable's share.
    const double base = hypothesis.times + hypothesis.points / p;
    const double q0 = base * nc / (base * nc + ns);
    for (size_t i = 0; i < kWorse.size(); ++i) {
      const double r = base * kWorse[i];
      const double q = r * nc / (r * nc + ns);
      hypothesis.logs[i] += (bc * std::log(q / q0) + bs * std::log((1 - q) / (1 - q0))) / phi;
    }
  }
  Learn(bs, ns);
}

Wealth Tempered::Harm() const {
  double least = 1e300;
  for (const Hypothesis& hypothesis : hypotheses_) {
    const double most = *std::max_element(hypothesis.logs.begin(), hypothesis.logs.end());
    double sum = 0;
    for (double log : hypothesis.logs) sum += std::exp(log - most);
    least = std::min(least, most + std::log(sum / static_cast<double>(hypothesis.logs.size())));
  }
  return Wealth(std::exp(std::clamp(least, -600.0, 600.0)));
}

}  // namespace headgate::rollout::analysis
