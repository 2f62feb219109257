#include "rollout/analysis/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "rollout/analysis/counted.h"
#include "rollout/analysis/counters.h"
#include "rollout/analysis/deaths.h"
#include "rollout/analysis/judge.h"

namespace headgate::rollout::analysis {
namespace {

using core::Evidence;
using core::Verdict;

constexpr double kDeathsError = 0.01;

Evidence Unknown(const core::Metric& metric, const std::string& why) {
  Evidence evidence;
  evidence.metric = metric.name;
  evidence.verdict = Verdict::kUnknown;
  evidence.max = metric.max;
  evidence.why = fmt::format("{}: {}", metric.name, why);
  return evidence;
}

// The worst of all: fail, then unknown, then hold.
Verdict Worse(Verdict a, Verdict b) {
  const auto rank = [](Verdict v) {
    return v == Verdict::kFail ? 3 : v == Verdict::kUnknown ? 2 : v == Verdict::kHold ? 1 : 0;
  };
  return rank(a) >= rank(b) ? a : b;
}

// What is said of one metric.
struct Said {
  Evidence evidence;
  std::optional<core::Duration> observed;  // nothing where nobody answered
  double weight = -1;
  Onset onset;
};

// A metric that counts requests, while it is judged together with the others.
struct Playing {
  size_t metric;
  Counted counted;
  std::string note;
  Judge judge;
};

double WeightOf(const Judge& judge) {
  const auto canary = static_cast<double>(judge.requests(Track::kCanary));
  const auto stable = static_cast<double>(judge.requests(Track::kStable));
  return canary + stable <= 0 ? -1 : std::round(1000 * canary / (canary + stable)) / 10;
}

class Evaluation {
 public:
  // `whole`: the window still begins where the weight changed.
  Evaluation(const core::Analysis& analysis, const Window& window, const Tracks& tracks, bool whole)
      : analysis_(analysis),
        window_(window),
        tracks_(tracks),
        whole_(whole),
        said_(analysis.metrics.size()) {
    for (const core::Metric& metric : analysis.metrics) weights_ += Weight(metric);
  }

  void Hear(size_t metric, const MetricAnswers* answers) {
    const core::Metric& of = analysis_.metrics[metric];
    const core::Error* error = nullptr;
    if (answers && !answers->total) error = &answers->total.error();
    if (answers && !answers->bad) error = &answers->bad.error();
    if (!answers || error) {
      said_[metric].evidence = Unknown(of, error ? error->text() : "nobody was asked");
    } else if (!of.gauge.empty()) {
      HearGauge(metric, *answers->total);
    } else if (!of.query.empty()) {
      HearNumbers(metric, answers->numbers);
    } else {
      playing_.push_back({metric, Count(analysis_, window_, tracks_, *answers), answers->note,
                          Judge(of, analysis_, window_.identity, window_.windows, ShareOf(of))});
    }
  }

  // Interval by interval: what the metrics show together counts at each.
  void Play() {
    std::set<int64_t> numbers;
    for (const Playing& each : playing_) {
      for (const auto& [number, interval] : each.counted.intervals) numbers.insert(number);
    }
    Comparison::Scratch scratch;
    for (int64_t number : numbers) {
      for (Playing& each : playing_) {
        const auto at = each.counted.intervals.find(number);
        if (at == each.counted.intervals.end()) continue;
        // What is not over yet counts, and may set off the guard, but is no interval to bet on.
        if (number < each.counted.over) {
          each.judge.Add(at->second, &scratch);
        } else {
          each.judge.Peek(at->second);
        }
      }
      if (playing_.size() > 1) JudgeTogether();
    }
    for (Playing& each : playing_) {
      Said& said = said_[each.metric];
      said.evidence = each.judge.Now();
      if (!each.note.empty()) said.evidence.why += "; " + each.note;
      said.observed = each.counted.observed;
      if (!tracks_.stable.empty()) said.weight = WeightOf(each.judge);
      if (whole_) said.onset = FindOnset(each.counted.before, each.counted.since);
    }
  }

  Judgement Result() {
    Judgement judgement;
    judgement.verdict = Verdict::kPass;
    std::optional<core::Duration> observed;
    for (Said& said : said_) {
      Heed(said.onset, &said.evidence, &judgement);
      judgement.verdict = Worse(judgement.verdict, said.evidence.verdict);
      if (said.observed) observed = observed ? std::min(*observed, *said.observed) : *said.observed;
      if (judgement.observed_weight < 0) judgement.observed_weight = said.weight;
      judgement.evidence.push_back(std::move(said.evidence));
    }
    judgement.observed = observed.value_or(core::Duration(0));
    if (!said_.empty()) AddDeaths(&judgement);
    if (judgement.verdict == Verdict::kFail) judgement.both_worse.clear();
    return judgement;
  }

 private:
  static double Weight(const core::Metric& metric) { return metric.compare ? metric.weight : 0; }
  double ShareOf(const core::Metric& metric) const {
    return metric.compare ? metric.weight / weights_ : 1;
  }

  void HearGauge(size_t metric, const std::vector<Series>& series) {
    const core::Metric& of = analysis_.metrics[metric];
    const double confidence = of.compare ? of.compare->confidence : 0.99;
    const Gauged gauged = ReadGauge(analysis_, window_, tracks_, series);
    GaugeJudge judge(of, std::max(window_.windows, 1) / (1 - confidence) / ShareOf(of));
    for (const auto& [number, values] : gauged.intervals) judge.Add(values);
    said_[metric].evidence = judge.Now();
    said_[metric].observed = gauged.observed;
  }

  void HearNumbers(size_t metric, const std::vector<Sample>& numbers) {
    std::vector<double> values;
    std::vector<core::Time> times;
    for (const Sample& sample : numbers) {
      if (sample.at <= window_.open) continue;
      values.push_back(sample.value);
      times.push_back(sample.at);
    }
    said_[metric].evidence = JudgeNumbers(analysis_.metrics[metric], values);
    said_[metric].observed = Coverage({times}, window_.observed_from, window_.now);
  }

  // Harm is a weighted mean of e-values, weights fixed beforehand.
  void JudgeTogether() {
    double sum = 0;
    Playing* most = nullptr;
    for (Playing& each : playing_) {
      const double shown = each.judge.HarmShown();
      sum += shown;
      if (!most || shown > most->judge.HarmShown()) most = &each;
    }
    if (sum < 1) return;
    most->judge.Fail(
        fmt::format("{}; with all metrics together, harm is proved", most->judge.Measured()));
  }

  // What became worse for everybody is no pass.
  void Heed(const Onset& onset, Evidence* evidence, Judgement* judgement) const {
    if (onset.what == Onset::What::kNothing || evidence->verdict == Verdict::kFail) return;
    const std::string why = fmt::format("{}: {}", evidence->metric, onset.why);
    if (evidence->verdict == Verdict::kPass) evidence->verdict = Verdict::kHold;
    evidence->why = why;
    if (onset.what == Onset::What::kSince) judgement->both_worse = why;
  }

  void AddDeaths(Judgement* judgement) const {
    const auto of = [](const std::vector<Pod>& pods) {
      Deaths deaths{static_cast<int>(pods.size()), 0};
      for (const Pod& pod : pods) deaths.deaths += pod.deaths;
      return deaths;
    };
    Evidence evidence = JudgeDeaths(of(tracks_.canary), of(tracks_.stable),
                                    std::max(window_.windows, 1) / kDeathsError);
    if (evidence.why.empty()) return;
    judgement->verdict = Worse(judgement->verdict, evidence.verdict);
    judgement->evidence.push_back(std::move(evidence));
  }

  const core::Analysis& analysis_;
  const Window& window_;
  const Tracks& tracks_;
  const bool whole_;
  std::vector<Said> said_;  // one a metric
  std::vector<Playing> playing_;
  double weights_ = 0;  // of the metrics that compare
};

}  // namespace

Judgement Evaluate(const core::Analysis& analysis, const Window& given, const Tracks& tracks,
                   const std::vector<MetricAnswers>& answers) {
  Window window = given;
  // What falls out of the window falls out by whole intervals, so that the others stay the same.
  if (window.now - window.open > kWindowMax) {
    const core::Duration interval = std::max(analysis.interval, core::Duration(1));
    window.open += ((window.now - window.open - kWindowMax) / interval + 1) * interval;
  }
  window.observed_from = std::max(window.observed_from, window.open);
  Evaluation evaluation(analysis, window, tracks, window.open == given.open);
  for (size_t i = 0; i < analysis.metrics.size(); ++i) {
    const auto at = std::find_if(answers.begin(), answers.end(), [&](const auto& answer) {
      return answer.metric == analysis.metrics[i].name;
    });
    evaluation.Hear(i, at == answers.end() ? nullptr : &*at);
  }
  evaluation.Play();
  return evaluation.Result();
}

}  // namespace headgate::rollout::analysis
