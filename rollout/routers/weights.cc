#include "rollout/routers/weights.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "rollout/compose.h"

namespace headgate::rollout::routers {

Proportions::Proportions(const std::vector<int64_t>& authors, int64_t weight_max) {
  int64_t divisor = 0;
  int64_t largest = 0;
  for (const int64_t weight : authors) {
    divisor = std::gcd(divisor, weight);
    largest = std::max(largest, weight);
  }
  divisor_ = std::max<int64_t>(divisor, 1);
  const double most = static_cast<double>(largest / divisor_) * 100;
  if (most > static_cast<double>(weight_max)) factor_ = static_cast<double>(weight_max) / most;
}

int64_t Proportions::Of(int64_t authors, int percent) const {
  const double exact = static_cast<double>(authors / divisor_) * percent;
  if (exact == 0 || factor_ >= 1) return static_cast<int64_t>(exact);
  return std::max<int64_t>(1, std::llround(exact * factor_));
}

void Shares::AddRule(const std::vector<std::pair<std::string, int64_t>>& backends) {
  double canary = 0;
  double both = 0;
  bool found = false;
  for (const auto& [name, weight] : backends) {
    const std::string variant = CanaryName(name);
    const std::string baseline = BaselineName(name);
    for (const auto& [other, others] : backends) {
      if (other == baseline) both += static_cast<double>(others);
      if (other != variant) continue;
      found = true;
      canary += static_cast<double>(others);
      both += static_cast<double>(weight) + static_cast<double>(others);
    }
  }
  if (!found) return;
  const int percent = canary == 0 ? 0 : static_cast<int>(std::lround(100 * canary / both));
  if (percent_ && *percent_ != percent) uneven_ = true;
  percent_ = percent;
}

int Shares::Percent() const { return uneven_ ? -1 : percent_.value_or(0); }

std::string AsRegex(const core::HeaderMatch& match) {
  if (match.how == core::HeaderMatch::How::kRegex) return match.value;
  std::string quoted;
  for (const char c : match.value) {
    if (std::string_view(R"(\.+*?()|[]{}^$)").find(c) != std::string_view::npos) quoted += '\\';
    quoted += c;
  }
  return "^" + quoted + (match.how == core::HeaderMatch::How::kPrefix ? ".*$" : "$");
}

}  // namespace headgate::rollout::routers
