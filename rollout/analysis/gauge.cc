#include "rollout/analysis/gauge.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace headgate::rollout::analysis {
namespace {

constexpr std::array kApart = {0.5, 1.0, 2.0, 4.0};  // d, in deviations
constexpr double kFurthest = 10;                     // deviations that are told apart
constexpr double kPastMin = 3;                       // values of stable before a bet
constexpr double kNormalQuantile = 2.807;            // of 0.25 %

// Student's quantile from the normal one (Cornish & Fisher 1938, first terms).
double StudentQuantile(double freedom) {
  const double z = kNormalQuantile;
  return z + (z * z * z + z) / (4 * freedom) +
         (5 * std::pow(z, 5) + 16 * std::pow(z, 3) + 3 * z) / (96 * freedom * freedom);
}

std::string ShowNumber(double value) { return fmt::format("{:.4g}", value); }

}  // namespace

GaugeJudge::GaugeJudge(const core::Metric& metric, double threshold)
    : metric_(metric), threshold_(threshold), wealths_(kApart.size(), Wealth(1)) {}

void GaugeJudge::Bet(const std::vector<PodValue>& values) {
  const double variance = past_count_ > 1 ? past_squares_ / (past_count_ - 1) : 0;
  const auto count = [&](bool canary) {
    return std::count_if(values.begin(), values.end(), [&](const PodValue& each) {
      return (each.track == Track::kCanary) == canary;
    });
  };
  const auto canaries = static_cast<double>(count(true));
  if (past_count_ < kPastMin || canaries == 0 || count(false) == 0) return;
  // Where all are equal, any difference is one.
  const double deviation = std::max(std::sqrt(variance), 1e-3 * std::abs(past_mean_) + 1e-9);
  const double times = metric_.compare ? metric_.compare->times : 1;
  wealth_ = Wealth();
  for (size_t i = 0; i < kApart.size(); ++i) {
    double of_canary = 0;
    double of_all = 0;
    for (const PodValue& each : values) {
      const bool canary = each.track == Track::kCanary;
      const double value = canary && each.value > 0 ? each.value / times : each.value;
      const double z = std::clamp((value - past_mean_) / deviation, -kFurthest, kFurthest);
      const double g = std::exp(kApart[i] * z - kApart[i] * kApart[i] / 2);
      of_all += g;
      if (canary) of_canary += g;
    }
    wealths_[i] *= (of_canary / canaries) / (of_all / static_cast<double>(values.size()));
    wealth_ += wealths_[i] * (1 / static_cast<double>(kApart.size()));
  }
}

void GaugeJudge::Add(const std::vector<PodValue>& values) {
  if (!failed_.empty()) return;
  if (metric_.compare) Bet(values);
  bool seen = false;
  double highest = 0;
  for (const PodValue& each : values) {
    auto& [track, mean] = pods_[each.pod];
    track = each.track;
    mean.sum += each.value;
    mean.count += 1;
    if (each.track == Track::kCanary) {
      highest = seen ? std::max(highest, each.value) : each.value;
      seen = true;
      continue;
    }
    past_count_ += 1;
    const double apart = each.value - past_mean_;
    past_mean_ += apart / past_count_;
    past_squares_ += apart * (each.value - past_mean_);
  }
  if (!seen) return;
  ++intervals_;
  last_ = highest;
  highest_ = intervals_ == 1 ? highest : std::max(highest_, highest);
  if (metric_.limit && highest > *metric_.limit && ++failures_ > metric_.failure_limit)
    failed_ = fmt::format("{} {} > {} ({} of {} intervals)", metric_.name, ShowNumber(highest),
                          ShowNumber(*metric_.limit), failures_, intervals_);
  if (metric_.compare && failed_.empty() && EValue() >= threshold_ && Beyond())
    failed_ = fmt::format("{} {}, stable's {} (e={:.0f})", metric_.name,
                          ShowNumber(SpreadOf(Track::kCanary).mean),
                          ShowNumber(SpreadOf(Track::kStable).mean), EValue());
}

GaugeJudge::Spread GaugeJudge::SpreadOf(Track track) const {
  Spread spread;
  double squares = 0;
  for (const auto& [name, pod] : pods_) {
    if ((pod.first == Track::kCanary) != (track == Track::kCanary)) continue;
    spread.pods += 1;
    const double apart = pod.second.Value() - spread.mean;
    spread.mean += apart / spread.pods;
    squares += apart * (pod.second.Value() - spread.mean);
  }
  if (spread.pods > 1) spread.deviation = std::sqrt(squares / (spread.pods - 1));
  return spread;
}

bool GaugeJudge::Beyond() const {
  const Spread canary = SpreadOf(Track::kCanary);
  const Spread stable = SpreadOf(Track::kStable);
  if (stable.pods < kPeersMin || canary.pods < 1) return false;
  const double times = metric_.compare->times;
  const double apart = (canary.mean > 0 ? canary.mean / times : canary.mean) - stable.mean;
  const double chance = stable.deviation * std::sqrt(1 / canary.pods + 1 / stable.pods);
  return apart > 0 && apart > StudentQuantile(stable.pods - 1) * chance;
}

core::Evidence GaugeJudge::Now() const {
  core::Evidence evidence;
  evidence.metric = metric_.name;
  evidence.max = metric_.limit.value_or(0);
  evidence.share = last_;
  evidence.failures = failures_;
  const std::string shown = fmt::format("{} {}", metric_.name, ShowNumber(last_));
  const Spread stable = SpreadOf(Track::kStable);
  if (!failed_.empty()) {
    evidence.verdict = core::Verdict::kFail;
    evidence.why = failed_;
  } else if (intervals_ == 0) {
    evidence.why = metric_.name + ": no value of the canary's pods yet";
  } else if (metric_.compare && stable.pods < kPeersMin) {
    evidence.verdict = metric_.limit ? core::Verdict::kPass : core::Verdict::kHold;
    evidence.why = fmt::format("{}: {} pods of stable to compare with, {} needed", shown,
                               stable.pods, kPeersMin);
  } else if (metric_.limit && last_ > *metric_.limit) {
    evidence.why = fmt::format("{} > {}, {} of {} failures allowed", shown,
                               ShowNumber(*metric_.limit), failures_, metric_.failure_limit);
  } else {
    evidence.verdict = core::Verdict::kPass;
    evidence.why = metric_.compare
                       ? fmt::format("{}, stable's {}: no harm found (e={:.2g} of {:.0f})", shown,
                                     ShowNumber(stable.mean), EValue(), threshold_)
                       : fmt::format("{} <= {}", shown, ShowNumber(*metric_.limit));
  }
  return evidence;
}

core::Evidence JudgeNumbers(const core::Metric& metric, const std::vector<double>& values) {
  GaugeJudge judge(metric, 1);
  for (double value : values) judge.Add({{"", Track::kCanary, value}});
  core::Evidence evidence = judge.Now();
  if (values.empty()) evidence.why = metric.name + ": the query has no value yet";
  return evidence;
}

}  // namespace headgate::rollout::analysis
