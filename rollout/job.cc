#include "rollout/job.h"

#include <fmt/format.h>

#include <set>

#include "core/application.h"
#include "core/hash.h"
#include "rollout/config.h"

namespace headgate::rollout {
namespace {

using core::Map;
using core::Value;

constexpr size_t kNameMax = 63;

// Copies exist only of what gated workloads use.
void UseGatedCopies(Value* job, const core::Objects& candidate, const core::RolloutSpec& spec) {
  std::set<std::pair<std::string, std::string>> copied;
  for (const core::Object* workload : GatedOf(candidate, spec)) {
    Value pods =
        core::PodTemplateOf(workload->body) ? *core::PodTemplateOf(workload->body) : Value();
    ForEachConfig(&pods,
                  [&](std::string_view kind, std::string* name) { copied.emplace(kind, *name); });
  }
  core::Objects known;
  for (const core::Object& object : candidate) {
    if (copied.contains({object.body.StringAt("kind"), core::NameOf(object.body)}))
      known.push_back(object);
  }
  UseCopies(job, known);
}

std::string Joined(const Value& condition) {
  std::string why = condition.StringAt("reason");
  const std::string& message = condition.StringAt("message");
  if (!message.empty()) why += (why.empty() ? "" : ": ") + message.substr(0, 200);
  return why;
}

}  // namespace

const core::Job* JobAt(const core::RolloutSpec& spec, const core::Position& position) {
  const auto* trial = std::get_if<core::Trial>(&position);
  if (!trial || trial->part != core::Trial::Part::kObserving) return nullptr;
  if (trial->step < 0 || static_cast<size_t>(trial->step) >= spec.steps.size()) return nullptr;
  return std::get_if<core::Job>(&spec.steps[static_cast<size_t>(trial->step)]);
}

std::string JobNameOf(const core::RolloutSpec& spec, const core::Job& job,
                      const core::Trial& trial) {
  const std::string run = core::ContentHash(
      core::List{trial.candidate.gated_hash, trial.step, core::ShowMicro(trial.since), job.spec});
  return WithSuffix(spec.name, fmt::format("-{}-{}", job.name, core::Short(run)), kNameMax);
}

core::Object MakeJob(const core::RolloutSpec& spec, const core::Job& job, const core::Trial& trial,
                     const core::Objects& candidate) {
  Value job_spec = job.spec;
  Map& fields = job_spec.MakeMap();
  if (!fields.Find("activeDeadlineSeconds"))
    fields.Set("activeDeadlineSeconds",
               int64_t{std::chrono::duration_cast<std::chrono::seconds>(kJobDeadline).count()});
  Map& pod = fields["template"].MakeMap()["spec"].MakeMap();
  if (!pod.Find("restartPolicy")) pod.Set("restartPolicy", "Never");
  Map metadata{{"name", JobNameOf(spec, job, trial)}};
  if (!spec.namespace_name.empty()) metadata.Set("namespace", spec.namespace_name);
  Value body = Map{{"apiVersion", "batch/v1"},
                   {"kind", "Job"},
                   {"metadata", std::move(metadata)},
                   {"spec", std::move(job_spec)}};
  core::SetLabel(&body, core::kVariantLabel, "job");
  UseGatedCopies(&body, candidate, spec);
  return {std::move(body), "spec.canary.steps"};
}

JobSeen SeeJob(const Value* live) {
  using State = JobSeen::State;
  if (!live) return {};
  for (const Value& condition : live->ListAt("status", "conditions")) {
    if (condition.StringAt("status") != "True") continue;
    if (condition.StringAt("type") == "Complete") return {State::kSucceeded, ""};
    if (condition.StringAt("type") == "Failed") return {State::kFailed, Joined(condition)};
  }
  const int64_t active = live->IntAt(0, "status", "active");
  const int64_t failed = live->IntAt(0, "status", "failed");
  std::string why = fmt::format("{} of its pods active", active);
  if (failed > 0) why += fmt::format(", {} failed", failed);
  return {State::kRunning, why};
}

}  // namespace headgate::rollout
