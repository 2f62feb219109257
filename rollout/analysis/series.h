#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/result.h"

namespace headgate::rollout::analysis {

struct Sample {
  core::Time at{};
  double value = 0;
  friend bool operator==(const Sample&, const Sample&) = default;
};

// Raw samples of one counter, as they were scraped.
struct Series {
  std::vector<std::pair<std::string, std::string>> labels;
  std::vector<Sample> samples;

  const std::string& Label(const std::string& name) const;  // "" where it has none
};

inline constexpr const char* kTrackLabel = "headgate_track";  // "canary" or "stable"

// What the provider said about one metric, of the pods of both tracks.
struct MetricAnswers {
  std::string metric;
  core::Result<std::vector<Series>> bad = std::vector<Series>{};
  // Of a gauge: its series; of a query: what went wrong.
  core::Result<std::vector<Series>> total = std::vector<Series>{};
  // Series carry kTrackLabel instead of pods: totals of the tracks.
  bool by_track = false;
  std::vector<Sample> numbers = {};  // of a query
  std::string note = {};             // for people: "p99 between 100 ms and 250 ms"
};

}  // namespace headgate::rollout::analysis
