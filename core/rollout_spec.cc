#include "core/rollout_spec.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/fields.h"

namespace headgate::core {
namespace {

WorkloadRef ReadWorkload(Fields fields) {
  WorkloadRef ref{fields.Required("kind"), fields.Required("name")};
  if (ref.kind != "Deployment")
    fields.Fail("kind", fmt::format("{} cannot be gated; Deployment can", ref.kind));
  fields.Finish();
  return ref;
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

Result<RolloutSpec> ParseRolloutSpec(const Object& rollout) {
  Reading reading{rollout.file, std::nullopt};
  RolloutSpec spec = ReadSpec(Fields(rollout.body.Find("spec"), "spec", &reading));
  spec.name = NameOf(rollout.body);
  spec.namespace_name = NamespaceOf(rollout.body);
  if (reading.error) return reading.error->In("Rollout " + spec.name);
  return spec;
}

}  // namespace headgate::core
