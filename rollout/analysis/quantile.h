#pragma once

#include <vector>

#include "rollout/analysis/bounds.h"

namespace headgate::rollout::analysis {

// How many of all observations are at most `edge`.
struct Bucket {
  double edge = 0;
  double count = 0;
};

// Between which edges the p-quantile lies, at all times at once with probability 1 - alpha:
//
//     Q(p - f) <= quantile <= Q(p + f),  f = 1.5 sqrt(p (1 - p) l) + 0.8 l,
//     l = (1.4 ln ln(2.1 n) + ln(10 / alpha)) / n
//
// (Howard & Ramdas, "Sequential estimation of quantiles with applications to A/B testing and
// best-arm identification", Bernoulli 28, 2022, theorem 1), where Q is the empirical quantile of n
// independent observations; buckets round it outwards. For people; no verdict depends on it.
//
// `cumulative`: by rising edges, the last one has all of them and may be infinite. No upper bound:
// infinity.
Bounds QuantileBounds(const std::vector<Bucket>& cumulative, double p, double alpha);

}  // namespace headgate::rollout::analysis
