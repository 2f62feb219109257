#include "deploy/hooks.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "core/application.h"
#include "core/hash.h"
#include "deploy/definitions.h"
#include "deploy/health/health.h"
#include "deploy/kube/client.h"
#include "deploy/order.h"

namespace headgate::deploy {
namespace {

// Where a hook stands.
enum class Stand { kRuns, kDone, kFailed };
struct Standing {
  Stand stand = Stand::kDone;
  std::string why;
};

bool RunsOut(const core::Value& body) {
  return core::IsKind(body, "batch", "Job") || core::IsKind(body, "", "Pod");
}

// Jobs and Pods are waited for; of other kinds it is enough that they are there.
Standing StandingOf(const core::Value& live) {
  if (!RunsOut(live)) return {};
  if (core::IsKind(live, "", "Pod")) {
    const std::string& phase = live.StringAt("status", "phase");
    if (phase == "Succeeded") return {};
    const Health health = AssessHealth(live);
    if (phase == "Failed") return {Stand::kFailed, health.why.empty() ? "failed" : health.why};
    return {Stand::kRuns, health.why.empty() ? "runs" : health.why};
  }
  const Health health = AssessHealth(live);
  if (health.code == HealthCode::kHealthy) return {};
  return {health.code == HealthCode::kDegraded ? Stand::kFailed : Stand::kRuns, health.why};
}

struct Placed {
  const core::Object* object;
  Policy policy;
  core::ObjectRef ref;
};

std::vector<Placed> PlacedHooks(const core::Objects& bundle, HookPhase phase, bool first) {
  std::vector<Placed> hooks;
  for (const core::Object& object : bundle) {
    if (!MayBeHook(object.body)) continue;
    core::Result<Policy> policy = PolicyOf(object.body);
    if (!policy || policy->left_out || !policy->hook || !policy->hook->RunsAt(phase, first))
      continue;
    hooks.push_back({&object, std::move(*policy), core::RefOf(object.body)});
  }
  const auto rank = [](const Placed& hook) {
    return std::tuple(hook.policy.wave.value_or(0), OrderClassOf(hook.ref), hook.ref.name);
  };
  std::stable_sort(hooks.begin(), hooks.end(),
                   [&](const Placed& a, const Placed& b) { return rank(a) < rank(b); });
  return hooks;
}

std::string KeyOf(HookPhase phase, const core::ObjectRef& ref) {
  return fmt::format("{} {}", Show(phase), core::Show(ref));
}

core::Object Marked(const core::Object& hook, const HookRun& run) {
  core::Object marked = hook;
  core::SetAnnotation(&marked.body, kHookRunAnnotation, run.Tag());
  return marked;
}

InventoryItem ItemOf(const core::Value& body) {
  return {core::RefOf(body), core::ParseApiVersion(body.StringAt("apiVersion")).version};
}

// One hook that is not finished yet. What it waits for is added; whether it is finished now.
bool Advance(const Placed& hook, HookPhase phase, const HookRun& run, const core::Value* live,
             HookMoves* moves) {
  const Hook& rules = *hook.policy.hook;
  const std::string name = fmt::format("{} hook {}", Show(phase), core::Show(hook.ref));
  const auto wait = [&](const std::string& why) {
    if (moves->waiting.empty()) moves->waiting = name + ": " + why;
    return false;
  };
  if (live && live->Find("metadata", "deletionTimestamp")) return wait("an earlier one is deleted");
  const bool of_this_run = live && core::AnnotationOf(*live, kHookRunAnnotation) == run.Tag();
  if (live && !of_this_run && (rules.delete_before || RunsOut(*live))) {
    moves->remove.push_back(ItemOf(*live));
    return wait("an earlier one is deleted");
  }
  if (!of_this_run && !live && RunsOut(hook.object->body) &&
      run.started.contains(KeyOf(phase, hook.ref))) {
    if (phase == HookPhase::kFail) return true;
    moves->failed = name + " failed: it was deleted before its end was seen, and is not run twice";
    return false;
  }
  if (of_this_run && !run.started.contains(KeyOf(phase, hook.ref))) {
    moves->started.push_back(KeyOf(phase, hook.ref));
  }
  if (!of_this_run) {
    moves->create.push_back(Marked(*hook.object, run));
    return wait("begins");
  }
  const Standing standing = StandingOf(*live);
  if (standing.stand == Stand::kRuns) return wait(standing.why);
  const bool failed = standing.stand == Stand::kFailed;
  if (failed ? rules.delete_when_failed : rules.delete_when_done) {
    moves->remove.push_back(ItemOf(*live));
  }
  if (failed && phase != HookPhase::kFail) {
    moves->failed = name + " failed" + (standing.why.empty() ? "" : ": " + standing.why);
    return false;
  }
  moves->finished.push_back(KeyOf(phase, hook.ref));
  return true;
}

// What a policy said about a finished hook and a fault prevented.
void CleanUp(const Placed& hook, const HookRun& run, const core::Value* live, HookMoves* moves) {
  if (!live || !hook.policy.hook->delete_when_done) return;
  if (core::AnnotationOf(*live, kHookRunAnnotation) != run.Tag()) return;
  if (live->Find("metadata", "deletionTimestamp")) return;
  moves->remove.push_back(ItemOf(*live));
}

}  // namespace

std::string HookRun::Tag() const { return fmt::format("{}-{}", core::Short(bundle, 16), attempt); }

void HookRun::TryAgain() {
  ++attempt;
  failed.clear();
  started.clear();
  std::erase_if(finished, [](const std::string& key) { return key.starts_with("Fail "); });
}

core::Value ToValue(const HookRun& run) {
  core::List finished;
  for (const std::string& key : run.finished) finished.push_back(key);
  core::Map value{{"bundle", run.bundle}, {"first", run.first}, {"attempt", run.attempt}};
  value.Set("finished", std::move(finished));
  if (!run.started.empty())
    value.Set("started", core::List(run.started.begin(), run.started.end()));
  if (!run.failed.empty()) value.Set("failed", run.failed);
  return value;
}

HookRun HookRunFrom(const core::Value& value) {
  HookRun run;
  run.bundle = value.StringAt("bundle");
  run.first = value.BoolAt(false, "first");
  run.attempt = value.IntAt(0, "attempt");
  run.failed = value.StringAt("failed");
  for (const core::Value& key : value.ListAt("finished")) {
    if (key.AsString()) run.finished.insert(*key.AsString());
  }
  for (const core::Value& key : value.ListAt("started")) {
    if (key.AsString()) run.started.insert(*key.AsString());
  }
  return run;
}

bool HasHooks(const core::Objects& bundle) {
  return std::any_of(bundle.begin(), bundle.end(),
                     [](const core::Object& object) { return MayBeHook(object.body); });
}

core::Objects WithoutHooks(const core::Objects& bundle) {
  core::Objects rest;
  for (const core::Object& object : bundle) {
    if (MayBeHook(object.body)) {
      const core::Result<Policy> policy = PolicyOf(object.body);
      if (!policy || policy->hook || policy->left_out) continue;
    }
    rest.push_back(object);
  }
  return rest;
}

core::Status CheckHooks(const core::Objects& bundle) {
  for (const core::Object& object : bundle) {
    if (core::Result<Policy> policy = PolicyOf(object.body); !policy) {
      const std::string where = core::Where(object);
      return where.empty() ? policy.error() : policy.error().In(where);
    }
  }
  return core::Ok();
}

core::Objects HooksOf(const core::Objects& bundle, HookPhase phase, bool first_deployment) {
  core::Objects hooks;
  for (const Placed& hook : PlacedHooks(bundle, phase, first_deployment)) {
    hooks.push_back(*hook.object);
  }
  return hooks;
}

core::Objects GroundOf(const core::Objects& hooks, const core::Objects& bundle) {
  core::Objects ground;
  for (const core::Object& object : bundle) {
    if (MayBeHook(object.body)) continue;
    const bool needed = std::any_of(hooks.begin(), hooks.end(), [&](const core::Object& hook) {
      if (core::IsKind(object.body, "", "Namespace"))
        return core::NamespaceOf(hook.body) == core::NameOf(object.body);
      if (!IsDefinition(object.body)) return false;
      const core::ObjectRef defined = DefinedBy(object.body);
      const core::ObjectRef ref = core::RefOf(hook.body);
      return defined.group == ref.group && defined.kind == ref.kind;
    });
    if (needed) ground.push_back(object);
  }
  return ground;
}

bool HookMoves::moves() const {
  return !create.empty() || !remove.empty() || !finished.empty() || !failed.empty();
}

bool HookMoves::done() const { return !moves() && waiting.empty(); }

HookMoves NextHookMoves(const core::Objects& bundle, HookPhase phase, const HookRun& run,
                        const std::optional<int>& wave_max, const LiveLookUp& live) {
  HookMoves moves;
  std::optional<int> weight;  // of the hooks that run now
  for (const Placed& hook : PlacedHooks(bundle, phase, run.first)) {
    const int own = hook.policy.wave.value_or(0);
    if (wave_max && own > *wave_max) break;
    const std::shared_ptr<const core::Value> now = live(hook.ref);
    if (run.finished.contains(KeyOf(phase, hook.ref))) {
      CleanUp(hook, run, now.get(), &moves);
      continue;
    }
    if (weight && (own != *weight || hook.policy.hook->one_by_one)) break;
    if (!Advance(hook, phase, run, now.get(), &moves)) weight = own;
  }
  return moves;
}

}  // namespace headgate::deploy
