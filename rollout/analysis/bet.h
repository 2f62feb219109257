#pragma once

#include <cstdint>
#include <vector>

#include "rollout/analysis/past.h"
#include "rollout/analysis/wealth.h"

namespace headgate::rollout::analysis {

// One interval made comparable: each pod's bad ones among the same number of requests, the
// `canaries` pods of the canary first.
struct Thinned {
  int64_t requests = 0;
  size_t canaries = 0;
  std::vector<int64_t> bad;
};

// A bet on how the canary's pods differ from their peers.
//
// Hypothesis: within an interval it is chance which pods are called canary (exchangeable). For any
// g >= 0 fixed before, with C canary pods of J,
//
//     e = prod_{c canary} g(x_c)  /  mean over all C-subsets S of the J pods of prod_{j in S}
//     g(x_j)
//
// has mean 1 then, whatever the distribution of errors is. So the product over intervals is a test
// martingale, and the chance that it ever reaches 1/alpha is at most alpha (Ville 1939; Ramdas et
// al., "Testing exchangeability", 2022). The denominator is an elementary symmetric polynomial over
// its number of terms. g is a likelihood ratio of beta-binomials, r times the share against once:
// with J pods and a right fit the most powerful choice. A mean over several thinnings of one
// interval is an e-value again (Vovk & Wang, "E-values: calibration, combination and
// applications", 2021).
//
// r is not known: the e-values of a grid of r are averaged with weights that follow what each
// earned so far, which makes their product the mean of the products. In the first intervals, where
// pods do not show bursts, the products are averaged before they are divided,
//
//     e = sum_r w_r prod g_r(x_c)  /  sum_r w_r mean over S of prod g_r(x_j),
//
// which comes close to its bound, J over C, at once; there, too, the fit is that of independent
// requests. (Whether pods show bursts is asked of all of them alike, so g stays fixed.) r = 1, no
// bet, is in the grid, and a little weight moves to all of them each interval: so a canary that
// turns bad late is met with the capital nearly whole (fixed share: Herbster & Warmuth, "Tracking
// the best expert", 1998).
class Bet {
 public:
  // What is used within one call only; many bets share one.
  struct Scratch {
    std::vector<std::vector<double>> g;  // by rate and number of bad ones; the largest is 1
    std::vector<double> scale;           // of products of g, against the other rates
    std::vector<double> earned;          // by rate, in this interval
    std::vector<double> means;
  };

  // `rates`: r; > 1: worse, < 1: better. They outlive it.
  explicit Bet(const std::vector<double>& rates);

  // `thinnings`: of one interval, at least one, all of the same shape. `fit` knows nothing of it.
  void Play(const std::vector<Thinned>& thinnings, const Fit& fit, Scratch* scratch);
  const Wealth& Now() const { return wealth_; }

 private:
  double RateOf(size_t i) const { return i == 0 ? 1 : (*rates_)[i - 1]; }
  void FillTables(const Fit& fit, int64_t requests, int64_t most, size_t canaries,
                  Scratch* scratch) const;
  double ValueOf(const Thinned& thinned, bool bold, Scratch* scratch) const;

  const std::vector<double>* rates_;
  std::vector<double> weights_;  // the first: of r = 1
  Wealth wealth_{1};
  int played_ = 0;  // intervals with bad ones
};

inline const std::vector<double> kWorse = {1.3, 1.6, 2, 3, 5, 10, 30};
inline const std::vector<double> kBetter = {0.3, 0.5, 0.65, 0.8, 0.9};

}  // namespace headgate::rollout::analysis
