#include <algorithm>
#include <cstdint>
#include <set>

#include "rollout/gated.h"

namespace headgate::rollout {
namespace {

template <class T>
bool Holds(const std::vector<T>& all, const std::vector<T>& part) {
  return std::all_of(part.begin(), part.end(), [&](const T& item) {
    return std::find(all.begin(), all.end(), item) != all.end();
  });
}

// What a candidate has gone through before it meets more than a weight.
struct Passed {
  core::Duration analyzed{0};
  core::Duration paused{0};
  int approvals = 0;              // approve, and pauses without an end or until a time
  std::vector<core::Step> asked;  // gates, jobs and baselines
};

Passed PassedBefore(const core::RolloutSpec& spec, int more_than_percent) {
  Passed passed;
  for (const core::Step& step : spec.steps) {
    if (const auto* weight = std::get_if<core::SetWeight>(&step)) {
      if (weight->percent > more_than_percent) break;
    } else if (const auto* analyze = std::get_if<core::Analyze>(&step)) {
      passed.analyzed += analyze->duration;
    } else if (const auto* pause = std::get_if<core::Pause>(&step); pause && pause->duration) {
      passed.paused += *pause->duration;
    } else if (std::holds_alternative<core::Approve>(step) ||
               std::holds_alternative<core::Pause>(step)) {
      ++passed.approvals;
    } else if (std::holds_alternative<core::Gate>(step) ||
               std::holds_alternative<core::Job>(step) ||
               std::holds_alternative<core::SetBaseline>(step)) {
      passed.asked.push_back(step);
    }
  }
  return passed;
}

// The largest weight that a candidate meets before the promotion.
std::set<int> WeightsOf(const core::RolloutSpec& spec) {
  std::set<int> weights{0};
  for (const core::Step& step : spec.steps) {
    if (const auto* weight = std::get_if<core::SetWeight>(&step)) weights.insert(weight->percent);
  }
  return weights;
}

bool StepsAsStrict(const core::RolloutSpec& candidate, const core::RolloutSpec& stable) {
  std::set<int> weights = WeightsOf(candidate);
  weights.merge(WeightsOf(stable));
  weights.insert(100);
  return std::all_of(weights.begin(), weights.end(), [&](int weight) {
    const Passed ours = PassedBefore(candidate, weight);
    const Passed theirs = PassedBefore(stable, weight);
    return ours.analyzed >= theirs.analyzed && ours.paused >= theirs.paused &&
           ours.approvals >= theirs.approvals && Holds(ours.asked, theirs.asked);
  });
}

// Every weight at which stable's candidates are watched has its like: no leap is larger.
bool LeapsNoFurther(const core::RolloutSpec& candidate, const core::RolloutSpec& stable) {
  for (int weight : WeightsOf(candidate)) {
    const std::set<int> theirs = WeightsOf(stable);
    const std::set<int> ours = WeightsOf(candidate);
    const auto next_ours = ours.upper_bound(weight);
    const auto next_theirs = theirs.upper_bound(weight);
    const int to = next_ours == ours.end() ? 100 : *next_ours;
    const int at_most = next_theirs == theirs.end() ? 100 : *next_theirs;
    if (to > at_most) return false;
  }
  return true;
}

bool AsStrict(const std::optional<core::Compare>& candidate,
              const std::optional<core::Compare>& stable) {
  if (!stable) return true;
  return candidate && candidate->times <= stable->times && candidate->points <= stable->points &&
         candidate->confidence <= stable->confidence;  // rolls back on less
}

bool MeasuresTheSame(const core::Metric& a, const core::Metric& b) {
  return a.name == b.name && a.bad == b.bad && a.total == b.total && a.slow == b.slow &&
         a.tracks == b.tracks && a.gauge == b.gauge && a.query == b.query && a.weight == b.weight;
}

bool AsStrict(const core::Metric& candidate, const core::Metric& stable) {
  const bool max = stable.max == core::Metric::kNoMax ||
                   (candidate.max != core::Metric::kNoMax && candidate.max <= stable.max);
  const bool limit = !stable.limit || (candidate.limit && *candidate.limit <= *stable.limit);
  return MeasuresTheSame(candidate, stable) && max && limit &&
         AsStrict(candidate.compare, stable.compare) &&
         candidate.failure_limit <= stable.failure_limit;
}

bool AsStrict(const core::Policy& candidate, const core::Policy& stable) {
  const bool action = candidate.action == stable.action ||
                      candidate.action == core::Policy::Action::kRollback ||
                      stable.action == core::Policy::Action::kContinue;
  if (!action) return false;
  // To go on by itself later is stricter; to stop earlier is.
  return candidate.action == core::Policy::Action::kContinue ? candidate.after >= stable.after
                                                             : candidate.after <= stable.after;
}

bool AsStrict(const core::Analysis& candidate, const core::Analysis& stable) {
  const bool metrics =
      std::all_of(stable.metrics.begin(), stable.metrics.end(), [&](const core::Metric& theirs) {
        return std::any_of(candidate.metrics.begin(), candidate.metrics.end(),
                           [&](const core::Metric& ours) { return AsStrict(ours, theirs); });
      });
  return metrics && candidate.prometheus == stable.prometheus &&
         candidate.prometheus_secret == stable.prometheus_secret &&
         candidate.pod_label == stable.pod_label &&
         candidate.namespace_label == stable.namespace_label &&
         candidate.interval <= stable.interval && candidate.min_requests >= stable.min_requests &&
         candidate.require >= stable.require && AsStrict(candidate.on_hold, stable.on_hold) &&
         AsStrict(candidate.on_unknown, stable.on_unknown);
}

}  // namespace

bool IsAsStrict(const core::RolloutSpec& candidate, const core::RolloutSpec& stable) {
  return Holds(candidate.workloads, stable.workloads) &&
         Holds(stable.ignore_for_trial, candidate.ignore_for_trial) &&
         candidate.traffic == stable.traffic && StepsAsStrict(candidate, stable) &&
         LeapsNoFurther(candidate, stable) && AsStrict(candidate.analysis, stable.analysis);
}

const core::RolloutSpec& Governing(const core::RolloutSpec& stable,
                                   const core::RolloutSpec& candidate) {
  return IsAsStrict(candidate, stable) ? candidate : stable;
}

}  // namespace headgate::rollout
