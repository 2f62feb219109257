#include "rollout/metrics/histogram.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>

#include "rollout/metrics/answer.h"

namespace headgate::rollout::metrics {
namespace {

constexpr const char* kEdgeLabel = "le";

using Labels = std::vector<std::pair<std::string, std::string>>;

Labels WithoutEdge(Labels labels) {
  std::erase_if(labels, [](const auto& label) { return label.first == kEdgeLabel; });
  std::sort(labels.begin(), labels.end());
  return labels;
}

// Of one native histogram: all observations and the slow ones.
struct Counts {
  double all = 0, slow = 0;
};

// Edges by ratio; where one of them is not above 0, by difference.
bool IsSlow(double low, double high, double over) {
  if (low >= over) return true;
  if (high <= over) return false;
  return low > 0 ? over / low < high / over : over - low < high - over;
}

// {"count": "5", "buckets": [[0, "0.25", "0.5", "3"], ...]}
std::optional<Counts> CountsOf(const core::Value& histogram, double over) {
  const std::optional<double> all = NumberIn(histogram.Find("count"));
  if (!all || *all < 0) return std::nullopt;
  Counts counts{*all, 0};
  const core::Value* buckets = histogram.Find("buckets");
  if (!buckets || !buckets->AsList()) return counts;  // nothing observed
  for (const core::Value& bucket : *buckets->AsList()) {
    const core::List* parts = bucket.AsList();
    if (!parts || parts->size() != 4) return std::nullopt;
    const std::optional<double> low = NumberIn(&(*parts)[1]);
    const std::optional<double> high = NumberIn(&(*parts)[2]);
    const std::optional<double> count = NumberIn(&(*parts)[3]);
    if (!low || !high || !count || *count < 0) return std::nullopt;
    if (IsSlow(*low, *high, over)) counts.slow += *count;
  }
  counts.slow = std::min(counts.slow, counts.all);
  return counts;
}

}  // namespace

double InUnitOf(std::string_view name, core::Duration time) {
  const auto ms = static_cast<double>(time.count());
  if (name.ends_with("_milliseconds") || name.ends_with("_ms")) return ms;
  if (name.ends_with("_microseconds") || name.ends_with("_us")) return ms * 1e3;
  if (name.ends_with("_nanoseconds") || name.ends_with("_ns")) return ms * 1e6;
  return ms / 1e3;
}

core::Result<Edge> ChooseEdge(const std::vector<std::pair<std::string, double>>& buckets,
                              double over) {
  Edge edge;
  double least = INFINITY;
  for (const auto& [spelling, count] : buckets) {
    const std::optional<double> value = ParseNumber(spelling);
    if (!value || !std::isfinite(*value) || *value <= 0) continue;
    const double apart = std::abs(std::log(*value / over));
    if (apart > least && edge.value != *value) continue;
    if (edge.value != *value) edge = {*value, {}};
    edge.spellings.push_back(spelling);
    least = apart;
  }
  if (edge.spellings.empty())
    return core::Invalid("the histogram has no bucket with an edge above 0");
  std::sort(edge.spellings.begin(), edge.spellings.end());
  return edge;
}

std::vector<analysis::Bucket> Sorted(const std::vector<std::pair<std::string, double>>& buckets) {
  std::map<double, double> by_edge;
  for (const auto& [spelling, count] : buckets) {
    const std::optional<double> edge = ParseNumber(spelling);
    if (edge && !std::isnan(*edge) && std::isfinite(count)) by_edge[*edge] += count;
  }
  std::vector<analysis::Bucket> sorted;
  for (const auto& [edge, count] : by_edge)
    sorted.push_back({edge, std::max(count, sorted.empty() ? 0 : sorted.back().count)});
  return sorted;
}

core::Result<std::vector<analysis::Series>> Rest(const std::vector<analysis::Series>& all,
                                                 const std::vector<analysis::Series>& fast) {
  std::map<Labels, const analysis::Series*> partners;
  for (const analysis::Series& series : fast) partners[WithoutEdge(series.labels)] = &series;
  std::vector<analysis::Series> rest;
  for (const analysis::Series& series : all) {
    const auto partner = partners.find(WithoutEdge(series.labels));
    if (partner == partners.end()) {
      std::string labels;
      for (const auto& [label, value] : series.labels)
        labels += fmt::format("{}{}=\"{}\"", labels.empty() ? "" : ",", label, value);
      return core::Unavailable(
          fmt::format("the series {{{}}} has other buckets than the rest; expected the same edges "
                      "in all pods",
                      labels.substr(0, 300)));
    }
    std::map<core::Time, double> values;
    for (const analysis::Sample& sample : partner->second->samples)
      values[sample.at] = sample.value;
    analysis::Series slow{series.labels, {}};
    for (const analysis::Sample& sample : series.samples) {
      const auto at = values.find(sample.at);
      if (at != values.end())
        slow.samples.push_back({sample.at, std::max(0.0, sample.value - at->second)});
    }
    rest.push_back(std::move(slow));
  }
  return rest;
}

core::Result<NativeCounts> ReadNative(const core::Value& result, double over) {
  const core::Value* histograms = result.Find("histograms");
  if (!histograms || !histograms->AsList())
    return core::Invalid(
        "is no histogram: Prometheus has neither its buckets nor native histograms; expected a "
        "histogram's name without _bucket, such as http_request_duration_seconds");
  NativeCounts counts;
  counts.all.labels = counts.slow.labels = LabelsOf(result);
  for (const core::Value& pair : *histograms->AsList()) {
    const core::List* list = pair.AsList();
    if (!list || list->size() != 2) continue;
    const std::optional<core::Time> at = TimeIn((*list)[0]);
    const std::optional<Counts> counted = CountsOf((*list)[1], over);
    if (!at || !counted) continue;
    counts.all.samples.push_back({*at, counted->all});
    counts.slow.samples.push_back({*at, counted->slow});
  }
  return counts;
}

}  // namespace headgate::rollout::metrics
