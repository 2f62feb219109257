#include "core/rollout_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "core/fields.h"

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

WorkloadRef ReadWorkload(Fields fields) {
  WorkloadRef ref{fields.Required("kind"), fields.Required("name")};
  if (ref.kind != "Deployment")
    fields.Fail("kind", fmt::format("{} cannot be gated; Deployment can", ref.kind));
  fields.Finish();
  return ref;
}

Metric ReadMetric(Fields fields) {
  Metric metric;
  metric.name = fields.Required("name");
  metric.bad = fields.Required("bad");
  metric.total = fields.Required("total");
  const std::string max = fields.Required("max");
  const std::optional<double> share = ParseShare(max);
  if (!share)
    fields.Fail("max",
                fmt::format("\"{}\" is no share; expected one such as \"10%\" or \"0.1\"", max));
  metric.max = share.value_or(0);
  metric.failure_limit = static_cast<int>(fields.Int("failureLimit", 0, 0, 1000000));
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
  analysis.on_hold = ReadPolicy(fields.Sub("onHold"), analysis.on_hold);
  analysis.on_unknown = ReadPolicy(fields.Sub("onUnknown"), analysis.on_unknown);
  fields.Finish();
  return analysis;
}

RolloutSpec ReadSpec(Fields spec) {
  RolloutSpec read;
  for (const Fields& item : spec.Items("workloads")) read.workloads.push_back(ReadWorkload(item));
  if (read.workloads.empty())
    spec.Fail("workloads", "is missing; name the Deployments that the rollout gates");

  if (spec.Has("blueGreen")) {
    if (spec.Has("canary")) spec.Fail("blueGreen", "stands beside canary; give one of them");
    BlueGreen blue_green = ReadBlueGreen(spec.Sub("blueGreen"));
    read.preview_service = std::move(blue_green.preview_service);
    read.steps = std::move(blue_green.steps);
  } else {
    Fields canary = spec.Sub("canary");
    read.canary_label = canary.String("label");
    read.steps = ReadSteps(&canary);
    canary.Finish();
  }
  read.traffic = ReadTraffic(spec.Sub("traffic"));

  read.analysis = ReadAnalysis(spec.Sub("analysis"));
  const bool analyzes = std::any_of(read.steps.begin(), read.steps.end(), [](const Step& step) {
    return std::holds_alternative<Analyze>(step);
  });
  if (analyzes && read.analysis.metrics.empty()) {
    spec.Fail("analysis", "has no metrics, though a step analyzes; name at least one");
  }
  const std::string on_new_commit = spec.String("onNewCommit", "supersede");
  if (on_new_commit == "queue") read.on_new_commit = RolloutSpec::OnNewCommit::kQueue;
  if (on_new_commit != "queue" && on_new_commit != "supersede") {
    spec.Fail("onNewCommit",
              fmt::format("\"{}\" is not known; expected supersede or queue", on_new_commit));
  }
  read.ignore_for_trial = spec.Strings("ignoreForTrial");
  read.allow_irreversible = spec.Bool("allowIrreversible", false);
  spec.Finish();
  return read;
}

}  // namespace

std::string Show(const WorkloadRef& ref) { return ref.kind + " " + ref.name; }

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

Result<RolloutSpec> ParseRolloutSpec(const Object& rollout) {
  Reading reading{rollout.file, std::nullopt};
  RolloutSpec spec = ReadSpec(Fields(rollout.body.Find("spec"), "spec", &reading));
  spec.name = NameOf(rollout.body);
  spec.namespace_name = NamespaceOf(rollout.body);
  if (reading.error) return reading.error->In("Rollout " + spec.name);
  return spec;
}

}  // namespace headgate::core
