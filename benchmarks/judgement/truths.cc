#include "judgement/truths.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace headgate::benchmarks {
namespace {

using rollout::analysis::Interval;
using rollout::analysis::PodCount;
using rollout::analysis::Track;

constexpr int kIntervals = kMinutes * kPerMinute;

// Bad ones among n requests; beta-binomial where they are correlated.
int64_t DrawBad(std::mt19937_64* random, int64_t n, double p, double correlation) {
  p = std::clamp(p, 0.0, 1.0);
  if (correlation > 0 && p > 0 && p < 1) {
    const double s = (1 - correlation) / correlation;
    const double a = std::gamma_distribution<double>(p * s)(*random);
    const double b = std::gamma_distribution<double>((1 - p) * s)(*random);
    p = a + b > 0 ? a / (a + b) : 0;
  }
  return std::binomial_distribution<int64_t>(n, p)(*random);
}

double Chance(std::mt19937_64* random) { return std::uniform_real_distribution<>()(*random); }

constexpr double kNormal99 = 2.3263478740408408;  // of which 1 % of a normal distribution is more

// What a pod's counters lack and keep: a restart forgets, a lost scrape comes later.
void Scrape(const Truth& truth, std::mt19937_64* random, PodCount* now, PodCount* kept) {
  if (truth.restarts > 0 && Chance(random) < truth.restarts) {
    const double rest = Chance(random);
    const auto bad = std::binomial_distribution<int64_t>(now->bad, rest)(*random);
    now->total = bad + std::binomial_distribution<int64_t>(now->total - now->bad, rest)(*random);
    now->bad = bad;
    kept->bad = kept->total = 0;
  }
  now->bad += kept->bad;
  now->total += kept->total;
  kept->bad = kept->total = 0;
  if (truth.lost > 0 && Chance(random) < truth.lost) {
    std::swap(now->bad, kept->bad);
    std::swap(now->total, kept->total);
  }
}

int64_t RequestsOf(const Truth& truth, double n, size_t pod, int interval,
                   std::mt19937_64* random) {
  if (pod == 0) {
    const double ramp = truth.slow_start ? std::min(1.0, (interval + 1) / 40.0) : 1;
    return std::max<int64_t>(1, std::llround(n * ramp));
  }
  if (truth.idle && pod == 1) return Chance(random) < 0.2 ? 1 : 0;
  const auto whole = std::max<int64_t>(1, std::llround(n));
  return std::max<int64_t>(1, std::llround(static_cast<double>(whole) * truth.exposure));
}

}  // namespace

double ShareOf(const Truth& truth) {
  if (truth.deviation <= 0) return truth.canary;
  const double beyond = kNormal99 - std::log(truth.slower) / truth.deviation;
  return std::erfc(beyond / std::numbers::sqrt2) / 2;
}

std::vector<Interval> HourOf(const Truth& truth, double per_minute, std::mt19937_64* random) {
  std::vector<double> of_pod(1 + kStablePods, 1);
  if (truth.uneven > 0) {
    const double variance = std::log1p(truth.uneven * truth.uneven);
    std::lognormal_distribution<double> draw(-variance / 2, std::sqrt(variance));
    for (double& each : of_pod) each = draw(*random);
  }
  const double canary = ShareOf(truth);
  std::vector<Interval> hour;
  std::vector<PodCount> kept(of_pod.size());
  for (int t = 0; t < kIntervals; ++t) {
    const double turn = 4 * std::numbers::pi * t / (kIntervals - 1);
    const double traffic = truth.day ? 1 + 0.8 * std::sin(turn) : 1;
    const double errors = (truth.day ? 1 - 0.8 * std::sin(turn) : 1) *
                          (truth.shock > 0 && Chance(random) < truth.shock ? 20 : 1);
    const double n = std::max(1.0, per_minute / kPerMinute) * traffic;
    Interval interval{int64_t{15000} * (t + 1), {}};
    for (size_t pod = 0; pod < of_pod.size(); ++pod) {
      const double share = (pod == 0 ? canary : kStableShare) * errors * of_pod[pod];
      PodCount count;
      count.pod = (pod == 0 ? "web-canary-" : "web-") + std::to_string(pod);
      count.track = pod == 0 ? Track::kCanary : Track::kStable;
      count.total = RequestsOf(truth, n, pod, t, random);
      count.bad = DrawBad(random, count.total, share, truth.correlation);
      Scrape(truth, random, &count, &kept[pod]);
      if (count.total > 0 || truth.lost == 0) interval.pods.push_back(std::move(count));
    }
    hour.push_back(std::move(interval));
  }
  return hour;
}

std::vector<Row> Rows() {
  const std::vector<Truth> healthy = {
      {.name = "healthy"},
      {.name = "healthy, bursts rho=0.02", .correlation = 0.02},
      {.name = "healthy, bursts rho=0.1", .correlation = 0.1},
      {.name = "healthy, common shocks", .shock = 0.1},
      {.name = "healthy, night and day", .day = true},
      {.name = "healthy, canary busier x2", .exposure = 0.5},
      {.name = "healthy, canary busier x10", .exposure = 0.1},
      {.name = "healthy, an idle stable pod", .idle = true},
      {.name = "healthy, slow start", .slow_start = true},
      {.name = "healthy, counter resets", .restarts = 0.02},
      {.name = "healthy, 20 % scrapes lost", .lost = 0.2},
      {.name = "equal latency", .deviation = 1},
      {.name = "equal latency, slow bursts", .correlation = 0.1, .deviation = 1},
      {.name = "healthy, uneven pods 30 %", .uneven = 0.3},
  };
  const std::vector<Truth> bad = {
      {.name = "3 % errors", .canary = 0.03},
      {.name = "3 %, bursts rho=0.02", .canary = 0.03, .correlation = 0.02},
      {.name = "3 %, bursts rho=0.1", .canary = 0.03, .correlation = 0.1},
      {.name = "2 % errors", .canary = 0.02},
      {.name = "25 % errors", .canary = 0.25},
      {.name = "3 %, canary busier x10", .canary = 0.03, .exposure = 0.1},
      {.name = "p99 doubled, deviation 1", .deviation = 1, .slower = 2},
      {.name = "p99 doubled, deviation 0.5", .deviation = 0.5, .slower = 2},
      {.name = "at the margin, 1.5 %", .canary = 0.015},
      {.name = "at the margin, rho=0.1", .canary = 0.015, .correlation = 0.1},
  };
  const auto wanted = [](const Truth& truth, double rate) {
    const bool three = truth.canary == 0.03 && truth.exposure > 1 && rate >= 100;
    const bool two = truth.canary == 0.02 && rate >= 1000;
    const bool quarter = truth.canary == 0.25 && rate <= 12;
    const bool slower = truth.slower > 1 && rate >= 100;
    if (slower) return Wanted::kBound;
    return three || two || quarter ? Wanted::kDetect : Wanted::kShown;
  };
  std::vector<Row> rows;
  for (const Truth& truth : healthy) {
    for (double rate : {12, 100, 1000})
      rows.push_back({truth, rate, truth.uneven > 0 ? Wanted::kUneven : Wanted::kHealthy});
  }
  for (const Truth& truth : bad) {
    for (double rate : {12, 100, 1000}) rows.push_back({truth, rate, wanted(truth, rate)});
  }
  return rows;
}

}  // namespace headgate::benchmarks
