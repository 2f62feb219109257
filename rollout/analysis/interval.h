#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace headgate::rollout::analysis {

// Which pods a pod's requests are compared with. A baseline is fresh stable pods beside the canary.
enum class Track { kStable, kCanary, kBaseline };

// What one pod counted in one scrape interval.
struct PodCount {
  std::string pod;
  Track track = Track::kStable;
  int64_t bad = 0;
  int64_t total = 0;     // at least `bad`
  std::string workload;  // pods are compared within one workload only
};

struct Interval {
  int64_t at_ms = 0;  // its end; seeds what is drawn, so that a replay draws the same
  std::vector<PodCount> pods;
};

}  // namespace headgate::rollout::analysis
