#pragma once

#include <map>
#include <string>
#include <vector>

#include "rollout/analysis/evaluate.h"
#include "rollout/analysis/gauge.h"
#include "rollout/analysis/interval.h"
#include "rollout/analysis/onset.h"

namespace headgate::rollout::analysis {

// What raw samples say of a window, interval by interval. Intervals are numbered from 0; the first
// ends one interval after the window's opening.
struct Counted {
  std::map<int64_t, Interval> intervals;
  int64_t over = 0;  // intervals below this number are over: the canary was scraped after them
  std::vector<TrackCounts> before, since;  // whole ones, without gaps of stable
  core::Duration observed{0};              // covered by scrapes of the canary since observed_from
};
Counted Count(const core::Analysis& analysis, const Window& window, const Tracks& tracks,
              const MetricAnswers& answers);

// A gauge's last values in each interval that has any; of several series of a pod their sum.
struct Gauged {
  std::map<int64_t, std::vector<PodValue>> intervals;
  core::Duration observed{0};
};
Gauged ReadGauge(const core::Analysis& analysis, const Window& window, const Tracks& tracks,
                 const std::vector<Series>& series);

}  // namespace headgate::rollout::analysis
