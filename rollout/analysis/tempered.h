#pragma once

#include <cstdint>
#include <vector>

#include "rollout/analysis/comparison.h"
#include "rollout/analysis/wealth.h"

namespace headgate::rollout::analysis {

// Compares totals of the tracks, where nothing is known by pod: a conditional binomial e-process
// (given both tracks' bad ones of an interval, how many are the canary's: Lindon & Malek,
// "Anytime-valid inference for multinomial count data", 2022), each interval raised to the power
// 1/phi, where phi is by how much stable's own share swings more from interval to interval than
// independent requests would make it (quasi-likelihood: McCullagh & Nelder, 1989, ch. 4; tempering:
// Grünwald, "The safe Bayesian", 2012).
//
// Weaker ground than pods: bursts that stable's total averages out, a canary's single pod has; so
// phi is taken for kPodsAssumed pods behind stable's total, and is large until there is a past.
// The verdict says so.
class Tempered {
 public:
  explicit Tempered(Tolerance tolerance);

  // Totals of one interval.
  void Add(int64_t canary_bad, int64_t canary, int64_t stable_bad, int64_t stable);
  Wealth Harm() const;

 private:
  struct Hypothesis {
    double times, points;
    std::vector<double> logs;  // by rate
  };
  double Dispersion(double canary, double stable) const;
  void Learn(double bad, double requests);

  std::vector<Hypothesis> hypotheses_;
  double bad_ = 0.5, requests_ = 50;
  double excess_ = 0.5, excess_weight_ = 10;
  double last_share_ = -1, last_requests_ = 0;
};

inline constexpr double kPodsAssumed = 10;

}  // namespace headgate::rollout::analysis
