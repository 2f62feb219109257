#include "rollout/analysis/deaths.h"

#include <fmt/format.h>

#include <cmath>

#include "rollout/analysis/log_gamma.h"

namespace headgate::rollout::analysis {

core::Evidence JudgeDeaths(const Deaths& canary, const Deaths& stable, double threshold) {
  core::Evidence evidence;
  evidence.metric = "pods";
  evidence.verdict = core::Verdict::kPass;
  if (canary.deaths <= 0 || canary.pods <= 0 || stable.pods <= 0) return evidence;
  const double c = canary.deaths;
  const double s = stable.deaths;
  const double q = static_cast<double>(canary.pods) / (canary.pods + stable.pods);
  const double mixture =
      LogGamma(c + 0.5) + LogGamma(s + 0.5) - LogGamma(c + s + 1) - 2 * LogGamma(0.5);
  const double e = std::exp(mixture - c * std::log(q) - s * std::log1p(-q));
  evidence.failures = canary.deaths;
  const bool more = c / canary.pods > s / stable.pods;
  if (more && e >= threshold) evidence.verdict = core::Verdict::kFail;
  evidence.why = fmt::format(
      "pods: the canary's {} restarted or lost readiness {} times, stable's {} {} times (e={:.3g} "
      "of "
      "{:.0f})",
      canary.pods, canary.deaths, stable.pods, stable.deaths, e, threshold);
  return evidence;
}

}  // namespace headgate::rollout::analysis
