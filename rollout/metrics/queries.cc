#include "rollout/metrics/queries.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "rollout/analysis/evaluate.h"
#include "rollout/compose.h"

namespace headgate::rollout::metrics {
namespace {

constexpr int kNumbersMax = 10'000;      // of one query; Prometheus refuses more than 11 000
constexpr double kQuantileShown = 0.99;  // where no bound says which one matters
constexpr size_t kStablePodsMax = 200;   // asked about; with more the observed weight is not known

// Reads name{matchers} from the front of what is left.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  void SkipSpace() {
    while (!text_.empty() && std::isspace(static_cast<unsigned char>(text_.front())))
      text_.remove_prefix(1);
  }
  bool Take(char c) {
    SkipSpace();
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  std::string_view TakeName() {
    SkipSpace();
    size_t size = 0;
    while (size < text_.size() && IsNamePart(text_[size], size == 0)) ++size;
    const std::string_view name = text_.substr(0, size);
    text_.remove_prefix(size);
    return name;
  }
  // A quoted string with its quotes; empty where there is none, or no end of it.
  std::string_view TakeString() {
    SkipSpace();
    if (text_.empty()) return "";
    const char quote = text_.front();
    if (quote != '"' && quote != '\'' && quote != '`') return "";
    for (size_t at = 1; at < text_.size(); ++at) {
      if (text_[at] == '\\' && quote != '`') {
        ++at;
      } else if (text_[at] == quote) {
        const std::string_view literal = text_.substr(0, at + 1);
        text_.remove_prefix(at + 1);
        return literal;
      }
    }
    return "";
  }
  std::string_view TakeOperator() {
    SkipSpace();
    for (std::string_view op : {"=~", "!~", "!=", "="}) {
      if (!text_.starts_with(op)) continue;
      text_.remove_prefix(op.size());
      return op;
    }
    return "";
  }
  bool AtEnd() {
    SkipSpace();
    return text_.empty();
  }

 private:
  static bool IsNamePart(char c, bool first) {
    const auto u = static_cast<unsigned char>(c);
    return std::isalpha(u) || c == '_' || c == ':' || (!first && std::isdigit(u));
  }
  std::string_view text_;
};

core::Error NoSelector(std::string_view selector) {
  return core::Invalid(fmt::format(
      "\"{}\" is no selector of counters such as http_requests_total{{code=~\"5..\"}}; no "
      "functions, ranges or operators",
      selector));
}

// The matchers between the braces, written anew; nothing where they are wrong.
bool ReadMatchers(Reader* reader, std::string* matchers) {
  if (!reader->Take('{')) return true;
  while (!reader->Take('}')) {
    std::string_view label = reader->TakeName();
    const bool quoted = label.empty();
    if (quoted) label = reader->TakeString();  // "a name in UTF-8"
    if (label.empty()) return false;
    const std::string_view op = reader->TakeOperator();
    const std::string_view value = op.empty() ? "" : reader->TakeString();
    if (op.empty() ? !quoted : value.empty()) return false;
    *matchers += fmt::format("{}{}{}{}", matchers->empty() ? "" : ",", label, op, value);
    if (!reader->Take(',')) return reader->Take('}');
  }
  return true;
}

// Names of pods to ask about, each once, sorted: equal pods make equal queries.
struct Pods {
  std::vector<std::string> canary, stable, both;
};
Pods PodsOf(const core::Trial& trial, const Observation& seen) {
  std::set<std::string> names(trial.pods.begin(), trial.pods.end());
  const std::string ours = CandidateLabelValue(trial.candidate.gated_hash);
  for (const WorkloadSeen& workload : seen.canary) {
    for (const PodSeen& pod : workload.pods) {
      if (pod.candidate == ours) names.insert(pod.name);
    }
  }
  if (names.empty()) return {};
  Pods pods{{names.begin(), names.end()}, {}, {}};
  std::set<std::string> stable;
  for (const WorkloadSeen& workload : seen.stable) {
    for (const PodSeen& pod : workload.pods) stable.insert(pod.name);
  }
  for (const WorkloadSeen& workload : seen.baseline) {
    for (const PodSeen& pod : workload.pods) names.insert(pod.name);
  }
  if (stable.size() <= kStablePodsMax) {
    pods.stable = {stable.begin(), stable.end()};
    names.merge(stable);
  }
  pods.both = {names.begin(), names.end()};
  return pods;
}

struct Selector {
  std::string name, matchers;
};
core::Result<Selector> ParseSelector(std::string_view text) {
  Reader reader(text);
  Selector selector{std::string(reader.TakeName()), ""};
  if (!ReadMatchers(&reader, &selector.matchers) || !reader.AtEnd() ||
      (selector.name.empty() && selector.matchers.empty()))
    return NoSelector(text);
  return selector;
}

std::string Both(std::string_view a, std::string_view b) {
  return fmt::format("{}{}{}", a, a.empty() || b.empty() ? "" : ",", b);
}

// What a rollout's queries are made of.
struct Asking {
  Pods pods;
  std::string namespace_name;
  std::string canary, both;  // matchers of pods
  std::vector<std::string> canary_services, stable_services;
  core::Duration range{0};
  core::Time open{}, now{};
  core::Duration interval{0};

  // Matchers of a metric's series: of one track where it tells tracks apart, else of both's pods.
  std::string MatchersOf(const core::Metric& metric, const std::string& track) const {
    if (!metric.tracks) return both;
    const bool is_canary = track == "canary";
    return FillIn(is_canary ? metric.tracks->canary : metric.tracks->stable,
                  {{"namespace", {namespace_name}},
                   {"service", is_canary ? canary_services : stable_services}});
  }
};

core::Result<Query> SlowQuery(const core::Metric& metric, const Asking& asking,
                              const std::string& track) {
  core::Result<Selector> selector = ParseSelector(metric.slow->histogram);
  if (selector && selector->name.empty())
    selector = core::Invalid("name the histogram before the braces, as in request_seconds{...}");
  if (!selector) return selector.error().In("slow.histogram");
  std::string_view name = selector->name;
  for (std::string_view part : {"_bucket", "_count", "_sum"}) {
    if (name.ends_with(part)) name.remove_suffix(part.size());
  }
  const std::string matchers = asking.MatchersOf(metric, track);
  Query query{metric.name, Query::Which::kSlow, "", asking.now};
  query.histogram = Histogram{std::string(name), Both(selector->matchers, matchers), asking.range,
                              InUnitOf(name, metric.slow->over),
                              metric.max == core::Metric::kNoMax ? kQuantileShown : 1 - metric.max};
  query.promql = fmt::format("sum by (le) ({}_bucket{{{}}})", name,
                             Both(selector->matchers, metric.tracks ? matchers : asking.canary));
  query.track = track;
  return query;
}

// Counters or gauges, as they were scraped.
core::Status AddRaw(const core::Metric& metric, const Asking& asking, const std::string& track,
                    std::vector<Query>* queries) {
  std::vector<std::tuple<Query::Which, const char*, const std::string*>> parts = {
      {Query::Which::kBad, "bad", &metric.bad}, {Query::Which::kTotal, "total", &metric.total}};
  if (!metric.gauge.empty()) parts = {{Query::Which::kGauge, "gauge", &metric.gauge}};
  for (const auto& [which, field, selector] : parts) {
    core::Result<std::string> promql =
        Narrow(*selector, asking.MatchersOf(metric, track), asking.range);
    if (!promql) return promql.error().In(field);
    queries->push_back({metric.name, which, std::move(*promql), asking.now, {}, track});
  }
  return core::Ok();
}

core::Status AddQueries(const core::Metric& metric, const Asking& asking,
                        std::vector<Query>* queries) {
  if (!metric.query.empty()) {
    Query query{metric.name, Query::Which::kNumbers, "", asking.now};
    query.promql = FillIn(metric.query, {{"namespace", {asking.namespace_name}},
                                         {"canaryPods", asking.pods.canary},
                                         {"stablePods", asking.pods.stable}});
    query.step = std::max(asking.interval, core::Duration(1000));
    query.from = std::max(
        {asking.open, asking.now - analysis::kWindowMax, asking.now - kNumbersMax * query.step});
    queries->push_back(std::move(query));
    return core::Ok();
  }
  std::vector<std::string> tracks = {""};
  if (metric.tracks) {
    if (asking.canary_services.empty() || asking.stable_services.empty())
      return core::Unavailable(
          "no Service behind the route is known, by which to tell tracks apart");
    tracks = {"canary", "stable"};
  }
  for (const std::string& track : tracks) {
    if (!metric.slow) {
      if (core::Status added = AddRaw(metric, asking, track, queries); !added) return added;
      continue;
    }
    core::Result<Query> query = SlowQuery(metric, asking, track);
    if (!query) return query.error();
    queries->push_back(std::move(*query));
  }
  return core::Ok();
}

std::vector<std::string> ServicesOf(const std::vector<WorkloadSeen>& track) {
  std::set<std::string> names;
  for (const WorkloadSeen& workload : track)
    names.insert(workload.services.begin(), workload.services.end());
  return {names.begin(), names.end()};
}

}  // namespace

core::Result<std::string> Narrow(std::string_view selector, std::string_view matchers,
                                 core::Duration range) {
  core::Result<Selector> parsed = ParseSelector(selector);
  if (!parsed) return parsed.error();
  return fmt::format("{}{{{}}}[{}s]", parsed->name, Both(parsed->matchers, matchers),
                     Seconds(range));
}

int64_t Seconds(core::Duration range) {
  return std::max<int64_t>(std::chrono::ceil<std::chrono::seconds>(range).count(), 1);
}

core::Result<std::vector<Query>> QueriesFor(const core::RolloutSpec& spec, const core::Trial& trial,
                                            const Observation& seen,
                                            std::string_view namespace_name) {
  std::vector<Query> queries;
  Asking asking{PodsOf(trial, seen), std::string(namespace_name)};
  if (!trial.window_open || asking.pods.both.empty()) return queries;
  const core::Duration open_for = std::max(core::Duration(0), seen.now - *trial.window_open);
  asking.range = std::min(open_for, analysis::kWindowMax) + analysis::kLookBack;
  asking.open = *trial.window_open;
  asking.now = seen.now;
  asking.interval = spec.analysis.interval;
  asking.canary_services = ServicesOf(seen.canary);
  asking.stable_services = ServicesOf(seen.stable);
  const auto matchers_of = [&](const std::vector<std::string>& names) {
    std::string matchers = fmt::format("{}=~{}", spec.analysis.pod_label, AnyOf(names));
    if (namespace_name.empty()) return matchers;
    return fmt::format("{}={},{}", spec.analysis.namespace_label, Quote(namespace_name), matchers);
  };
  asking.canary = matchers_of(asking.pods.canary);
  asking.both = matchers_of(asking.pods.both);
  for (const core::Metric& metric : spec.analysis.metrics) {
    if (core::Status added = AddQueries(metric, asking, &queries); !added)
      return added.error().In("metric " + metric.name);
  }
  return queries;
}

std::string FillIn(std::string_view text,
                   const std::vector<std::pair<std::string, std::vector<std::string>>>& values) {
  std::string filled(text);
  for (const auto& [name, all] : values) {
    const std::string quoted = AnyOf(all);
    std::string value = quoted.substr(1, quoted.size() - 2);
    if (all.size() != 1) value = "(" + value + ")";
    const std::string mark = "{{" + name + "}}";
    for (size_t at = filled.find(mark); at != std::string::npos;
         at = filled.find(mark, at + value.size()))
      filled.replace(at, mark.size(), value);
  }
  return filled;
}

std::string Quote(std::string_view text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') quoted.push_back('\\');
    if (c == '\n') {
      quoted += "\\n";
    } else {
      quoted.push_back(c);
    }
  }
  return quoted + "\"";
}

std::string AnyOf(const std::vector<std::string>& names) {
  std::string pattern;
  for (const std::string& name : names) {
    if (!pattern.empty()) pattern.push_back('|');
    for (char c : name) {
      if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_')
        pattern.push_back('\\');
      pattern.push_back(c);
    }
  }
  return Quote(pattern);
}

}  // namespace headgate::rollout::metrics
