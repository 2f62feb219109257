#pragma once

namespace headgate::rollout::analysis {

struct Bounds {
  double low = 0, high = 0;
};

inline constexpr double kRatioMax = 10000;  // shown where there is no upper bound

// Confidence sequences for people: right at all times at once with probability 1 - alpha where
// requests are independent but for an overdispersion, by which counts are divided first. By
// Robbins' mixture ("Statistical methods related to the law of the iterated logarithm", 1970) of
// the binomial likelihood with a beta prior (1/2, 1/2).
//
// A share, from `bad` of `requests`.
Bounds ShareBounds(double bad, double requests, double alpha);
// The ratio of two shares; of all bad ones, how many are the canary's.
Bounds RatioBounds(double canary_bad, double canary, double stable_bad, double stable,
                   double alpha);

}  // namespace headgate::rollout::analysis
