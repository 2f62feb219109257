#pragma once

#include <cmath>

namespace headgate::rollout::analysis {

// Stirling's series, shifted to where it holds. For x > 0.
inline double LogGamma(double x) {
  double shifted = 1;
  while (x < 8) shifted *= x++;
  const double y = 1 / (x * x);
  const double series = (1.0 / 12 - y * (1.0 / 360 - y * (1.0 / 1260 - y / 1680))) / x;
  return (x - 0.5) * std::log(x) - x + 0.9189385332046727 + series - std::log(shifted);
}

}  // namespace headgate::rollout::analysis
