#include "rollout/metrics/traffic.h"

#include <fmt/format.h>

#include <algorithm>

#include "rollout/metrics/histogram.h"

namespace headgate::rollout::metrics {
namespace {

constexpr core::Duration kToday = std::chrono::hours(1);

std::string RateOf(const std::string& narrowed) { return "sum(rate(" + narrowed + "))"; }

core::Result<double> NumberOf(const core::Result<std::vector<analysis::Series>>& answer) {
  if (!answer) return answer.error();
  if (answer->empty() || answer->front().samples.empty())
    return core::Unavailable("there are no such series in the last hour");
  return answer->front().samples.back().value;
}

}  // namespace

core::Result<TrafficQueries> TrafficQueriesOf(const core::RolloutSpec& spec) {
  std::vector<std::string> names;
  for (const core::WorkloadRef& workload : spec.workloads) names.push_back(workload.name);
  const core::Analysis& analysis = spec.analysis;
  for (const core::Metric& metric : analysis.metrics) {
    if (!metric.gauge.empty() || !metric.query.empty()) continue;
    std::string matchers =
        fmt::format("{}={},{}", analysis.namespace_label, Quote(spec.namespace_name),
                    FillIn(analysis.pod_label + "=~\"{{names}}-.+\"", {{"names", names}}));
    if (metric.tracks)
      matchers =
          FillIn(metric.tracks->stable, {{"namespace", {spec.namespace_name}}, {"service", names}});
    std::string bad = metric.bad;
    std::string total = metric.total;
    if (metric.slow) {
      const std::string& histogram = metric.slow->histogram;
      const size_t name = std::min(histogram.find('{'), histogram.size());
      total = histogram.substr(0, name) + "_count" + histogram.substr(name);
      bad = total;  // its buckets are not known here: slow requests are not counted
    }
    core::Result<std::string> all = Narrow(total, matchers, kToday);
    if (!all) return all.error();
    core::Result<std::string> some = Narrow(bad, matchers, kToday);
    if (!some) return some.error();
    return TrafficQueries{metric.name, RateOf(*all), metric.slow ? "" : RateOf(*some)};
  }
  return core::Invalid("no metric of the Rollout counts requests");
}

core::Result<Traffic> AskTraffic(const Prometheus& prometheus, const core::RolloutSpec& spec,
                                 core::Time now, std::stop_token stop) {
  core::Result<TrafficQueries> queries = TrafficQueriesOf(spec);
  if (!queries) return queries.error();
  const auto ask = [&](const std::string& promql) {
    Query query{queries->metric, Query::Which::kNumbers, promql, now};
    query.from = now;
    query.step = std::chrono::seconds(60);
    return prometheus.AskNumber(query, stop);
  };
  core::Result<double> requests = NumberOf(ask(queries->requests));
  if (!requests) return requests.error().In("metric " + queries->metric);
  Traffic traffic{queries->metric, std::max(0.0, *requests), 0};
  if (queries->bad.empty() || traffic.requests_per_second <= 0) return traffic;
  const core::Result<double> bad = NumberOf(ask(queries->bad));  // no series: none was bad
  if (bad) traffic.bad = std::clamp(*bad / traffic.requests_per_second, 0.0, 1.0);
  return traffic;
}

}  // namespace headgate::rollout::metrics
