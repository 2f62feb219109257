// Deployer's reading side: what is live, and what an apply would do to it.
#include <fmt/format.h>

#include <map>
#include <mutex>
#include <set>

#include "deploy/apply.h"
#include "deploy/definitions.h"
#include "deploy/parallel.h"

namespace headgate::deploy {
namespace {

// Whether its namespace and its kind are there, without which a dry run could only fail.
bool MayBeTried(const core::Value& wanted, const core::Objects& prepared, const LiveObjects& live) {
  const std::string& ns = core::NamespaceOf(wanted);
  const core::Value* definition = DefinitionOf(TypeOf(wanted), prepared);
  if (definition && !live.contains(core::RefOf(*definition))) return false;
  for (const core::Object& object : prepared) {
    if (core::IsKind(object.body, "", "Namespace") && core::NameOf(object.body) == ns) {
      return live.contains(core::RefOf(object.body));
    }
  }
  return true;
}

}  // namespace

core::Result<LiveObjects> Deployer::ReadLive(const core::Objects& prepared,
                                             const Inventory& inventory,
                                             std::stop_token stop) const {
  const Inventory all = Union(InventoryOf(prepared), inventory);
  const Client reader = client_.As("");
  std::mutex mutex;
  LiveObjects live;
  std::optional<core::Error> failed;
  InParallel(all.size(), ApplyOptions().parallel_max, [&](size_t i) {
    const core::ObjectRef& ref = all[i].ref;
    core::Result<core::Value> body =
        reader.Get({ApiVersionOf(all[i]), ref.kind}, ref.namespace_name, ref.name, stop);
    const std::lock_guard lock(mutex);
    if (body) {
      live.emplace(ref, std::make_shared<const core::Value>(std::move(*body)));
    } else if (body.error().fault() != core::Fault::kNotFound && !failed) {
      failed = body.error();
    }
  });
  if (failed) return *failed;
  return live;
}

core::Result<Plan> Deployer::PlanFor(const core::Objects& objects, const Inventory& inventory,
                                     const ApplyOptions& options, bool prune, bool allow_empty,
                                     std::stop_token stop) const {
  const core::Result<core::Objects> prepared = Prepare(objects, options, stop);
  if (!prepared) return prepared.error();
  const core::Result<LiveObjects> live = ReadLive(*prepared, inventory, stop);
  if (!live) return live.error();

  std::mutex mutex;
  LiveObjects dry_run;
  std::map<core::ObjectRef, std::string> refused;
  InParallel(prepared->size(), options.parallel_max, [&](size_t i) {
    const core::Value& wanted = (*prepared)[i].body;
    const core::ObjectRef ref = core::RefOf(wanted);
    const auto now = live->find(ref);
    if (now != live->end() && IsUnchanged(wanted, *now->second, applied_)) return;
    if (!MayBeTried(wanted, *prepared, *live)) return;
    core::Result<core::Value> answer =
        client_.Apply(wanted, {.force = options.force_conflicts, .dry_run = true}, stop);
    const std::lock_guard lock(mutex);
    if (answer) {
      dry_run.emplace(ref, std::make_shared<const core::Value>(std::move(*answer)));
    } else {
      refused.emplace(ref, answer.error().text());
    }
  });
  if (stop.stop_requested()) return core::Cancelled("plan: stopped");

  Plan plan = PlanChanges(*prepared, *live, inventory,
                          {.set = options.set,
                           .applied = applied_,
                           .dry_run = &dry_run,
                           .prune = prune,
                           .allow_empty = allow_empty});
  for (Change& change : plan.changes) {
    const auto why = refused.find(change.ref);
    if (why == refused.end()) continue;
    change.reason = "would be refused: " + why->second;
  }
  if (!refused.empty()) {
    plan.warning += fmt::format("{}the server would refuse {} of these objects",
                                plan.warning.empty() ? "" : "; ", refused.size());
  }
  return plan;
}

}  // namespace headgate::deploy
