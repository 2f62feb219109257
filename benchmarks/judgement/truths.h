#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "rollout/analysis/interval.h"

namespace headgate::benchmarks {

inline constexpr int kMinutes = 60;
inline constexpr int kPerMinute = 4;  // scrapes, one each 15 s
inline constexpr int kStablePods = 10;
inline constexpr double kStableShare = 0.01;

// How a canary pod beside ten stable pods really fares, for an hour.
struct Truth {
  std::string name;
  double canary = kStableShare;  // its share of bad requests
  double correlation = 0;        // of two requests of one pod in one interval
  // Requests slower than the p99 of stable are the bad ones: times are lognormal, of this deviation
  // of their logarithms, and the canary's are so many times as long. 0: errors, by `canary`.
  double deviation = 0;
  double slower = 1;
  double shock = 0;         // chance that an interval has 20 times the errors, in all pods
  bool day = false;         // traffic and errors swing, against each other
  double uneven = 0;        // lognormal deviation of the pods' shares, for the whole hour
  double exposure = 5;      // a stable pod's requests in those of the canary's pod
  bool idle = false;        // one stable pod gets next to nothing
  bool slow_start = false;  // the canary's traffic grows for ten minutes
  double restarts =
      0;            // chance a pod and interval of a restart: what was counted before it is lost
  double lost = 0;  // chance of a lost scrape, a pod; the next one has both intervals
};

// What a row of the table asks. kBound: detection within twice the bound.
enum class Wanted { kHealthy, kUneven, kDetect, kBound, kShown };
struct Row {
  Truth truth;
  double per_minute = 0;  // canary requests
  Wanted wanted = Wanted::kShown;
};
std::vector<Row> Rows();

// The canary's true share of bad requests.
double ShareOf(const Truth& truth);

// One hour of it. Pod 0 is the canary.
std::vector<rollout::analysis::Interval> HourOf(const Truth& truth, double per_minute,
                                                std::mt19937_64* random);

}  // namespace headgate::benchmarks
