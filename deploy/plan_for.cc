// Deployer's reading side: what is live, and what an apply would do to it.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "deploy/apply.h"
#include "deploy/batches.h"
#include "deploy/definitions.h"
#include "deploy/parallel.h"
#include "deploy/plan/immutable.h"
#include "deploy/plan/migrate.h"

namespace headgate::deploy {
namespace {

constexpr int kTriesMax = 3;  // of a dry run whose object moved meanwhile

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

// An apply would make the fields that earlier tools left behind ours, and so take away those that
// are not wanted; a dry run cannot.
void TakeAwayLeftovers(const core::Value& wanted, const core::Value& live, const ApplySet& set,
                       core::Value* answer) {
  const core::Result<Policy> policy = PolicyOf(wanted);
  const bool over =
      policy && (policy->apply == ApplyMode::kOverride || policy->apply == ApplyMode::kRecreate);
  if (!over || set.id.empty() || !Migrated(live)) return;
  const core::Value tree = FieldsOnlyOf(AppliedTree(AsMigrated(live), kFieldManager), wanted);
  *answer = Without(*answer, tree, live);
}

// A live object and what the server would make of it.
struct Tried {
  std::shared_ptr<const core::Value> live;
  std::shared_ptr<const core::Value> dry_run;
};

// The dry run of one object, beside the live state that it began from: controllers write meanwhile,
// and their fields are no difference of ours.
core::Result<Tried> Try(const core::Value& wanted, std::shared_ptr<const core::Value> live,
                        const Client& client, const ApplyOptions& options, std::stop_token stop) {
  for (int tries = 1;; ++tries) {
    core::Result<core::Value> answer =
        client.Apply(wanted, {.force = options.force_conflicts, .dry_run = true}, stop);
    if (!answer) return answer.error();
    if (live && options.ignored) {  // an apply would have handed these over
      const core::Result<core::Value> given_up = options.ignored->GivenUp(*live);
      if (!given_up) return given_up.error();
      CopyValues(*given_up, *live, &*answer);
    }
    if (live) TakeAwayLeftovers(wanted, *live, options.set, &*answer);
    const auto version = [](const core::Value& body) {
      return body.StringAt("metadata", "resourceVersion");
    };
    const bool same = !live || version(*live) == version(*answer);
    if (same || tries >= kTriesMax) {
      return Tried{live, std::make_shared<const core::Value>(std::move(*answer))};
    }
    core::Result<core::Value> again =
        client.As("").Get(TypeOf(wanted), core::NamespaceOf(wanted), core::NameOf(wanted), stop);
    if (!again) return again.error();
    live = std::make_shared<const core::Value>(std::move(*again));
  }
}

// A hook runs when something else changes, which is not known here.
Change RunOf(const core::Object& hook) {
  Change change{.kind = ChangeKind::kRun, .ref = core::RefOf(hook.body), .file = hook.file};
  const core::Result<Policy> policy = PolicyOf(hook.body);
  for (const auto& [phase, when] : policy ? policy->hook->phases : decltype(Hook::phases)()) {
    change.reason += fmt::format("{}{}{}", change.reason.empty() ? "" : ", ", Show(phase),
                                 when.first && when.later ? ""
                                 : when.first             ? " (first deployment)"
                                                          : " (not the first deployment)");
  }
  change.reason = "a hook: " + change.reason;
  return change;
}

// What comes of a dry run that was refused.
void Explain(const core::Error& refusal, const core::Objects& prepared, Change* change) {
  change->reason = "would be refused: " + refusal.text();
  const std::optional<std::string> field = ImmutableField(refusal);
  if (!field || change->kind == ChangeKind::kCreate) return;
  const std::string what = (field->empty() ? "a field" : *field) + " cannot be changed";
  const auto wanted = std::find_if(prepared.begin(), prepared.end(), [&](const auto& object) {
    return core::RefOf(object.body) == change->ref;
  });
  const core::Result<Policy> policy =
      wanted == prepared.end() ? core::Result<Policy>(Policy()) : PolicyOf(wanted->body);
  if (policy && policy->apply == ApplyMode::kRecreate) {
    change->kind = ChangeKind::kRecreate;
    change->reason = what;
  } else {
    change->reason = fmt::format("would be refused: {}; {}: Recreate allows to make it anew", what,
                                 kApplyAnnotation);
  }
}

void AppendHooks(const core::Objects& prepared, Plan* plan) {
  for (const core::Object& object : prepared) {
    if (!MayBeHook(object.body)) continue;
    const core::Result<Policy> policy = PolicyOf(object.body);
    if (policy && policy->hook && !policy->left_out) plan->changes.push_back(RunOf(object));
  }
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
  const core::Result<core::Objects> all = Prepare(objects, options, stop);
  if (!all) return all.error();
  if (core::Status readable = CheckHooks(*all); !readable) return readable.error();
  core::Objects rest = WithoutHooks(*all);
  if (core::Status ordered = CheckOrder(rest); !ordered) return ordered.error();
  const core::Objects* const prepared = &rest;
  const core::Result<LiveObjects> read = ReadLive(*prepared, inventory, stop);
  if (!read) return read.error();
  for (core::Object& object : rest) {
    const auto now = read->find(core::RefOf(object.body));
    if (!options.ignored || now == read->end() || !options.ignored->Matches(now->first)) continue;
    core::Result<core::Value> ours = options.ignored->Ours(object.body, *now->second);
    if (!ours) return ours.error();
    object.body = std::move(*ours);
  }
  for (core::Object& object : rest) {
    const auto now = read->find(core::RefOf(object.body));
    if (!options.keep_conflicts || now == read->end()) continue;
    const core::Value& there = *now->second;
    object.body = Without(object.body, HeldByOthers(object.body, there), there);
  }

  std::mutex mutex;
  LiveObjects live = *read;
  LiveObjects dry_run;
  std::map<core::ObjectRef, core::Error> refused;
  InParallel(prepared->size(), options.parallel_max, [&](size_t i) {
    const core::Value& wanted = (*prepared)[i].body;
    const core::ObjectRef ref = core::RefOf(wanted);
    const auto found = read->find(ref);
    const auto now = found == read->end() ? nullptr : found->second;
    if (now && IsUnchanged(wanted, *now, applied_)) return;
    if (!MayBeTried(wanted, *prepared, *read)) return;
    const core::Result<Tried> tried = Try(wanted, now, client_, options, stop);
    const std::lock_guard lock(mutex);
    if (!tried) {
      refused.emplace(ref, tried.error());
      return;
    }
    if (tried->live) live[ref] = tried->live;
    dry_run[ref] = tried->dry_run;
  });
  if (stop.stop_requested()) return core::Cancelled("plan: stopped");

  Plan plan = PlanChanges(*prepared, live, inventory,
                          {.set = options.set,
                           .applied = applied_,
                           .dry_run = &dry_run,
                           .prune = prune,
                           .allow_empty = allow_empty,
                           .confirm = options.confirm});
  for (Change& change : plan.changes) {
    const auto why = refused.find(change.ref);
    if (why == refused.end()) continue;
    Explain(why->second, *prepared, &change);
  }
  AppendHooks(*all, &plan);
  const auto would = static_cast<size_t>(std::count_if(
      plan.changes.begin(), plan.changes.end(),
      [](const Change& change) { return change.reason.starts_with("would be refused"); }));
  if (would > 0) {
    plan.warning += fmt::format("{}the server would refuse {} of these objects",
                                plan.warning.empty() ? "" : "; ", would);
  }
  return plan;
}

}  // namespace headgate::deploy
