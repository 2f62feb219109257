#include "core/rollout_analysis.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <set>

#include "core/rollout_templates.h"

namespace headgate::core {
namespace {

// "10%", "0.5%", "0.1": a share from 0 to 1.
std::optional<double> ParseShare(std::string_view text) {
  const bool percent = text.ends_with('%');
  if (percent) text.remove_suffix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (percent) number /= 100;
  if (!(number >= 0 && number <= 1)) return std::nullopt;
  return number;
}

// "99%" or 0.99, as a text or a number; `what` says what is expected.
double ReadShare(Fields* fields, std::string_view key, double otherwise, std::string_view what) {
  if (!fields->Has(key)) return otherwise;
  const std::string text = fields->Number(key);
  const std::optional<double> share = ParseShare(text);
  if (!share) fields->Fail(key, fmt::format("\"{}\" is no share; expected {}", text, what));
  return share.value_or(otherwise);
}

double ReadTimes(Fields* fields) {
  if (!fields->Has("times")) return 1;
  const std::string text = fields->Number("times");
  double times = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), times);
  if (error != std::errc() || end != text.data() + text.size() || !(times >= 1 && times <= 1000)) {
    fields->Fail("times", fmt::format("\"{}\" is no number from 1 to 1000; 1.5 tolerates half as "
                                      "many bad requests again as stable has",
                                      text));
    return 1;
  }
  return times;
}

Compare ReadCompare(Fields fields) {
  Compare compare;
  Fields tolerate = fields.Sub("tolerate");
  compare.times = ReadTimes(&tolerate);
  compare.points = ReadShare(&tolerate, "points", 0, "one such as \"0.5%\" or 0.005");
  if (compare.points >= 1) tolerate.Fail("points", "tolerates everything; expected less than 100%");
  tolerate.Finish();
  compare.confidence =
      ReadShare(&fields, "confidence", compare.confidence, "one such as \"99%\" or 0.99");
  if (compare.confidence < 0.5 || compare.confidence > 0.999999) {
    fields.Fail("confidence", "expected a share from 50% to 99.9999%");
    compare.confidence = 0.99;
  }
  fields.Finish();
  return compare;
}

Slow ReadSlow(Fields fields) {
  Slow slow;
  slow.histogram = fields.Required("histogram");
  slow.over = fields.Time("over", Duration(0));
  if (slow.over <= Duration(0))
    fields.Fail("over", "expected the longest time that is not slow, such as 300ms");
  fields.Finish();
  return slow;
}

TrackMatchers ReadTracks(Fields fields) {
  TrackMatchers tracks{fields.Required("canary"), fields.Required("stable")};
  fields.Finish();
  return tracks;
}

// What a template fills in; what the metric says itself goes before it.
void FillIn(Fields* fields, Metric* metric) {
  const std::string name = fields->String("template");
  if (name.empty()) return;
  const MetricTemplate* known = FindTemplate(name);
  if (!known)
    return fields->Fail(
        "template", fmt::format("\"{}\" is not known; expected one of {}", name, ShowTemplates()));
  metric->tracks = known->tracks;
  if (known->histogram.empty()) {
    metric->bad = known->bad;
    metric->total = known->total;
    if (fields->Has("over")) fields->Fail("over", "is for templates of latency; leave it out");
    return;
  }
  const Duration over = fields->Time("over", Duration(0));
  if (over <= Duration(0))
    fields->Fail("over", "is missing; give the longest time that is not slow, such as 300ms");
  metric->slow = Slow{known->histogram, over};
}

// What is measured; just one way.
void ReadMeasured(Fields* fields, Metric* metric) {
  std::vector<std::string> ways;
  for (const char* way : {"template", "slow", "gauge", "query", "bad"}) {
    if (fields->Has(way)) ways.push_back(way);
  }
  if (ways.size() > 1)
    return fields->Fail(ways[1], fmt::format("a metric has one of bad and total, slow, gauge, "
                                             "query and template; this one has {}, too",
                                             ways[0]));
  const std::string way = ways.empty() ? "bad" : ways.front();
  if (way != "bad" && fields->Has("total"))
    fields->Fail("total", fmt::format("goes with bad, not with {}; leave it out", way));
  if (way == "template") FillIn(fields, metric);
  if (way == "slow") metric->slow = ReadSlow(fields->Sub("slow"));
  if (way == "gauge") metric->gauge = fields->Required("gauge");
  if (way == "query") metric->query = fields->Required("query");
  if (way == "bad") {
    metric->bad = fields->Required("bad");
    metric->total = fields->Required("total");
    if (fields->Has("tracks")) metric->tracks = ReadTracks(fields->Sub("tracks"));
  }
}

// The bound: a share, but of gauges and queries a number.
void ReadMax(Fields* fields, Metric* metric) {
  if (metric->gauge.empty() && metric->query.empty()) {
    metric->max = ReadShare(fields, "max", Metric::kNoMax, "one such as \"10%\" or \"0.1\"");
    return;
  }
  if (!fields->Has("max")) return;
  const std::string text = fields->Number("max");
  metric->limit = ParseAmount(text);
  if (!metric->limit)
    fields->Fail("max", fmt::format("\"{}\" is no number; expected one such as \"100\" or "
                                    "\"500Mi\"",
                                    text));
}

double ReadWeight(Fields* fields) {
  if (!fields->Has("weight")) return 1;
  const std::optional<double> weight = ParseAmount(fields->Number("weight"));
  if (!weight || *weight <= 0 || *weight > 1000)
    fields->Fail("weight", "expected a number above 0, up to 1000");
  return weight.value_or(1);
}

Metric ReadMetric(Fields fields) {
  Metric metric;
  metric.name = fields.Required("name");
  ReadMeasured(&fields, &metric);
  const bool compares = fields.Has("compare");
  if (!compares && !fields.Has("max"))
    fields.Fail("max", "is missing; give a bound such as \"10%\", or compare with stable");
  ReadMax(&fields, &metric);
  metric.failure_limit = static_cast<int>(fields.Int("failureLimit", 0, 0, 1000000));
  if (compares) metric.compare = ReadCompare(fields.Sub("compare"));
  if (compares && !metric.query.empty())
    fields.Fail("compare", "needs values by pod, which a query has none of; name a gauge");
  if (compares && !metric.gauge.empty() && metric.compare->points > 0)
    fields.Fail("compare", "points are for shares; of a gauge tolerate times");
  metric.weight = ReadWeight(&fields);
  fields.Finish();
  return metric;
}

Policy ReadPolicy(Fields fields, Policy otherwise) {
  Policy policy = otherwise;
  policy.after = fields.Time("after", otherwise.after);
  const std::string action = fields.String("action", Show(otherwise.action));
  fields.Finish();
  for (const auto known :
       {Policy::Action::kPause, Policy::Action::kRollback, Policy::Action::kContinue}) {
    if (action != Show(known)) continue;
    policy.action = known;
    return policy;
  }
  fields.Fail("action",
              fmt::format("\"{}\" is not known; expected pause, rollback or continue", action));
  return policy;
}

// That the canary is not worse at all can never be proved; that it is within a tolerance can.
void CheckProvable(Fields* fields, const Analysis& analysis) {
  bool compares = false;
  for (const Metric& metric : analysis.metrics) {
    if (!metric.compare) continue;
    compares = true;
    if (metric.compare->times <= 1 && metric.compare->points <= 0) {
      fields->Fail("require",
                   fmt::format("nonInferiority needs a tolerance, and metric {} has none; "
                               "give compare.tolerate.times or points",
                               metric.name));
    }
  }
  if (!compares)
    fields->Fail("require", "nonInferiority needs a metric that compares; none of them does");
}

}  // namespace

std::optional<double> ParseAmount(std::string_view text) {
  static constexpr struct {
    std::string_view suffix;
    double factor;
  } kSuffixes[] = {{"Ki", 0x1p10}, {"Mi", 0x1p20}, {"Gi", 0x1p30}, {"Ti", 0x1p40}, {"k", 1e3},
                   {"M", 1e6},     {"G", 1e9},     {"T", 1e12},    {"", 1}};
  for (const auto& [suffix, factor] : kSuffixes) {
    if (!text.ends_with(suffix)) continue;
    text.remove_suffix(suffix.size());
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number))
      return std::nullopt;
    return number * factor;
  }
  return std::nullopt;
}

std::string_view Show(Policy::Action action) {
  switch (action) {
    case Policy::Action::kPause:
      return "pause";
    case Policy::Action::kRollback:
      return "rollback";
    case Policy::Action::kContinue:
      return "continue";
  }
  return "?";
}

Analysis ReadAnalysis(Fields fields) {
  Analysis analysis;
  Fields prometheus = fields.Sub("prometheus");
  analysis.prometheus = prometheus.String("address");
  analysis.pod_label = prometheus.String("podLabel", analysis.pod_label);
  analysis.namespace_label = prometheus.String("namespaceLabel", analysis.namespace_label);
  Fields secret = prometheus.Sub("secretRef");
  if (prometheus.Has("secretRef")) analysis.prometheus_secret = secret.Required("name");
  secret.Finish();
  analysis.timeout = prometheus.Time("timeout", analysis.timeout);
  if (analysis.timeout < std::chrono::seconds(1) || analysis.timeout > std::chrono::minutes(2))
    prometheus.Fail("timeout", "expected 1s to 2m");
  prometheus.Finish();
  analysis.interval = fields.Time("interval", analysis.interval);
  if (analysis.interval < std::chrono::seconds(1)) fields.Fail("interval", "is shorter than 1s");
  std::set<std::string> names;
  for (Fields& item : fields.Items("metrics")) {
    analysis.metrics.push_back(ReadMetric(item));
    if (!names.insert(analysis.metrics.back().name).second)
      item.Fail("name", "is the name of another metric too");
  }
  analysis.min_requests = fields.Int("minRequests", analysis.min_requests, 1, INT64_MAX);
  const std::string require = fields.String("require", "noHarm");
  if (require == "nonInferiority") analysis.require = Analysis::Require::kNonInferiority;
  if (require != "nonInferiority" && require != "noHarm") {
    fields.Fail("require",
                fmt::format("\"{}\" is not known; expected noHarm or nonInferiority", require));
  }
  if (analysis.require == Analysis::Require::kNonInferiority) CheckProvable(&fields, analysis);
  analysis.on_hold = ReadPolicy(fields.Sub("onHold"), analysis.on_hold);
  analysis.on_unknown = ReadPolicy(fields.Sub("onUnknown"), analysis.on_unknown);
  fields.Finish();
  return analysis;
}

}  // namespace headgate::core
