#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "rollout/analysis/bet.h"
#include "rollout/analysis/draw.h"
#include "rollout/analysis/interval.h"
#include "rollout/analysis/past.h"

namespace headgate::rollout::analysis {

// What a canary may be worse: up to `times` stable's share of bad requests or `points` above it,
// whichever is more.
struct Tolerance {
  double times = 1;   // at least 1
  double points = 0;  // a share, 0 to 1
};

// Compares the canary's pods of one workload with their peers, interval by interval
// (docs/judgement.md). Peers are the baseline's pods where there are any, else stable's.
//
// Each interval every pod is thinned to the same number of requests (hypergeometric; pods with
// fewer are left out; the number depends on requests only, never on errors), kThinnings times.
// For "at most T times as many" the canary's bad ones are kept with the chance 1/T, which makes a
// canary just at the bound a peer; for "at most D points more" each request of a peer is made bad
// with the chance D. Harm is proved when both are refuted; that the canary is no worse than the
// tolerance, when one of the reverse bets pays.
class Comparison {
 public:
  // What is used within one Add only; many comparisons share one.
  struct Scratch {
    Bet::Scratch bet;
    std::vector<Thinned> thinned, changed;
    std::vector<Draw> draws;  // of the pods of the interval, in thinned order
    std::unique_ptr<Binomial> marks;
    std::vector<PodCount> canary, reference;
  };

  // `seed` from the run's identity.
  Comparison(Tolerance tolerance, uint64_t seed, bool prove_no_worse);

  void Add(const Interval& interval, Scratch* scratch);

  Wealth Harm() const;
  Wealth NoWorse() const;
  // How many shares the canary is above what is tolerated, and what pods of one kind are seen to
  // differ by: harm is believed where the first is more than chance among such pods gives.
  bool BeyondUnevenness() const;
  double Dispersion() const;  // by how much bursts widen the spread of an interval's counts; >= 1
  double Unevenness() const;  // relative to the share of the reference; 0: none seen

  int64_t compared_requests() const { return compared_; }  // of the canary
  int intervals() const { return intervals_; }             // with something to compare

 private:
  struct Hypothesis {
    enum class Kind { kTimes, kPoints } kind;
    Bet worse{kWorse};
    Bet better{kBetter};
  };
  void Thin(int64_t at_ms, int64_t requests, Scratch* scratch) const;
  void Play(Hypothesis* hypothesis, int64_t requests, Scratch* scratch);
  void Tally(const Scratch& scratch);

  Tolerance tolerance_;
  uint64_t seed_;
  bool prove_no_worse_;
  std::vector<Hypothesis> hypotheses_;
  Past past_;
  analysis::Unevenness unevenness_;
  double bad_ = 0, expected_ = 0, requests_ = 0;  // of the canary, against its peers
  double reference_bad_ = 0, reference_requests_ = 0;
  size_t canaries_ = 0;  // most at once
  int64_t compared_ = 0;
  int intervals_ = 0;
};

inline constexpr int kThinnings = 8;  // of an interval; fewer of very large ones
inline constexpr int64_t kThinnedMax =
    65536;  // requests of one pod and interval that are looked at

}  // namespace headgate::rollout::analysis
