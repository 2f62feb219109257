#include "rollout/analysis/counted.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "rollout/analysis/counters.h"

namespace headgate::rollout::analysis {
namespace {

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
                const std::string& label, const Scrapes& scrapes, const core::Analysis& analysis,
                const Window& window, double Cell::*which, Cells* cells) {
  for (const Series& series : all) {
    const Pod* pod = Find(pods, series.Label(label));
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
                    const Window& window, core::Duration length, bool by_track,
                    Cells::mapped_type* sums) {
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
    interval.pods.push_back(
        {by_track ? "" : pod.name, track, bad, std::max(total, bad), pod.workload});
  }
  return interval;
}

// Scrape times of the canary's pods.
std::vector<std::vector<core::Time>> TimesOf(const Scrapes& scrapes, const Tracks& tracks) {
  std::vector<std::vector<core::Time>> times;
  for (const auto& [pod, scraped] : scrapes) {
    if (Find(tracks.canary, pod) && !scraped.empty()) times.push_back(scraped);
  }
  return times;
}

TrackCounts TotalsOf(const Interval& interval) {
  TrackCounts totals;
  for (const PodCount& pod : interval.pods) {
    const bool canary = pod.track == Track::kCanary;
    (canary ? totals.canary_bad : totals.stable_bad) += pod.bad;
    (canary ? totals.canary : totals.stable) += pod.total;
  }
  return totals;
}

// Stable's intervals before the window opened, as far back as was asked for.
std::vector<TrackCounts> BeforeOf(const std::vector<Series>& bad, const std::vector<Series>& total,
                                  const std::vector<Pod>& stable, const std::string& label,
                                  const Window& window, core::Duration interval) {
  std::map<int64_t, Cell> cells;
  for (const auto& [all, which] : {std::pair(&bad, &Cell::bad), {&total, &Cell::total}}) {
    for (const Series& series : *all) {
      if (!Find(stable, series.Label(label))) continue;
      for (const Increment& increment :
           IncrementsOf(series, window.open - kLookBack, Start::kFirstSample)) {
        if (increment.at > window.open) break;
        cells[(increment.at - window.open) / std::max(interval, core::Duration(1))].*which +=
            increment.by;
      }
    }
  }
  std::vector<TrackCounts> before;
  for (const auto& [number, cell] : cells) {
    if (cell.total >= 1)
      before.push_back({0, 0, std::llround(std::min(cell.bad, cell.total)),
                        std::llround(std::min(cell.total, kCounted))});
  }
  return before;
}

// Where series name no pods there is one "pod" a track.
Tracks OnePodEach() { return {{{"canary", std::nullopt}}, {{"stable", std::nullopt}}}; }

}  // namespace

Counted Count(const core::Analysis& analysis, const Window& window, const Tracks& by_pod,
              const MetricAnswers& answers) {
  const Tracks tracks = answers.by_track ? OnePodEach() : by_pod;
  const std::string label = answers.by_track ? kTrackLabel : analysis.pod_label;
  std::vector<Series> both = *answers.total;
  both.insert(both.end(), answers.bad->begin(), answers.bad->end());
  const Scrapes scrapes = ScrapesOf(both, label);
  Cells cells;
  for (const auto& [pods, track] :
       {std::pair(&tracks.canary, Track::kCanary), {&tracks.stable, Track::kStable}}) {
    CountTrack(*answers.bad, *pods, track, label, scrapes, analysis, window, &Cell::bad, &cells);
    CountTrack(*answers.total, *pods, track, label, scrapes, analysis, window, &Cell::total,
               &cells);
  }
  const std::vector<std::vector<core::Time>> times = TimesOf(scrapes, tracks);
  core::Time last{};
  for (const std::vector<core::Time>& scraped : times) last = std::max(last, scraped.back());

  Counted counted;
  const core::Duration length = std::max(analysis.interval, core::Duration(1));
  counted.over = std::max<int64_t>(0, (last - window.open) / length);
  counted.observed = Coverage(times, window.observed_from, window.now);
  counted.before =
      BeforeOf(*answers.bad, *answers.total, tracks.stable, label, window, analysis.interval);
  Cells::mapped_type sums;
  for (const auto& [number, cell] : cells) {
    Interval interval =
        IntervalOf(number, cell, tracks, window, analysis.interval, answers.by_track, &sums);
    if (number < counted.over) {
      const TrackCounts totals = TotalsOf(interval);
      if (totals.stable > 0) counted.since.push_back(totals);
    }
    counted.intervals.emplace(number, std::move(interval));
  }
  return counted;
}

Gauged ReadGauge(const core::Analysis& analysis, const Window& window, const Tracks& tracks,
                 const std::vector<Series>& all) {
  const Scrapes scrapes = ScrapesOf(all, analysis.pod_label);
  std::map<int64_t, std::map<std::pair<Track, std::string>, double>> values;
  for (const Series& series : all) {
    const std::string& name = series.Label(analysis.pod_label);
    const bool canary = Find(tracks.canary, name) != nullptr;
    if (!canary && !Find(tracks.stable, name)) continue;
    std::map<int64_t, Sample> latest;
    for (const Sample& sample : series.samples) {
      if (sample.at <= window.open || !std::isfinite(sample.value)) continue;
      Sample& last = latest[NumberOf(sample.at, window, analysis.interval)];
      if (sample.at >= last.at) last = sample;
    }
    for (const auto& [number, sample] : latest)
      values[number][{canary ? Track::kCanary : Track::kStable, name}] += sample.value;
  }
  Gauged gauged;
  gauged.observed = Coverage(TimesOf(scrapes, tracks), window.observed_from, window.now);
  for (const auto& [number, pods] : values) {
    std::vector<PodValue>& of = gauged.intervals[number];
    for (const auto& [key, value] : pods) of.push_back({key.second, key.first, value});
  }
  return gauged;
}

}  // namespace headgate::rollout::analysis
