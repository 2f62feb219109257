#include "reconciler/rollout_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <array>
#include <limits>
#include <map>
#include <vector>

namespace headgate::reconciler {
namespace {

using Gauge = prometheus::Gauge;
using Gauges = prometheus::Family<Gauge>;

constexpr std::array kPhases = {"Stable", "Trial", "Promoting", "RollingBack", "Held"};
constexpr std::array kVerdicts = {core::Verdict::kPass, core::Verdict::kFail, core::Verdict::kHold,
                                  core::Verdict::kUnknown};
constexpr double kNotKnown = std::numeric_limits<double>::quiet_NaN();

double Seconds(core::Duration duration) { return static_cast<double>(duration.count()) / 1000; }

// How much traffic the candidate is meant to have.
int WeightOf(const core::Position& position) {
  return std::visit(
      [](const auto& phase) {
        if constexpr (requires { phase.weight; }) {
          return phase.weight;
        } else {
          return 0;
        }
      },
      position);
}

// What a way that ended came to; "" where none did.
std::string EndOf(const core::Position& before, const core::Position& after) {
  if (std::holds_alternative<core::Promoting>(before) &&
      std::holds_alternative<core::Stable>(after))
    return "promoted";
  if (!std::holds_alternative<core::RollingBack>(before) || core::IsMoving(after)) return "";
  return std::holds_alternative<core::Held>(after) ? "rolled_back" : "given_up";
}

}  // namespace

struct RolloutMetrics::State {
  explicit State(prometheus::Registry* to) : registry(to) {}

  Gauges& Family(const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(*registry);
  }

  prometheus::Registry* registry;
  Gauges& phase =
      Family("headgate_rollout_phase", "1 for the phase that the application's rollout is in.");
  Gauges& step = Family("headgate_rollout_step", "The present step of a trial, from 1; else 0.");
  Gauges& weight = Family("headgate_rollout_weight_percent",
                          "Share of the requests that the candidate is meant to get.");
  Gauges& observed =
      Family("headgate_rollout_observed_weight_percent",
             "Share of the requests that the candidate was seen to get; NaN where not known.");
  Gauges& held = Family("headgate_rollout_held", "1 while a failed candidate is held back.");
  Gauges& paused = Family("headgate_rollout_paused", "1 while a trial is paused.");
  Gauges& watched = Family("headgate_rollout_step_observed_seconds",
                           "How long the present step of a trial has been observed.");
  Gauges& no_verdict = Family("headgate_rollout_no_verdict_seconds",
                              "How long there has been no verdict: hold, or unknown.");
  Gauges& requests = Family("headgate_rollout_canary_requests",
                            "Requests of the canary since the window opened, by metric.");
  Gauges& bad = Family("headgate_rollout_canary_bad_requests",
                       "Bad requests of the canary since the window opened, by metric.");
  Gauges& verdict =
      Family("headgate_rollout_verdict", "1 for the verdict that a metric's evidence has.");
  prometheus::Family<prometheus::Counter>& ended =
      prometheus::BuildCounter()
          .Name("headgate_rollout_ended_total")
          .Help("Rollouts that ended: promoted, rolled_back, given_up (superseded or reverted).")
          .Register(*registry);

  struct Series {
    std::vector<std::pair<Gauges*, Gauge*>> gauges;  // all but the evidence's
    std::map<std::string, std::vector<std::pair<Gauges*, Gauge*>>> evidence;  // by metric
    std::map<std::string, prometheus::Counter*> ended;                        // by result
    core::Position last;
  };
  std::map<std::string, Series> applications;

  static void Remove(std::vector<std::pair<Gauges*, Gauge*>>* gauges) {
    for (auto& [family, gauge] : *gauges) family->Remove(gauge);
    gauges->clear();
  }

  Series& Of(const std::string& application) {
    const auto [at, made] = applications.try_emplace(application);
    Series& series = at->second;
    if (!made) return series;
    const auto add = [&](Gauges& family, prometheus::Labels labels = {}) {
      labels["application"] = application;
      series.gauges.emplace_back(&family, &family.Add(labels));
    };
    for (Gauges* family : {&step, &weight, &observed, &held, &paused, &watched, &no_verdict})
      add(*family);
    for (const char* name : kPhases) add(phase, {{"phase", name}});
    for (const char* result : {"promoted", "rolled_back", "given_up"})
      series.ended[result] = &ended.Add({{"application", application}, {"result", result}});
    return series;
  }

  void SeeEvidence(const std::string& application, const core::Evidence& evidence, Series* series) {
    auto& gauges = series->evidence[evidence.metric];
    if (gauges.empty()) {
      prometheus::Labels labels{{"application", application}, {"metric", evidence.metric}};
      gauges.emplace_back(&requests, &requests.Add(labels));
      gauges.emplace_back(&bad, &bad.Add(labels));
      for (const core::Verdict each : kVerdicts) {
        labels["verdict"] = std::string(core::Show(each));
        gauges.emplace_back(&verdict, &verdict.Add(labels));
      }
    }
    gauges[0].second->Set(static_cast<double>(evidence.requests));
    gauges[1].second->Set(static_cast<double>(evidence.bad));
    for (size_t i = 0; i < kVerdicts.size(); ++i)
      gauges[2 + i].second->Set(evidence.verdict == kVerdicts[i] ? 1 : 0);
  }
};

RolloutMetrics::RolloutMetrics(prometheus::Registry* registry)
    : state_(std::make_unique<State>(registry)) {}
RolloutMetrics::~RolloutMetrics() = default;

void RolloutMetrics::See(const std::string& application, const core::Position& position) {
  State::Series& series = state_->Of(application);
  const auto* trial = std::get_if<core::Trial>(&position);
  const double values[] = {
      trial ? static_cast<double>(trial->step + 1) : 0,
      static_cast<double>(WeightOf(position)),
      trial && trial->observed_weight >= 0 ? trial->observed_weight : kNotKnown,
      std::holds_alternative<core::Held>(position) ? 1.0 : 0.0,
      trial && trial->paused ? 1.0 : 0.0,
      trial ? Seconds(trial->observed) : 0,
      trial ? Seconds(trial->no_verdict) : 0};
  size_t at = 0;
  for (const double value : values) series.gauges[at++].second->Set(value);
  for (size_t i = 0; i < kPhases.size(); ++i)
    series.gauges[at++].second->Set(position.index() == i ? 1 : 0);

  if (const std::string end = EndOf(series.last, position); !end.empty())
    series.ended[end]->Increment();
  series.last = position;
  if (!trial) {
    for (auto& [metric, gauges] : series.evidence) State::Remove(&gauges);
    series.evidence.clear();
    return;
  }
  for (const core::Evidence& evidence : trial->evidence)
    state_->SeeEvidence(application, evidence, &series);
}

void RolloutMetrics::Forget(const std::string& application) {
  const auto at = state_->applications.find(application);
  if (at == state_->applications.end()) return;
  State::Remove(&at->second.gauges);
  for (auto& [metric, gauges] : at->second.evidence) State::Remove(&gauges);
  for (auto& [result, counter] : at->second.ended) state_->ended.Remove(counter);
  state_->applications.erase(at);
}

}  // namespace headgate::reconciler
