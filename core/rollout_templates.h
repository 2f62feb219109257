#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/rollout_analysis.h"

namespace headgate::core {

// Metrics of common stacks by name, so that nobody has to write selectors: what `template:` of a
// metric fills in. A histogram where `bad` and `total` are empty.
struct MetricTemplate {
  std::string_view name;
  std::string bad, total, histogram;
  std::optional<TrackMatchers> tracks;  // none: the series name pods
};

const MetricTemplate* FindTemplate(std::string_view name);
std::string ShowTemplates();  // "red-errors, red-latency, ..."

}  // namespace headgate::core
