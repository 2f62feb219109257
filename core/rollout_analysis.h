#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/fields.h"

namespace headgate::core {

// By what a candidate is judged: the Rollout's spec.analysis, with defaults filled in.

// The canary's share of bad requests against that of stable's pods: at most `times` as high, or
// `points` higher, whichever is more. Wrong about a candidate that keeps to it in at most
// 1 - confidence of whole rollouts.
struct Compare {
  double times = 1;          // 1 to 1000
  double points = 0;         // a share, 0 to below 1
  double confidence = 0.99;  // 0.5 to below 1
  friend bool operator==(const Compare&, const Compare&) = default;
};

// Requests that took longer than a bound, by a histogram's counters.
struct Slow {
  std::string histogram;  // PromQL vector selector of it, without _bucket
  Duration over{0};       // more than 0
  friend bool operator==(const Slow&, const Slow&) = default;
};

// How the series of two tracks are told apart where they name no pod, such as a gateway's by
// backend: matchers (service=~"shop-web-canary-.+"), in which {{namespace}} and {{service}} stand
// for the workloads' namespace and the track's Services behind the route.
struct TrackMatchers {
  std::string canary, stable;
  friend bool operator==(const TrackMatchers&, const TrackMatchers&) = default;
};

// What is measured: exactly one of bad and total, slow, gauge, query. A template fills these in
// (core/rollout_templates.h).
struct Metric {
  std::string name;
  std::string bad;  // PromQL vector selector of counters; namespace and pods are added
  std::string total;
  double max = kNoMax;    // share, 0 to 1: the classic metric, a share and a bound
  int failure_limit = 0;  // fails when failed intervals exceed it, counted over the whole step
  std::optional<Compare> compare = {};
  std::optional<Slow> slow = {};
  std::optional<TrackMatchers> tracks = {};  // of bad and total
  std::string gauge = {};  // PromQL vector selector of gauges by pod, of which less is better
  // PromQL that gives one number; {{namespace}}, {{canaryPods}} and {{stablePods}} are filled in.
  std::string query = {};
  std::optional<double> limit = {};  // the `max` of gauge and query, a number
  double weight = 1;  // among the metrics that compare: of what their e-values count together
  friend bool operator==(const Metric&, const Metric&) = default;

  static constexpr double kNoMax = -1;
};

// What to do when there is no verdict for so long.
struct Policy {
  enum class Action { kPause, kRollback, kContinue };
  Duration after{0};
  Action action = Action::kPause;
  friend bool operator==(const Policy&, const Policy&) = default;
};
std::string_view Show(Policy::Action action);  // "pause", "rollback", "continue"

struct Analysis {
  std::string prometheus;                       // address; "" for the daemon's default
  std::string prometheus_secret;                // in the Rollout's namespace; "" for none
  Duration timeout = std::chrono::seconds(10);  // of one query
  std::string pod_label = "pod";
  std::string namespace_label = "namespace";
  Duration interval = std::chrono::seconds(15);
  std::vector<Metric> metrics;
  int64_t min_requests = 100;
  // Of a compared metric: that no harm was found, or that it is proved to be within the tolerance.
  enum class Require { kNoHarm, kNonInferiority } require = Require::kNoHarm;
  Policy on_hold{std::chrono::minutes(30), Policy::Action::kPause};
  Policy on_unknown{std::chrono::minutes(10), Policy::Action::kPause};
  friend bool operator==(const Analysis&, const Analysis&) = default;
};

// Errors go to the reading of `fields`.
Analysis ReadAnalysis(Fields fields);

// "100", "0.5", "1.5Gi", "500M": a number with the suffixes of Kubernetes' quantities.
std::optional<double> ParseAmount(std::string_view text);

}  // namespace headgate::core
