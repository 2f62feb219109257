#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "core/rollout_spec.h"
#include "rollout/metrics/prometheus.h"

namespace headgate::rollout::metrics {

// What stable's workloads meet today, by a Rollout's first metric that counts requests.
struct Traffic {
  std::string metric;
  double requests_per_second = 0;  // mean of the last hour
  double bad = 0;                  // share of bad requests, or slow ones
};

// PromQL of its requests and its bad ones a second. Pods are found by the workloads' names, since
// no cluster is asked; backends by the same names as Services. kInvalid: no metric counts requests.
struct TrafficQueries {
  std::string metric, requests, bad;
};
core::Result<TrafficQueries> TrafficQueriesOf(const core::RolloutSpec& spec);

// kUnavailable where Prometheus does not answer, or has no such series.
core::Result<Traffic> AskTraffic(const Prometheus& prometheus, const core::RolloutSpec& spec,
                                 core::Time now, std::stop_token stop = {});

}  // namespace headgate::rollout::metrics
