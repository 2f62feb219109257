#include "rollout/metrics/prometheus.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <optional>

#include "net/http.h"
#include "net/url.h"
#include "rollout/metrics/answer.h"
#include "rollout/metrics/histogram.h"

namespace headgate::rollout::metrics {
namespace {

using core::Value;

using Series = std::vector<analysis::Series>;

// [1700000000.123, "42"]
std::optional<analysis::Sample> SampleOf(const Value& pair) {
  const core::List* list = pair.AsList();
  if (!list || list->size() != 2) return std::nullopt;
  const std::optional<core::Time> at = TimeIn((*list)[0]);
  const std::optional<double> value = NumberIn(&(*list)[1]);
  if (!at || !value || !std::isfinite(*value)) return std::nullopt;
  return analysis::Sample{*at, *value};
}

core::Result<analysis::Series> SeriesOf(const Value& result) {
  const Value* values = result.Find("values");
  if (!values || !values->AsList())
    return core::Unavailable("the answer has a series without samples (no \"values\")");
  analysis::Series series{LabelsOf(result), {}};
  for (const Value& pair : *values->AsList()) {
    if (const std::optional<analysis::Sample> sample = SampleOf(pair))
      series.samples.push_back(*sample);
  }
  return series;
}

core::Result<Series> SeriesIn(const core::Result<core::List>& results) {
  if (!results) return results.error();
  Series all;
  for (const Value& result : *results) {
    core::Result<analysis::Series> series = SeriesOf(result);
    if (!series) return series.error();
    all.push_back(std::move(*series));
  }
  return all;
}

// The canary's buckets, by edge as it is written.
std::vector<std::pair<std::string, double>> BucketsIn(const core::List& results) {
  std::vector<std::pair<std::string, double>> buckets;
  for (const Value& result : results) {
    const std::string& edge = result.StringAt("metric", "le");
    const core::List& pair = result.ListAt("value");
    const std::optional<double> count = pair.size() == 2 ? NumberIn(&pair[1]) : std::nullopt;
    if (!edge.empty() && count) buckets.emplace_back(edge, *count);
  }
  return buckets;
}

std::string InUnit(const Histogram& histogram, double value) {
  if (std::isinf(value)) return "more";
  const double one_ms = InUnitOf(histogram.name, core::Duration(1));
  const double ms = value / one_ms;
  return ms >= 10'000 ? fmt::format("{:.4g} s", ms / 1000) : fmt::format("{:.4g} ms", ms);
}

// What people are told beside the verdict: where the p-quantile is, and which edge stands for the
// bound.
std::string NoteOf(const Histogram& histogram, const Edge& edge,
                   const std::vector<std::pair<std::string, double>>& buckets) {
  constexpr double kAlpha = 0.01;
  const analysis::Bounds bounds =
      analysis::QuantileBounds(Sorted(buckets), histogram.quantile, kAlpha);
  std::string note = fmt::format("p{:.4g} between {} and {}", 100 * histogram.quantile,
                                 InUnit(histogram, bounds.low), InUnit(histogram, bounds.high));
  if (std::abs(edge.value / histogram.over - 1) > 1e-9)
    note += fmt::format("; slow is over {}, the bucket's edge nearest to {}",
                        InUnit(histogram, edge.value), InUnit(histogram, histogram.over));
  return note;
}

}  // namespace

core::Result<Series> ParseAnswer(int http_status, std::string_view body) {
  return SeriesIn(ResultsIn(http_status, body, "matrix"));
}

Prometheus::Prometheus(net::Http* http, std::string address, Access access)
    : http_(http), address_(std::move(address)), access_(std::move(access)) {
  while (address_.ends_with('/')) address_.pop_back();
}

namespace {

std::string ShowTime(core::Time at) {
  return fmt::format("{:.3f}", static_cast<double>(at.time_since_epoch().count()) / 1000);
}

// Adds to what other tracks' queries gave; their labels give way to the track's name.
void Add(const std::string& track, Series series, core::Result<Series>* to) {
  if (!*to) return;
  for (analysis::Series& each : series) {
    if (!track.empty()) each.labels = {{analysis::kTrackLabel, track}};
    (*to)->push_back(std::move(each));
  }
}

}  // namespace

core::Result<core::List> Prometheus::Results(
    const std::string& path, std::vector<std::pair<std::string, std::string>> fields,
    std::string_view type, std::stop_token stop) const {
  net::Request request;
  request.method = "POST";  // a long list of pods does not fit into a URL
  request.url = address_ + path;
  request.headers = access_.headers;
  request.headers.emplace_back("content-type", "application/x-www-form-urlencoded");
  const auto timeout = std::chrono::floor<std::chrono::seconds>(access_.deadline).count();
  fields.emplace_back("timeout", fmt::format("{}s", timeout));
  request.body = net::ToQuery(fields);
  request.identity = access_.identity;
  request.deadline = access_.deadline;
  request.body_bytes_max = kAnswerBytesMax;
  core::Result<net::Response> response = http_->Send(request, stop);
  if (!response) {
    // Too large an answer or a wrong address is the provider's fault, not the candidate's.
    const core::Error& error = response.error();
    if (error.fault() == core::Fault::kCancelled) return error;
    return core::Unavailable(error.text()).In("ask " + net::ShowSafe(address_));
  }
  core::Result<core::List> results = ResultsIn(response->status, response->body, type);
  if (!results) return results.error().In("ask " + net::ShowSafe(address_));
  return results;
}

core::Result<core::List> Prometheus::At(const std::string& promql, core::Time at,
                                        std::string_view type, std::stop_token stop) const {
  return Results("/api/v1/query", {{"query", promql}, {"time", ShowTime(at)}}, type, stop);
}

core::Result<Series> Prometheus::Ask(const Query& query, std::stop_token stop) const {
  return SeriesIn(At(query.promql, query.at, "matrix", stop));
}

core::Status Prometheus::AskClassic(const Query& query, const Edge& edge,
                                    analysis::MetricAnswers* answers, std::stop_token stop) const {
  const Histogram& histogram = *query.histogram;
  const auto ask = [&](const std::vector<std::string>& edges) {
    Query of{query.metric, Query::Which::kTotal, "", query.at};
    of.promql = fmt::format("{}_bucket{{{},le=~{}}}[{}s]", histogram.name, histogram.matchers,
                            AnyOf(edges), Seconds(histogram.range));
    return Ask(of, stop);
  };
  core::Result<Series> fast = ask(edge.spellings);
  if (!fast) return fast.error();
  core::Result<Series> all = ask({"+Inf"});
  if (!all) return all.error();
  core::Result<Series> slow = Rest(*all, *fast);
  if (!slow) return slow.error();
  Add(query.track, std::move(*slow), &answers->bad);
  Add(query.track, std::move(*all), &answers->total);
  return core::Ok();
}

core::Status Prometheus::AskNative(const Query& query, analysis::MetricAnswers* answers,
                                   std::stop_token stop) const {
  const Histogram& histogram = *query.histogram;
  core::Result<core::List> results =
      At(fmt::format("{}{{{}}}[{}s]", histogram.name, histogram.matchers, Seconds(histogram.range)),
         query.at, "matrix", stop);
  if (!results) return results.error();
  Series slow;
  Series all;
  for (const Value& result : *results) {
    core::Result<NativeCounts> counts = ReadNative(result, histogram.over);
    if (!counts) return counts.error().In(histogram.name);
    slow.push_back(std::move(counts->slow));
    all.push_back(std::move(counts->all));
  }
  Add(query.track, std::move(slow), &answers->bad);
  Add(query.track, std::move(all), &answers->total);
  return core::Ok();
}

core::Status Prometheus::AskSlow(const Query& query, analysis::MetricAnswers* answers,
                                 std::stop_token stop) const {
  core::Result<core::List> results = At(query.promql, query.at, "vector", stop);
  if (!results) return results.error();
  const auto buckets = BucketsIn(*results);
  if (buckets.empty()) return AskNative(query, answers, stop);
  core::Result<Edge> edge = ChooseEdge(buckets, query.histogram->over);
  if (!edge) return edge.error().In(query.histogram->name);
  if (query.track != "stable") answers->note = NoteOf(*query.histogram, *edge, buckets);
  return AskClassic(query, *edge, answers, stop);
}

core::Result<Series> Prometheus::AskNumber(const Query& query, std::stop_token stop) const {
  core::Result<Series> series =
      SeriesIn(Results("/api/v1/query_range",
                       {{"query", query.promql},
                        {"start", ShowTime(query.from)},
                        {"end", ShowTime(query.at)},
                        {"step", fmt::format("{}s", Seconds(query.step))}},
                       "matrix", stop));
  if (series && series->size() > 1)
    return core::Unavailable(
        fmt::format("the query gives {} series; expected one number, as of sum(...) or max(...)",
                    series->size()));
  return series;
}

core::Status Prometheus::AskNumbers(const Query& query, analysis::MetricAnswers* answers,
                                    std::stop_token stop) const {
  core::Result<Series> series = AskNumber(query, stop);
  if (!series) return series.error();
  if (!series->empty()) answers->numbers = std::move(series->front().samples);
  return core::Ok();
}

core::Status Prometheus::AskFor(const Query& query, analysis::MetricAnswers* answers,
                                std::stop_token stop) const {
  if (query.which == Query::Which::kSlow) return AskSlow(query, answers, stop);
  if (query.which == Query::Which::kNumbers) return AskNumbers(query, answers, stop);
  core::Result<Series> series = Ask(query, stop);
  if (!series) return series.error();
  const bool bad = query.which == Query::Which::kBad;
  Add(query.track, std::move(*series), bad ? &answers->bad : &answers->total);
  return core::Ok();
}

std::vector<analysis::MetricAnswers> Prometheus::AskAll(const std::vector<Query>& queries,
                                                        std::stop_token stop) const {
  const auto begin = std::chrono::steady_clock::now();
  std::vector<analysis::MetricAnswers> answers;
  for (const Query& query : queries) {
    if (answers.empty() || answers.back().metric != query.metric) {
      answers.emplace_back();
      answers.back().metric = query.metric;
    }
    answers.back().by_track = !query.track.empty();
    const bool late = std::chrono::steady_clock::now() - begin > kDeadlinesMax * access_.deadline;
    const core::Status asked =
        late ? core::Status(core::Unavailable("Prometheus is too slow for all queries")
                                .In("ask " + net::ShowSafe(address_)))
             : AskFor(query, &answers.back(), stop);
    if (asked) continue;
    (query.which == Query::Which::kBad ? answers.back().bad : answers.back().total) = asked.error();
  }
  return answers;
}

}  // namespace headgate::rollout::metrics
