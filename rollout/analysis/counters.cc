#include "rollout/analysis/counters.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace headgate::rollout::analysis {
namespace {

std::vector<Sample> InOrder(const Series& series) {
  std::vector<Sample> samples;
  for (const Sample& sample : series.samples) {
    if (std::isfinite(sample.value) && sample.value >= 0) samples.push_back(sample);
  }
  std::stable_sort(samples.begin(), samples.end(),
                   [](const Sample& a, const Sample& b) { return a.at < b.at; });
  const auto end = std::unique(samples.begin(), samples.end(),
                               [](const Sample& a, const Sample& b) { return a.at == b.at; });
  samples.erase(end, samples.end());
  return samples;
}

// The usual time between two scrapes of a pod; 0 where there are none.
core::Duration UsualGap(const std::vector<std::vector<core::Time>>& pods) {
  std::vector<core::Duration> gaps;
  for (const std::vector<core::Time>& times : pods) {
    for (size_t i = 1; i < times.size(); ++i) gaps.push_back(times[i] - times[i - 1]);
  }
  if (gaps.empty()) return core::Duration(0);
  const auto middle = gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2);
  std::nth_element(gaps.begin(), middle, gaps.end());
  return *middle;
}

}  // namespace

const std::string& Series::Label(const std::string& name) const {
  static const std::string kNone;
  for (const auto& [label, value] : labels) {
    if (label == name) return value;
  }
  return kNone;
}

std::vector<Increment> IncrementsOf(const Series& series, core::Time open, Start start) {
  std::vector<Increment> increments;
  const std::vector<Sample> samples = InOrder(series);
  const auto first = std::find_if(samples.begin(), samples.end(),
                                  [&](const Sample& sample) { return sample.at > open; });
  if (first == samples.end()) return increments;
  double before = 0;
  if (first != samples.begin()) {
    before = std::prev(first)->value;
  } else if (start == Start::kFirstSample) {
    before = first->value;
  }
  for (auto at = first; at != samples.end(); ++at) {
    const double by = at->value < before ? at->value : at->value - before;
    if (by > 0) increments.push_back({at->at, by});
    before = at->value;
  }
  return increments;
}

double SumOf(const std::vector<Increment>& increments) {
  return std::accumulate(increments.begin(), increments.end(), 0.0,
                         [](double sum, const Increment& i) { return sum + i.by; });
}

core::Duration Coverage(const std::vector<std::vector<core::Time>>& pods, core::Time from,
                        core::Time now) {
  const core::Duration most = kGapsMax * UsualGap(pods);
  std::vector<core::Time> times;
  for (const std::vector<core::Time>& one : pods) times.insert(times.end(), one.begin(), one.end());
  std::sort(times.begin(), times.end());
  core::Duration covered{0};
  for (size_t i = 1; i < times.size(); ++i) {
    if (times[i] - times[i - 1] > most) continue;
    const core::Time begin = std::max(times[i - 1], from);
    const core::Time end = std::min(times[i], now);
    if (end > begin) covered += end - begin;
  }
  return covered;
}

}  // namespace headgate::rollout::analysis
