#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/position.h"
#include "core/rollout_analysis.h"
#include "rollout/analysis/interval.h"
#include "rollout/analysis/wealth.h"

namespace headgate::rollout::analysis {

// What one pod's gauge said at the end of an interval.
struct PodValue {
  std::string pod;
  Track track = Track::kStable;
  double value = 0;
};

// One gauge's verdict on a candidate, of which less is better: memory, restarts, queue length.
//
// Compared, each interval is a bet that the canary's pods are its highest (exchangeable pods, as in
// bet.h, with C canary pods of J):
//
//     e = mean over canary pods of g(x)  /  mean over all pods of g(x),  g(x) = exp(d z - d^2 / 2)
//
// where z is by how many deviations x is above the mean of stable's past, and d is each of a grid.
// But a pod's memory stays what it is: one that is high by chance is so in every interval, and
// intervals are not new evidence. So the canary's mean over time must also be further above
// stable's pods' than these are from each other, by Student's t of C pods against K (0.25 % at one
// look, for a window's several). With fewer than kPeersMin pods of stable nothing is claimed.
class GaugeJudge {
 public:
  // The metric outlives it. `threshold`: the e-value that is proof.
  GaugeJudge(const core::Metric& metric, double threshold);

  // An interval's values; canary's pods and stable's.
  void Add(const std::vector<PodValue>& values);

  core::Evidence Now() const;
  double EValue() const { return wealth_.Shown(); }

 private:
  struct Mean {
    double sum = 0, count = 0;
    double Value() const { return count > 0 ? sum / count : 0; }
  };
  struct Spread {
    double mean = 0, deviation = 0, pods = 0;  // over pods of their means over time
  };
  void Bet(const std::vector<PodValue>& values);
  Spread SpreadOf(Track track) const;
  bool Beyond() const;

  const core::Metric& metric_;
  double threshold_;
  std::map<std::string, std::pair<Track, Mean>, std::less<>> pods_;
  double past_count_ = 0, past_mean_ = 0, past_squares_ = 0;  // of stable's values (Welford)
  std::vector<Wealth> wealths_;                               // by d
  Wealth wealth_{1};
  int intervals_ = 0;  // with a value of the canary
  int failures_ = 0;   // with one above the limit
  double highest_ = 0;
  double last_ = 0;  // the canary's highest, in the last interval
  std::string failed_;
};

inline constexpr double kPeersMin = 3;

// Numbers of a query, one an interval: above the limit, or not.
core::Evidence JudgeNumbers(const core::Metric& metric, const std::vector<double>& values);

}  // namespace headgate::rollout::analysis
