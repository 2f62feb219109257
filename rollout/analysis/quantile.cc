#include "rollout/analysis/quantile.h"

#include <cmath>
#include <limits>

namespace headgate::rollout::analysis {

Bounds QuantileBounds(const std::vector<Bucket>& cumulative, double p, double alpha) {
  Bounds bounds{0, std::numeric_limits<double>::infinity()};
  const double n = cumulative.empty() ? 0 : cumulative.back().count;
  if (!(n >= 2)) return bounds;  // ln ln has no value below
  const double l = (1.4 * std::log(std::log(2.1 * n)) + std::log(10 / alpha)) / n;
  const double f = 1.5 * std::sqrt(p * (1 - p) * l) + 0.8 * l;
  for (const Bucket& bucket : cumulative) {
    const double share = bucket.count / n;
    if (share < p - f) bounds.low = bucket.edge;
    if (share >= p + f) {
      bounds.high = bucket.edge;
      break;
    }
  }
  return bounds;
}

}  // namespace headgate::rollout::analysis
