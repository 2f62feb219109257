#include "rollout/analysis/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "rollout/analysis/counters.h"

namespace headgate::rollout::analysis {
namespace {

using core::Evidence;
using core::Verdict;

constexpr double kCounted = 9e15;  // of one pod and interval; a counter may say anything

// Scrape times of one metric's counters, by pod.
using Scrapes = std::map<std::string, std::vector<core::Time>>;

Scrapes ScrapesOf(const std::vector<Series>& all, const std::string& pod_label) {
  Scrapes scrapes;
  for (const Series& series : all) {
    std::vector<core::Time>& times = scrapes[series.Label(pod_label)];
    for (const Sample& sample : series.samples) times.push_back(sample.at);
  }
  for (auto& [pod, times] : scrapes) {
    std::sort(times.begin(), times.end());
    times.erase(std::unique(times.begin(), times.end()), times.end());
  }
  return scrapes;
}

const Pod* Find(const std::vector<Pod>& pods, const std::string& name) {
  const auto at =
      std::find_if(pods.begin(), pods.end(), [&](const Pod& pod) { return pod.name == name; });
  return at == pods.end() ? nullptr : &*at;
}

// A canary's counter that no sample shows before the window began with its traffic: from 0, or its
// first errors would be missed. So did one that appears after others of its pod, and a young pod's.
// Any other pod of stable's was there before Prometheus looked.
Start StartOf(const Series& series, const Pod& pod, bool canary, const Scrapes& scrapes,
              core::Time open) {
  if (canary || (pod.started && *pod.started >= open)) return Start::kZero;
  const auto of_pod = scrapes.find(pod.name);
  if (of_pod == scrapes.end() || series.samples.empty()) return Start::kFirstSample;
  const auto first = std::min_element(series.samples.begin(), series.samples.end(),
                                      [](const Sample& a, const Sample& b) { return a.at < b.at; });
  return of_pod->second.front() < first->at ? Start::kZero : Start::kFirstSample;
}

// Which interval of the window a time belongs to: the first ends one interval after its opening.
int64_t NumberOf(core::Time at, const Window& window, core::Duration interval) {
  return (at - window.open - core::Duration(1)) / std::max(interval, core::Duration(1));
}

// What each pod counted, by interval and pod.
struct Cell {
  double bad = 0, total = 0;
};
using Cells = std::map<int64_t, std::map<std::pair<Track, size_t>, Cell>>;

void CountTrack(const std::vector<Series>& all, const std::vector<Pod>& pods, Track track,
                const Scrapes& scrapes, const core::Analysis& analysis, const Window& window,
                double Cell::*which, Cells* cells) {
  for (const Series& series : all) {
    const Pod* pod = Find(pods, series.Label(analysis.pod_label));
    if (!pod) continue;
    const auto index = static_cast<size_t>(pod - pods.data());
    const Start start = StartOf(series, *pod, track == Track::kCanary, scrapes, window.open);
    for (const Increment& increment : IncrementsOf(series, window.open, start)) {
      const int64_t number = NumberOf(increment.at, window, analysis.interval);
      (*cells)[number][{track, index}].*which += increment.by;
    }
  }
}

// `sums` are each pod's counts so far: whole numbers come of their differences, so that counters
// with fractions lose nothing.
Interval IntervalOf(int64_t number, const Cells::mapped_type& counted, const Tracks& tracks,
                    const Window& window, core::Duration length, Cells::mapped_type* sums) {
  Interval interval;
  interval.at_ms = (window.open + (number + 1) * length).time_since_epoch().count();
  const auto advance = [](double* sum, double by) {
    const int64_t before = std::llround(*sum);
    *sum = std::min(*sum + by, kCounted);
    return std::llround(*sum) - before;
  };
  for (const auto& [key, cell] : counted) {
    const auto& [track, index] = key;
    const Pod& pod = (track == Track::kCanary ? tracks.canary : tracks.stable)[index];
    Cell& sum = (*sums)[key];
    const int64_t bad = advance(&sum.bad, cell.bad);
    const int64_t total = advance(&sum.total, cell.total);
    interval.pods.push_back({pod.name, track, bad, std::max(total, bad), pod.workload});
  }
  return interval;
}

struct Judged {
  Evidence evidence;
  core::Duration observed{0};
  double weight = -1;
};

double WeightOf(const Judge& judge, const Tracks& tracks) {
  const auto both =
      static_cast<double>(judge.requests(Track::kCanary) + judge.requests(Track::kStable));
  if (tracks.stable.empty() || both <= 0) return -1;
  return std::round(1000 * static_cast<double>(judge.requests(Track::kCanary)) / both) / 10;
}

Judged JudgeMetric(const core::Metric& metric, const core::Analysis& analysis, const Window& window,
                   const Tracks& tracks, const MetricAnswers& answers) {
  const std::string& label = analysis.pod_label;
  std::vector<Series> both = *answers.total;
  both.insert(both.end(), answers.bad->begin(), answers.bad->end());
  const Scrapes scrapes = ScrapesOf(both, label);
  Cells cells;
  for (const auto& [pods, track] :
       {std::pair(&tracks.canary, Track::kCanary), {&tracks.stable, Track::kStable}}) {
    CountTrack(*answers.bad, *pods, track, scrapes, analysis, window, &Cell::bad, &cells);
    CountTrack(*answers.total, *pods, track, scrapes, analysis, window, &Cell::total, &cells);
  }
  std::vector<std::vector<core::Time>> times;
  core::Time last{};
  for (const auto& [pod, scraped] : scrapes) {
    if (!Find(tracks.canary, pod) || scraped.empty()) continue;
    times.push_back(scraped);
    last = std::max(last, scraped.back());
  }
  Judge judge(metric, analysis, window.identity, window.windows);
  Comparison::Scratch scratch;
  Cells::mapped_type sums;
  for (const auto& [number, counted] : cells) {
    const Interval interval = IntervalOf(number, counted, tracks, window, analysis.interval, &sums);
    // What is not over yet counts, and may set off the guard, but is no interval to bet on.
    if (window.open + (number + 1) * analysis.interval > last) {
      judge.Peek(interval);
    } else {
      judge.Add(interval, &scratch);
    }
  }
  Judged judged;
  judged.observed = Coverage(times, window.observed_from, window.now);
  judged.weight = WeightOf(judge, tracks);
  judged.evidence = judge.Now();
  if (!answers.note.empty()) judged.evidence.why += "; " + answers.note;
  return judged;
}

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
  Judgement judgement;
  judgement.verdict = Verdict::kPass;
  bool first = true;
  for (const core::Metric& metric : analysis.metrics) {
    const auto at = std::find_if(answers.begin(), answers.end(),
                                 [&](const auto& answer) { return answer.metric == metric.name; });
    const core::Error* error = nullptr;
    if (at != answers.end() && !at->total) error = &at->total.error();
    if (at != answers.end() && !at->bad) error = &at->bad.error();
    if (at == answers.end() || error) {
      judgement.evidence.push_back(Unknown(metric, error ? error->text() : "nobody was asked"));
      judgement.verdict = Worse(judgement.verdict, Verdict::kUnknown);
      continue;
    }
    Judged judged = JudgeMetric(metric, analysis, window, tracks, *at);
    judgement.verdict = Worse(judgement.verdict, judged.evidence.verdict);
    judgement.observed = first ? judged.observed : std::min(judgement.observed, judged.observed);
    if (first) judgement.observed_weight = judged.weight;
    first = false;
    judgement.evidence.push_back(std::move(judged.evidence));
  }
  return judgement;
}

}  // namespace headgate::rollout::analysis
