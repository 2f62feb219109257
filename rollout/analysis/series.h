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

// What the provider said about one metric, of the pods of both tracks.
struct MetricAnswers {
  std::string metric;
  core::Result<std::vector<Series>> bad = std::vector<Series>{};
  core::Result<std::vector<Series>> total = std::vector<Series>{};
  std::string note = {};  // for people: "p99 between 100 ms and 250 ms"
};

}  // namespace headgate::rollout::analysis
