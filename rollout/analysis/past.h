#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "rollout/analysis/interval.h"

namespace headgate::rollout::analysis {

// A beta-binomial: the share of bad requests, and the correlation of two requests of one pod in
// one interval (0: independent; more: they come in bursts).
struct Fit {
  double share = 0.01;
  double correlation = 0.01;
};

inline constexpr double kCorrelationMin = 1e-4;
inline constexpr double kCorrelationMax = 0.6;

// What the reference pods did so far. Estimates by moments (Williams, "Extra-binomial variation in
// logistic linear models", 1982), each interval about its own mean: what hits all pods at once is
// no burst. A bad fit costs power, never validity.
class Past {
 public:
  void Add(const std::vector<PodCount>& reference);
  Fit Fitted() const;

 private:
  double bad_ = 0.5, requests_ = 50;  // half an error of fifty requests, before any is seen
  double excess_ = 1e-3, excess_weight_ = 0.1;  // correlation = excess / weight
};

// How much pods of one kind differ from each other for good (a bad node, uneven shards): the one
// thing that makes pods no fair peers. A pod's deviations from its interval's mean, d_t, add up to
// nothing but chance where there is no such difference, so (sum d_t)^2 - sum d_t^2 estimates its
// square (the products of different intervals).
class Unevenness {
 public:
  void Add(const std::vector<PodCount>& reference);
  // Standard deviation of the pods' shares, in share points.
  double Deviation() const;
  size_t pods() const { return pods_.size(); }

 private:
  struct Pod {
    double sum = 0, squares = 0, requests = 0;
  };
  std::map<std::string, Pod, std::less<>> pods_;
};

inline constexpr size_t kPodsRemembered = 1000;

}  // namespace headgate::rollout::analysis
