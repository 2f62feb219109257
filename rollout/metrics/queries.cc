#include "rollout/metrics/queries.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "rollout/analysis/evaluate.h"
#include "rollout/compose.h"

namespace headgate::rollout::metrics {
namespace {

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
  std::vector<std::string> canary, both;
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
  Pods pods{{names.begin(), names.end()}, {}};
  std::set<std::string> stable;
  for (const WorkloadSeen& workload : seen.stable) {
    for (const PodSeen& pod : workload.pods) stable.insert(pod.name);
  }
  for (const WorkloadSeen& workload : seen.baseline) {
    for (const PodSeen& pod : workload.pods) names.insert(pod.name);
  }
  if (stable.size() <= kStablePodsMax) names.merge(stable);
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

// `canary` and `both` are matchers of the pods of the canary and of both tracks.
core::Result<Query> SlowQuery(const core::Metric& metric, std::string_view canary,
                              std::string_view both, core::Duration range, core::Time at) {
  core::Result<Selector> selector = ParseSelector(metric.slow->histogram);
  if (selector && selector->name.empty())
    selector = core::Invalid("name the histogram before the braces, as in request_seconds{...}");
  if (!selector) return selector.error().In(fmt::format("metric {}: slow.histogram", metric.name));
  std::string_view name = selector->name;
  for (std::string_view part : {"_bucket", "_count", "_sum"}) {
    if (name.ends_with(part)) name.remove_suffix(part.size());
  }
  Query query{metric.name, Query::Which::kSlow, "", at};
  query.histogram = Histogram{std::string(name), Both(selector->matchers, both), range,
                              InUnitOf(name, metric.slow->over),
                              metric.max == core::Metric::kNoMax ? kQuantileShown : 1 - metric.max};
  query.promql =
      fmt::format("sum by (le) ({}_bucket{{{}}})", name, Both(selector->matchers, canary));
  return query;
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
  const Pods pods = PodsOf(trial, seen);
  if (!trial.window_open || pods.both.empty()) return queries;
  const core::Duration open_for = std::max(core::Duration(0), seen.now - *trial.window_open);
  const core::Duration range = std::min(open_for, analysis::kWindowMax) + analysis::kLookBack;
  const core::Analysis& analysis = spec.analysis;
  const auto matchers_of = [&](const std::vector<std::string>& names) {
    std::string matchers = fmt::format("{}=~{}", analysis.pod_label, AnyOf(names));
    if (namespace_name.empty()) return matchers;
    return fmt::format("{}={},{}", analysis.namespace_label, Quote(namespace_name), matchers);
  };
  const std::string matchers = matchers_of(pods.both);
  for (const core::Metric& metric : analysis.metrics) {
    if (metric.slow) {
      core::Result<Query> query =
          SlowQuery(metric, matchers_of(pods.canary), matchers, range, seen.now);
      if (!query) return query.error();
      queries.push_back(std::move(*query));
      continue;
    }
    for (const auto& [which, field, selector] :
         {std::tuple(Query::Which::kBad, "bad", &metric.bad),
          std::tuple(Query::Which::kTotal, "total", &metric.total)}) {
      core::Result<std::string> promql = Narrow(*selector, matchers, range);
      if (!promql) return promql.error().In(fmt::format("metric {}: {}", metric.name, field));
      queries.push_back({metric.name, which, std::move(*promql), seen.now});
    }
  }
  return queries;
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
