#include "judgement/peers.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "judgement/truths.h"
#include "rollout/analysis/draw.h"
#include "rollout/analysis/log_gamma.h"

namespace headgate::benchmarks {
namespace {

using rollout::analysis::Draw;
using rollout::analysis::DrawKept;
using rollout::analysis::Interval;
using rollout::analysis::LogGamma;
using rollout::analysis::PodCount;
using rollout::analysis::Track;

constexpr std::array kRates = {1.3, 1.6, 2.0, 3.0, 5.0, 10.0, 30.0};
const double kLogAlpha = std::log(100);

struct Totals {
  double bad = 0, requests = 0;
  double Share() const { return requests > 0 ? bad / requests : 0; }
};
Totals TotalsOf(const Interval& interval, Track track) {
  Totals totals;
  for (const PodCount& pod : interval.pods) {
    if (pod.track != track) continue;
    totals.bad += static_cast<double>(pod.bad);
    totals.requests += static_cast<double>(pod.total);
  }
  return totals;
}

std::vector<Totals> MinutesOf(const Hour& hour, Track track) {
  std::vector<Totals> minutes(hour.size() / kPerMinute);
  for (size_t t = 0; t < hour.size(); ++t) {
    const Totals now = TotalsOf(hour[t], track);
    minutes[t / kPerMinute].bad += now.bad;
    minutes[t / kPerMinute].requests += now.requests;
  }
  return minutes;
}

double LogMean(const std::array<double, kRates.size()>& logs) {
  const double most = *std::max_element(logs.begin(), logs.end());
  double sum = 0;
  for (double log : logs) sum += std::exp(log - most);
  return most + std::log(sum / static_cast<double>(logs.size()));
}

double LogBetaBinomial(double x, double n, double p, double rho) {
  const double s = (1 - rho) / rho;
  return LogGamma(x + p * s) + LogGamma(n - x + (1 - p) * s) - LogGamma(p * s) -
         LogGamma((1 - p) * s);
}

// What `fitted` remembers of stable.
struct Seen {
  double bad = 0, requests = 0, excess = 0, weight = 0;
  double Share() const { return std::clamp((bad + 0.5) / (requests + 50), 1e-5, 0.9); }
  double Rho() const { return std::clamp((excess + 1e-3) / (weight + 0.1), 1e-4, 0.6); }
  void Add(const std::vector<int64_t>& x, int64_t m) {
    const double k = static_cast<double>(x.size()) - 1;
    double sum = 0;
    for (size_t j = 1; j < x.size(); ++j) sum += static_cast<double>(x[j]);
    const double mean = sum / k;
    double spread = 0;
    for (size_t j = 1; j < x.size(); ++j)
      spread += (static_cast<double>(x[j]) - mean) * (static_cast<double>(x[j]) - mean) / (k - 1);
    const double independent = mean * (1 - mean / static_cast<double>(m));
    bad += sum;
    requests += static_cast<double>(m) * k;
    excess += spread - independent;
    weight += independent * static_cast<double>(std::max<int64_t>(m - 1, 0));
  }
};

}  // namespace

int Threshold(const Hour& hour, int failure_limit) {
  int failures = 0;
  const std::vector<Totals> minutes = MinutesOf(hour, Track::kCanary);
  for (size_t i = 0; i < minutes.size(); ++i) {
    failures += minutes[i].Share() > 0.05;
    if (failures > failure_limit) return static_cast<int>(i + 1) * kPerMinute;
  }
  return 0;
}

int UTest(const Hour& hour) {
  const std::vector<Totals> canary = MinutesOf(hour, Track::kCanary);
  const std::vector<Totals> stable = MinutesOf(hour, Track::kStable);
  for (size_t end = 5; end <= canary.size(); end += 5) {
    double u = 0;
    for (size_t i = end - 5; i < end; ++i) {
      for (size_t j = end - 5; j < end; ++j) {
        const double x = canary[i].Share();
        const double y = stable[j].Share();
        u += x > y ? 1 : x < y ? 0 : 0.5;
      }
    }
    if ((u - 12.5 - 0.5) / std::sqrt(5 * 5 * 11 / 12.0) > 1.645)
      return static_cast<int>(end) * kPerMinute;
  }
  return 0;
}

int Binomial(const Hour& hour) {
  std::array<double, kRates.size()> logs{};
  for (size_t t = 0; t < hour.size(); ++t) {
    const Totals canary = TotalsOf(hour[t], Track::kCanary);
    const Totals stable = TotalsOf(hour[t], Track::kStable);
    if (canary.requests <= 0 || stable.requests <= 0) continue;
    const double q0 = canary.requests / (canary.requests + stable.requests);
    for (size_t i = 0; i < kRates.size(); ++i) {
      const double q =
          kRates[i] * canary.requests / (kRates[i] * canary.requests + stable.requests);
      logs[i] += canary.bad * std::log(q / q0) + stable.bad * std::log((1 - q) / (1 - q0));
    }
    if (LogMean(logs) > kLogAlpha) return static_cast<int>(t + 1);
  }
  return 0;
}

int Fitted(const Hour& hour, uint64_t seed) {
  std::array<double, kRates.size()> logs{};
  Draw draw(seed);
  Seen seen;
  for (size_t t = 0; t < hour.size(); ++t) {
    const std::vector<PodCount>& pods = hour[t].pods;
    if (pods.size() < 4 || pods.front().track != Track::kCanary) continue;
    int64_t m = pods.front().total;
    for (const PodCount& pod : pods) m = std::min(m, pod.total);
    if (m <= 0) continue;
    std::vector<int64_t> x;
    for (const PodCount& pod : pods) x.push_back(DrawKept(&draw, pod.bad, pod.total, m));
    const double p = seen.Share();
    const double rho = seen.Rho();
    for (size_t i = 0; i < kRates.size() && *std::max_element(x.begin(), x.end()) > 0; ++i) {
      const auto n = static_cast<double>(m);
      const double worse = std::clamp(kRates[i] * p, 0.0, 0.95);
      const auto g = [&](int64_t bad) {
        const auto b = static_cast<double>(bad);
        return LogBetaBinomial(b, n, worse, rho) - LogBetaBinomial(b, n, p, rho);
      };
      double sum = 0;
      const double nothing = g(0);
      for (int64_t each : x) sum += each == 0 ? 1 : std::exp(g(each) - nothing);
      logs[i] +=
          (x[0] == 0 ? 0 : g(x[0]) - nothing) - std::log(sum / static_cast<double>(x.size()));
    }
    seen.Add(x, m);
    if (LogMean(logs) > kLogAlpha) return static_cast<int>(t + 1);
  }
  return 0;
}

}  // namespace headgate::benchmarks
