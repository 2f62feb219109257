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

constexpr int64_t kIntervalRequestsMin = 20;  // fewer are judged together with the next interval
// The guard: so much of so many requests is harm at once, unless stable fares nearly as badly.
constexpr double kGuardShare = 0.5;
constexpr int64_t kGuardRequests = 20;
constexpr double kGuardStable = 0.5;  // of the canary's share

// What one track's pods counted in the window.
struct Counts {
  std::vector<Increment> bad;
  std::vector<Increment> total;

  int64_t Bad() const { return std::llround(SumOf(bad)); }
  int64_t Requests() const {
    return std::max(std::llround(SumOf(total)), std::llround(SumOf(bad)));
  }
  double Share() const {
    return Requests() == 0 ? 0 : static_cast<double>(Bad()) / static_cast<double>(Requests());
  }
};

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

std::vector<Increment> CountTrack(const std::vector<Series>& all, const std::vector<Pod>& pods,
                                  bool canary, const Scrapes& scrapes, const std::string& pod_label,
                                  core::Time open) {
  std::vector<Increment> counted;
  for (const Series& series : all) {
    const Pod* pod = Find(pods, series.Label(pod_label));
    if (!pod) continue;
    const Start start = StartOf(series, *pod, canary, scrapes, open);
    for (const Increment& increment : IncrementsOf(series, open, start))
      counted.push_back(increment);
  }
  std::sort(counted.begin(), counted.end(),
            [](const Increment& a, const Increment& b) { return a.at < b.at; });
  return counted;
}

// Whole intervals in which more than `max` of the canary's requests were bad. Intervals with few
// requests are put together until they have enough; the last, unfinished one is not judged.
int FailedIntervals(const Counts& canary, const core::Metric& metric, core::Duration interval,
                    const Window& window, core::Time last_scrape) {
  std::map<int64_t, std::pair<double, double>> intervals;  // number -> bad, total
  const auto number = [&](core::Time at) {
    return (at - window.open - core::Duration(1)) / std::max(interval, core::Duration(1));
  };
  for (const Increment& increment : canary.bad)
    intervals[number(increment.at)].first += increment.by;
  for (const Increment& increment : canary.total)
    intervals[number(increment.at)].second += increment.by;
  int failed = 0;
  double bad = 0;
  double total = 0;
  for (const auto& [index, counts] : intervals) {
    if (window.open + (index + 1) * interval > last_scrape) break;
    bad += counts.first;
    total += counts.second;
    const double requests = std::max(bad, total);
    if (requests < static_cast<double>(kIntervalRequestsMin)) continue;
    if (bad / requests > metric.max) ++failed;
    bad = total = 0;
  }
  return failed;
}

bool Guarded(const Counts& canary, const Counts& stable) {
  return canary.Requests() >= kGuardRequests && canary.Share() >= kGuardShare &&
         stable.Share() <= kGuardStable * canary.Share();
}

void Conclude(const core::Metric& metric, const core::Analysis& analysis, const Counts& canary,
              const Counts& stable, Evidence* evidence) {
  const std::string share = fmt::format("{} {}", metric.name, ShowShare(canary.Share()));
  const std::string bound = ShowShare(metric.max);
  const int64_t n = canary.Requests();
  const bool above = canary.Share() > metric.max;
  if ((evidence->failures > metric.failure_limit || Guarded(canary, stable)) && above) {
    evidence->verdict = Verdict::kFail;
    evidence->why = fmt::format("{} > {} (n={})", share, bound, n);
  } else if (evidence->failures > metric.failure_limit) {
    evidence->verdict = Verdict::kFail;
    evidence->why =
        fmt::format("{} above {} in {} intervals, {} allowed ({} of n={})", metric.name, bound,
                    evidence->failures, metric.failure_limit, ShowShare(canary.Share()), n);
  } else if (n < analysis.min_requests) {
    evidence->verdict = Verdict::kHold;
    evidence->why = fmt::format("{}: {} of {} requests", metric.name, n, analysis.min_requests);
  } else if (above) {
    evidence->verdict = Verdict::kHold;
    evidence->why = fmt::format("{} > {} (n={}), {} of {} failures allowed", share, bound, n,
                                evidence->failures, metric.failure_limit);
  } else {
    evidence->verdict = Verdict::kPass;
    evidence->why = fmt::format("{} <= {} (n={})", share, bound, n);
  }
}

struct Judged {
  Evidence evidence;
  core::Duration observed{0};
  double weight = -1;
};

double WeightOf(const Counts& canary, const Counts& stable, const Tracks& tracks) {
  const auto both = static_cast<double>(canary.Requests() + stable.Requests());
  if (tracks.stable.empty() || both <= 0) return -1;
  return std::round(1000 * static_cast<double>(canary.Requests()) / both) / 10;
}

Judged JudgeMetric(const core::Metric& metric, const core::Analysis& analysis, const Window& window,
                   const Tracks& tracks, const MetricAnswers& answers) {
  const std::string& label = analysis.pod_label;
  std::vector<Series> both = *answers.total;
  both.insert(both.end(), answers.bad->begin(), answers.bad->end());
  const Scrapes scrapes = ScrapesOf(both, label);
  const auto count = [&](const std::vector<Pod>& pods, bool canary) {
    return Counts{CountTrack(*answers.bad, pods, canary, scrapes, label, window.open),
                  CountTrack(*answers.total, pods, canary, scrapes, label, window.open)};
  };
  const Counts canary = count(tracks.canary, true);
  const Counts stable = count(tracks.stable, false);

  std::vector<std::vector<core::Time>> times;
  core::Time last{};
  for (const auto& [pod, scraped] : scrapes) {
    if (!Find(tracks.canary, pod) || scraped.empty()) continue;
    times.push_back(scraped);
    last = std::max(last, scraped.back());
  }
  Judged judged;
  judged.observed = Coverage(times, window.observed_from, window.now);
  judged.weight = WeightOf(canary, stable, tracks);
  Evidence& evidence = judged.evidence;
  evidence.metric = metric.name;
  evidence.bad = canary.Bad();
  evidence.requests = canary.Requests();
  evidence.share = std::round(canary.Share() * 1e4) / 1e4;
  evidence.max = metric.max;
  evidence.failures = FailedIntervals(canary, metric, analysis.interval, window, last);
  Conclude(metric, analysis, canary, stable, &evidence);
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
  window.open = std::max(window.open, window.now - kWindowMax);
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

std::string ShowShare(double share) {
  const double percent = share * 100;
  std::string text = fmt::format("{:.{}f}", percent, percent >= 1 ? 1 : 2);
  while (text.find('.') != std::string::npos && (text.back() == '0' || text.back() == '.')) {
    const bool point = text.back() == '.';
    text.pop_back();
    if (point) break;
  }
  return text + " %";
}

}  // namespace headgate::rollout::analysis
