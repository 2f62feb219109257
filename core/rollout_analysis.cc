#include "core/rollout_analysis.h"

#include <fmt/format.h>

#include <charconv>
#include <set>

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

// What is counted: bad ones of all, or slow ones of a histogram's.
void ReadCounted(Fields* fields, Metric* metric) {
  if (!fields->Has("slow")) {
    metric->bad = fields->Required("bad");
    metric->total = fields->Required("total");
    return;
  }
  for (const char* key : {"bad", "total"}) {
    if (fields->Has(key))
      fields->Fail(key, "is not for slow, whose histogram counts all requests; leave it out");
  }
  metric->slow = ReadSlow(fields->Sub("slow"));
}

Metric ReadMetric(Fields fields) {
  Metric metric;
  metric.name = fields.Required("name");
  ReadCounted(&fields, &metric);
  const bool compares = fields.Has("compare");
  if (!compares && !fields.Has("max"))
    fields.Fail("max", "is missing; give a bound such as \"10%\", or compare with stable");
  metric.max = ReadShare(&fields, "max", Metric::kNoMax, "one such as \"10%\" or \"0.1\"");
  metric.failure_limit = static_cast<int>(fields.Int("failureLimit", 0, 0, 1000000));
  if (compares) metric.compare = ReadCompare(fields.Sub("compare"));
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
