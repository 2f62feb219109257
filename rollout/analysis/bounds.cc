#include "rollout/analysis/bounds.h"

#include <algorithm>
#include <cmath>

#include "rollout/analysis/log_gamma.h"

namespace headgate::rollout::analysis {
namespace {

// Where log mixture - log likelihood(q) falls to log(1/alpha), between `in`, which is inside, and
// `out`.
double Edge(double bad, double good, double log_mixture, double limit, double in, double out) {
  const auto inside = [&](double q) {
    const double bad_part = bad > 0 ? bad * std::log(std::max(q, 1e-300)) : 0;
    const double good_part = good > 0 ? good * std::log1p(-std::min(q, 1 - 1e-16)) : 0;
    return log_mixture - bad_part - good_part < limit;
  };
  if (inside(out)) return out;
  for (int i = 0; i < 60; ++i) {
    const double middle = (in + out) / 2;
    (inside(middle) ? in : out) = middle;
  }
  return out;
}

}  // namespace

Bounds ShareBounds(double bad, double requests, double alpha) {
  if (!(requests > 0)) return {0, 1};
  const double good = std::max(0.0, requests - bad);
  const double log_mixture =
      LogGamma(bad + 0.5) + LogGamma(good + 0.5) - LogGamma(requests + 1) - 2 * LogGamma(0.5);
  const double limit = std::log(1 / alpha);
  const double middle = std::clamp(bad / requests, 0.0, 1.0);
  return {Edge(bad, good, log_mixture, limit, middle, 0),
          Edge(bad, good, log_mixture, limit, middle, 1)};
}

Bounds RatioBounds(double canary_bad, double canary, double stable_bad, double stable,
                   double alpha) {
  const double bad = canary_bad + stable_bad;
  if (!(canary > 0) || !(stable > 0) || !(bad > 0)) return {0, kRatioMax};
  const Bounds part = ShareBounds(canary_bad, bad, alpha);
  const auto ratio = [&](double q) {
    return q >= 1 ? kRatioMax : std::min(kRatioMax, q / (1 - q) * stable / canary);
  };
  return {ratio(part.low), ratio(part.high)};
}

}  // namespace headgate::rollout::analysis
