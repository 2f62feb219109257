#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/position.h"
#include "core/result.h"
#include "core/rollout_spec.h"
#include "rollout/metrics/histogram.h"
#include "rollout/observation.h"

namespace headgate::rollout::metrics {

struct Query {
  enum class Which { kBad, kTotal, kSlow, kGauge, kNumbers };
  std::string metric;
  Which which = Which::kTotal;
  std::string
      promql;  // http_requests_total{code=~"5..",namespace="shop",pod=~"web-canary-a|web-b"}[90s]
  core::Time at{};  // evaluated at
  // Of kSlow, whose promql asks for the canary's buckets now: what then to ask for.
  std::optional<Histogram> histogram = {};
  std::string track = {};  // "canary" or "stable", where the series name no pods; else ""
  core::Time from{};       // of kNumbers: one number each `step` from here to `at`
  core::Duration step{0};
};

// What to ask for the trial's present window; empty where no window is open or no pod is known.
// `namespace_name`: where the workloads run. kInvalid names the metric and field that is no vector
// selector.
core::Result<std::vector<Query>> QueriesFor(const core::RolloutSpec& spec, const core::Trial& trial,
                                            const Observation& seen,
                                            std::string_view namespace_name);

// A vector selector with more matchers and a range: (name{a="b"}, `c="d"`, 90s) ->
// name{a="b",c="d"}[90s]. kInvalid where it is anything else than name{matchers}.
core::Result<std::string> Narrow(std::string_view selector, std::string_view matchers,
                                 core::Duration range);

int64_t Seconds(core::Duration range);  // in full, at least one

// `text` with {{NAME}} filled in, for each of `values`. They stand within quotes of PromQL, as
// regular expressions; what is not known stays.
std::string FillIn(std::string_view text,
                   const std::vector<std::pair<std::string, std::vector<std::string>>>& values);

// As a PromQL string literal, quotes included; a regular expression that matches just these names.
std::string Quote(std::string_view text);
std::string AnyOf(const std::vector<std::string>& names);

}  // namespace headgate::rollout::metrics
