#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/position.h"
#include "core/rollout_spec.h"
#include "rollout/analysis/judge.h"
#include "rollout/analysis/series.h"

namespace headgate::rollout::analysis {

// Evidence older than this is not looked at; it bounds what is asked of the provider.
inline constexpr core::Duration kWindowMax = std::chrono::hours(6);
// So much is asked for before the window, to find what each counter said when it opened.
inline constexpr core::Duration kLookBack = std::chrono::minutes(5);

struct Window {
  core::Time open{};           // requests are counted from here
  core::Time observed_from{};  // the step's clock counts from here
  core::Time now{};
  std::string identity;  // of the rollout: its candidate; all chance comes from it
  int windows = 1;       // that the whole rollout opens: they share the error it may make
};

struct Pod {
  std::string name;
  std::optional<core::Time> started;
  std::string workload = {};  // pods are compared within one
  int deaths = 0;             // since the window opened: restarts, and a readiness that was lost
};
struct Tracks {
  std::vector<Pod> canary;  // every pod of the present candidate that was ever seen
  std::vector<Pod> stable;  // those that are there now
};

struct Judgement {
  core::Verdict verdict =
      core::Verdict::kHold;  // of all metrics: fail, else unknown, else hold, else pass
  // One a metric, in the spec's order; then, where the canary's pods died, one of them ("pods").
  std::vector<core::Evidence> evidence;
  core::Duration observed{
      0};  // covered by scrapes of canary pods since observed_from, by every metric
  // Both tracks got worse since the window opened: why. Take the weight away and ask a person.
  std::string both_worse = {};
  double observed_weight =
      -1;  // percent of both tracks' requests that the canary got; < 0: not known
};

// Judges the candidate's counters within the window. Deterministic: computed anew from raw samples
// each time, so that a restart changes nothing. Without metrics: pass, nothing observed.
Judgement Evaluate(const core::Analysis& analysis, const Window& window, const Tracks& tracks,
                   const std::vector<MetricAnswers>& answers);

}  // namespace headgate::rollout::analysis
