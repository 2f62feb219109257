#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/rollout_spec.h"

namespace headgate::rollout::routers {

// The author's weights by their greatest common divisor, times 100, so that a percentage of each is
// a whole number; rounded where that is more than the API takes.
class Proportions {
 public:
  Proportions(const std::vector<int64_t>& authors, int64_t weight_max);
  int64_t Of(int64_t authors, int percent) const;

 private:
  int64_t divisor_ = 1;
  double factor_ = 1;
};

// What live rules give to variants, of what goes to them and to what they are variants of.
class Shares {
 public:
  // One rule: pairs of a backend's name and its weight.
  void AddRule(const std::vector<std::pair<std::string, int64_t>>& backends);
  int Percent() const;  // of all rules; -1 where they differ, 0 where none names a variant

 private:
  std::optional<int> percent_;
  bool uneven_ = false;
};

// A header's match as a regular expression that fits the whole value.
std::string AsRegex(const core::HeaderMatch& match);

}  // namespace headgate::rollout::routers
