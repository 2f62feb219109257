#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "core/value.h"
#include "rollout/analysis/quantile.h"
#include "rollout/analysis/series.h"

namespace headgate::rollout::metrics {

// A histogram of durations that is asked for slow requests: classic (counters NAME_bucket with the
// label `le`) or native (one series NAME of histograms).
struct Histogram {
  std::string name;      // without _bucket
  std::string matchers;  // of all pods: a="b",pod=~"..."
  core::Duration range{0};
  double over = 0;        // in the histogram's own unit
  double quantile = 0.5;  // to show, 0 to 1
  friend bool operator==(const Histogram&, const Histogram&) = default;
};

// How many of a histogram's units a duration is: seconds (as Prometheus advises), unless the name
// ends in _milliseconds, _ms, _microseconds, _us, _nanoseconds or _ns.
double InUnitOf(std::string_view name, core::Duration time);

// The edge that counts as the bound, as the pods spell it ("0.3", "0.30"): the nearest by ratio.
struct Edge {
  double value = 0;
  std::vector<std::string> spellings;
};
// `buckets`: values of `le` and cumulative counts. kInvalid where no edge is finite.
core::Result<Edge> ChooseEdge(const std::vector<std::pair<std::string, double>>& buckets,
                              double over);

// Cumulative, by rising edges: of what ChooseEdge takes.
std::vector<analysis::Bucket> Sorted(const std::vector<std::pair<std::string, double>>& buckets);

// The same series as `all`, counting those that are not in `fast`. Series belong together by their
// labels but `le`; samples by their time. kUnavailable where a series of `all` has no partner: its
// pod has other buckets, and would seem to have nothing but slow requests.
core::Result<std::vector<analysis::Series>> Rest(const std::vector<analysis::Series>& all,
                                                 const std::vector<analysis::Series>& fast);

// A series of native histograms, as the HTTP API gives it ("histograms" of a matrix), as two
// counters: of all observations, and of those in buckets beyond `over`. A bucket that holds `over`
// counts as slow where its lower edge is nearer.
struct NativeCounts {
  analysis::Series all, slow;
};
core::Result<NativeCounts> ReadNative(const core::Value& result, double over);

}  // namespace headgate::rollout::metrics
