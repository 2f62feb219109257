#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/position.h"
#include "core/rollout_analysis.h"
#include "rollout/analysis/bounds.h"
#include "rollout/analysis/comparison.h"
#include "rollout/analysis/interval.h"
#include "rollout/analysis/tempered.h"

namespace headgate::rollout::analysis {

// One metric's verdict on a candidate, interval by interval. Deterministic: the same intervals and
// identity give the same verdict, bit for bit.
class Judge {
 public:
  // `identity` names the run; all chance comes from it. `windows`: how many evidence windows the
  // whole rollout has, each with a Judge of its own: they share the error that the metric's
  // confidence leaves. `share`: of that error, this metric's among those that compare; a proof that
  // the candidate is no worse needs no share. The rules outlive it.
  Judge(const core::Metric& metric, const core::Analysis& analysis, std::string_view identity,
        int windows = 1, double share = 1);

  void Add(const Interval& interval, Comparison::Scratch* scratch);

  // What is counted so far of an interval that is not over: it counts as requests, and may set off
  // the guard. Nothing is added after it.
  void Peek(const Interval& interval);

  // As `rollout status` shows it. Fails at the first interval where harm is proved, and for good.
  core::Evidence Now() const;
  core::Verdict verdict() const;
  int64_t requests(Track track) const {
    return track == Track::kCanary ? all_.canary.requests : all_.stable.requests;
  }

  // The e-value against "no harm": 1 / alpha and more prove it. For a metric that only has a `max`:
  // against "the share is at most that", for people.
  double EValue() const;
  // EValue by what would prove harm. The sum over metrics that share an error is an e-process by
  // its threshold again (a weighted mean of e-values: Vovk & Wang 2021); 0 where the metric only
  // has a `max`, or pods of one kind differ as much.
  double HarmShown() const;
  std::string Measured() const;  // "errors 3.1 %, stable's 1 % (n=412)"
  // Ends it as failed, by what several metrics show together.
  void Fail(std::string why);
  double NoWorse() const;  // the reverse, where nonInferiority is required; else 0
  // Within which the canary's share lies with the metric's confidence, at all times at once:
  // compared: as a multiple of its peers'; else in percent.
  Bounds ShownBounds() const;

 private:
  struct Counts {
    int64_t bad = 0, requests = 0;
    double Share() const {
      return requests == 0 ? 0 : static_cast<double>(bad) / static_cast<double>(requests);
    }
  };
  struct Both {
    Counts canary, stable;
  };
  struct Workload {
    Comparison pods;
    Tempered totals;
  };
  void Count(const Interval& interval);
  void CountFailures();
  void Compare(const Interval& interval, Comparison::Scratch* scratch);
  std::string Harm() const;                  // what proves harm; "" where nothing does
  std::string Guard() const;                 // what the catastrophe guard says; ""
  double Bound(const Counts& stable) const;  // the share that is tolerated
  core::Verdict Settle(std::string* why) const;

  const core::Metric& metric_;
  const core::Analysis& analysis_;
  uint64_t seed_;
  double threshold_;  // 1 / alpha, of harm
  double proof_;      // of no harm
  std::map<std::string, Workload, std::less<>> workloads_;
  Both all_;
  Both last_, before_last_;  // of intervals with requests of the canary
  Counts gathered_;          // of the canary, until there are enough for an interval
  int failures_ = 0;
  bool only_totals_ = false;
  std::string failed_;  // why; kept once it is said
};

inline constexpr int64_t kIntervalRequestsMin = 20;  // fewer are judged with the next interval
// The guard: so much of so many requests is harm at once, unless stable fares nearly as badly.
inline constexpr double kGuardShare = 0.5;
inline constexpr int64_t kGuardRequests = 20;
inline constexpr double kGuardStable = 0.5;  // of the canary's share

// "24.8 %", "10 %", "0.05 %".
std::string ShowShare(double share);

}  // namespace headgate::rollout::analysis
