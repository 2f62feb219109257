#include "rollout/simulation/chance.h"

#include <algorithm>
#include <cmath>

namespace headgate::rollout::simulation {
namespace {

constexpr double kExactMax = 30;  // mean up to which numbers are drawn exactly
constexpr double kPi = 3.14159265358979323846;

}  // namespace

uint64_t Chance::Next() {
  state_ += 0x9E3779B97F4A7C15;
  uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

double Chance::Uniform() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }

double Chance::Normal() {
  const double u = 1 - Uniform();  // not 0
  return std::sqrt(-2 * std::log(u)) * std::cos(2 * kPi * Uniform());
}

int64_t Chance::Poisson(double mean) {
  if (mean <= 0) return 0;
  if (mean > kExactMax)
    return std::max<int64_t>(0, std::llround(mean + std::sqrt(mean) * Normal()));
  const double u = Uniform();
  double term = std::exp(-mean);
  double sum = term;
  int64_t n = 0;
  while (u > sum && n < 1000) {
    ++n;
    term *= mean / static_cast<double>(n);
    sum += term;
  }
  return n;
}

int64_t Chance::Binomial(int64_t n, double share) {
  if (n <= 0 || share <= 0) return 0;
  if (share >= 1) return n;
  if (share > 0.5) return n - Binomial(n, 1 - share);
  const double mean = static_cast<double>(n) * share;
  if (mean > kExactMax) {
    const double drawn = mean + std::sqrt(mean * (1 - share)) * Normal();
    return std::clamp<int64_t>(std::llround(drawn), 0, n);
  }
  const double log_miss = std::log1p(-share);
  int64_t hits = 0;
  double at = 0;
  while (true) {
    at += std::floor(std::log(1 - Uniform()) / log_miss) + 1;
    if (at > static_cast<double>(n)) return hits;
    ++hits;
  }
}

}  // namespace headgate::rollout::simulation
