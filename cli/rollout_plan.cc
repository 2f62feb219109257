#include "cli/rollout_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/application.h"
#include "core/bundle.h"
#include "core/hash.h"
#include "core/position.h"
#include "rollout/compose.h"
#include "rollout/config.h"
#include "rollout/gated.h"

namespace headgate::cli {
namespace {

// What the live pods of the gated workloads run; "" where they are not there, or are not gated yet.
core::Result<std::string> LiveGatedHash(const Session& session, const core::RolloutSpec& spec) {
  for (const core::WorkloadRef& workload : spec.workloads) {
    core::Result<core::Value> live = session.client().Get(
        {"apps/v1", workload.kind}, spec.namespace_name, workload.name, Interrupted());
    if (!live && live.error().fault() == core::Fault::kNotFound) continue;
    if (!live) return live.error();
    return core::AnnotationOf(*live, core::kGatedHashAnnotation);
  }
  return std::string();
}

// Why the content is held back; "" where it is not.
core::Result<std::string> WhyHeld(const Session& session, const core::Value& application,
                                  const std::string& gated_hash) {
  core::Result<std::optional<core::Value>> live = session.RolloutOf(application);
  if (!live) return live.error();
  const core::Value* found = *live ? (*live)->Find("status") : nullptr;
  if (!found) return std::string();
  core::Result<core::RolloutStatus> status = core::ParseRolloutStatus(*found);
  if (!status) return status.error();
  for (const core::Quarantined& entry : status->quarantine) {
    if (entry.gated_hash == gated_hash) return entry.reason;
  }
  return std::string();
}

std::string ShowSteps(const core::RolloutSpec& spec) {
  std::string text;
  for (const core::Step& step : spec.steps) text += (text.empty() ? "" : ", ") + core::Show(step);
  return text;
}

bool HasCopies(const deploy::Inventory& inventory, const core::Objects& copies) {
  return std::any_of(copies.begin(), copies.end(), [&](const core::Object& copy) {
    const core::ObjectRef ref = core::RefOf(copy.body);
    return std::any_of(inventory.begin(), inventory.end(),
                       [&](const deploy::InventoryItem& item) { return item.ref == ref; });
  });
}

}  // namespace

core::Result<RolloutPlan> PlanRollout(const Session& session, const core::Value& application,
                                      const deploy::Inventory& inventory,
                                      const std::string& revision, core::Objects prepared) {
  core::Result<std::optional<core::RolloutSpec>> found = rollout::FindRollout(prepared);
  if (!found) return found.error();
  if (!*found) return RolloutPlan{std::move(prepared), ""};
  const core::RolloutSpec& spec = **found;
  if (core::Status checked = rollout::CheckBundle(prepared, spec); !checked) return checked.error();
  core::Result<std::string> wanted = rollout::GatedHash(prepared, spec);
  if (!wanted) return wanted.error();
  core::Result<std::string> live = LiveGatedHash(session, spec);
  if (!live) return live.error();
  core::Result<std::string> held = WhyHeld(session, application, *wanted);
  if (!held) return held.error();

  RolloutPlan plan;
  const std::string_view commit = core::Short(revision, 7);
  const std::string steps = ShowSteps(spec);
  if (!held->empty()) {
    plan.first = fmt::format("{} is held: it {}; after a retry it goes on trial first: {}", commit,
                             *held, steps);
  } else if (!live->empty() && *live != *wanted) {
    plan.first = fmt::format("{} goes on trial first: {}", commit, steps);
  }
  core::BundleRecord record;
  record.content_named =
      !plan.first.empty() || HasCopies(inventory, rollout::CopiesOf(prepared, spec));
  record.bundle = core::MakeBundle(revision, std::move(prepared));
  record.gated_hash = *wanted;
  core::Result<core::Stages> stages =
      rollout::Compose({.stable = &record, .spec = &spec, .position = core::Stable{}});
  if (!stages) return stages.error();
  for (core::Stage& stage : *stages) {
    for (core::Object& object : stage.objects) plan.objects.push_back(std::move(object));
  }
  return plan;
}

}  // namespace headgate::cli
