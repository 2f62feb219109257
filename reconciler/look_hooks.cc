// The part of a look that runs hooks, and waits between waves.
#include <fmt/format.h>

#include <algorithm>

#include "core/hash.h"
#include "core/position.h"
#include "deploy/health/script.h"
#include "deploy/lease.h"
#include "reconciler/look.h"

namespace headgate::reconciler {
namespace {

constexpr core::Duration kHookPause = std::chrono::seconds(2);  // watches wake it earlier

bool IsQuarantined(const core::Value* rollout, const WantedBundle& wanted) {
  const core::Value* status = rollout ? rollout->Find("status") : nullptr;
  if (!status) return false;
  const core::Result<core::RolloutStatus> read = core::ParseRolloutStatus(*status);
  if (!read) return false;
  return std::any_of(read->quarantine.begin(), read->quarantine.end(), [&](const auto& each) {
    return each.gated_hash == wanted.gated_hash || each.revision == wanted.bundle.revision;
  });
}

// Whether there is something to send for an object: not what was sent already and somebody has
// changed since, which is mended without waiting for anything.
bool IsNews(const core::Object& object, const core::Value* live, const deploy::Applied& applied,
            const deploy::Ignored* ignored) {
  if (!live) return true;
  const core::ObjectRef ref = core::RefOf(object.body);
  const auto mark = applied.Find(ref);
  const std::string hash = deploy::WantedHash(object.body, ignored);
  if (mark && mark->wanted_hash == hash) return false;
  if (!ignored || !ignored->Matches(ref))
    return !deploy::IsUnchanged(object.body, *live, &applied, nullptr, hash);
  const core::Result<core::Value> ours = ignored->Ours(object.body, *live);
  return !ours || !deploy::IsUnchanged(*ours, *live, &applied, nullptr, hash);
}

}  // namespace

// Whether the wanted bundle's hooks are to run (again): it is new, and nothing speaks against it.
bool Look::BeginHooks() {
  const SharedRecord stable = memory_->releases.stable();
  if (stable && stable->bundle.hash == wanted_->bundle.hash) return false;
  if (!deploy::HasHooks(wanted_->bundle.objects)) return false;
  if (wanted_->rollout) {
    const core::RolloutSpec& spec = *wanted_->rollout;
    const std::shared_ptr<const core::Value> live =
        parts_.view->Get({core::kGroup, "Rollout", spec.namespace_name, spec.name});
    if (IsQuarantined(live.get(), *wanted_)) return false;
  }
  std::optional<deploy::HookRun>& run = memory_->hooks;
  if (!run || run->bundle != wanted_->bundle.hash) {
    run = deploy::HookRun{.bundle = wanted_->bundle.hash, .first = stable == nullptr};
  }
  if (asked_to_sync_ && !run->failed.empty()) run->TryAgain();
  report_.hooks = run;
  return true;
}

// Whether what is wanted may be deployed or tried: its Pre hooks have run.
bool Look::PassPreHooks() {
  if (!wanted_ || !BeginHooks()) return true;
  const core::Objects& bundle = wanted_->bundle.objects;
  if (!memory_->hooks->failed.empty()) return FailHooks(bundle), false;
  const core::Objects hooks =
      deploy::HooksOf(bundle, deploy::HookPhase::kPre, memory_->hooks->first);
  if (hooks.empty()) return true;
  if (core::Status laid = LayGround(hooks, bundle); !laid) {
    return Trouble(Trouble::kApplyFailed, laid.error()), false;
  }
  core::Result<bool> ran = RunHooks(deploy::HookPhase::kPre, bundle);
  if (!ran) return Trouble(Trouble::kApplyFailed, ran.error()), false;
  if (!memory_->hooks->failed.empty()) FailHooks(bundle);
  return *ran;
}

// What Pre hooks stand on: their namespaces and kinds.
core::Status Look::LayGround(const core::Objects& hooks, const core::Objects& bundle) {
  const core::Objects ground = deploy::GroundOf(hooks, bundle);
  if (ground.empty()) return core::Ok();
  if (core::Status covered = parts_.view->Cover(TypesOf(ground, {}), stop_); !covered)
    return covered;
  if (core::Status claimed = Claim(deploy::InventoryOf(ground)); !claimed) return claimed;
  core::Result<deploy::ApplyOutcome> outcome = deployer_->Apply(ground, Options(), stop_);
  if (!outcome) return outcome.error();
  for (const deploy::ObjectOutcome& object : outcome->objects) {
    if (object.live) parts_.view->Put(object.ref, object.live);
  }
  return outcome->status();
}

// Whether the hooks of a phase are done; a failure is in memory_->hooks.
core::Result<bool> Look::RunHooks(deploy::HookPhase phase, const core::Objects& bundle,
                                  std::optional<int> wave_max) {
  const core::Objects hooks = deploy::HooksOf(bundle, phase, memory_->hooks->first);
  if (hooks.empty()) return true;
  if (core::Status covered = parts_.view->Cover(TypesOf(hooks, {}), stop_); !covered)
    return covered.error();
  deploy::HookOptions options;
  options.apply = Options();
  options.apply.live = [this, phase](const core::ObjectRef& ref) {
    std::shared_ptr<const core::Value> live = parts_.view->Get(ref);
    if (live) return live;
    // One that was deleted once it had ended (a time to live, a hand) has ended.
    live = parts_.view->LastOf(ref);
    const deploy::HookRun& run = *memory_->hooks;
    const bool of_this_run =
        live && core::AnnotationOf(*live, deploy::kHookRunAnnotation) == run.Tag() &&
        !run.finished.contains(fmt::format("{} {}", deploy::Show(phase), core::Show(ref)));
    return of_this_run ? live : nullptr;
  };
  options.wave_max = wave_max;
  options.record = [this](const deploy::HookRun& run) { return RecordHooks(run); };
  options.wrote = [this](const core::ObjectRef& ref, std::shared_ptr<const core::Value> live) {
    if (live) Say(*live_, {"HookCreated", core::Show(ref) + " was created"});
    parts_.view->Put(ref, std::move(live));
  };
  core::Result<deploy::HookMoves> moves =
      deployer_->StepHooks(bundle, phase, &*memory_->hooks, options, stop_);
  report_.hooks = memory_->hooks;
  if (!moves) return moves.error();
  if (!moves->failed.empty()) Say(*live_, {"HookFailed", moves->failed, true});
  if (moves->done()) return true;
  if (report_.waiting.empty()) report_.waiting = "waits for " + moves->waiting;
  look_again_ = std::min(look_again_, kHookPause);
  return false;
}

// After a failure: the Fail hooks, once; then it stays as it is until there is a new commit or
// somebody asks for a sync.
void Look::FailHooks(const core::Objects& bundle) {
  report_.waiting.clear();
  core::Result<bool> ran = RunHooks(deploy::HookPhase::kFail, bundle);
  report_.waiting.clear();
  if (!ran) return Trouble(Trouble::kApplyFailed, ran.error().In("Fail hooks"));
  Trouble(Trouble::kHookFailed,
          core::Invalid(fmt::format("{}; push a commit that mends it, or: headgate sync {}",
                                    memory_->hooks->failed, core::FullName(app_))));
}

// After objects were refused: what only a new commit or a person can mend is a failure.
void Look::FailAfterApply(const core::Error& error) {
  Trouble(Trouble::kApplyFailed, error);
  const bool final = error.fault() == core::Fault::kInvalid ||
                     error.fault() == core::Fault::kForbidden ||
                     error.fault() == core::Fault::kNotFound;
  if (!final || !base_is_new_ || !memory_->hooks || memory_->hooks->bundle != base_->bundle.hash)
    return;
  const std::string waiting = report_.waiting;
  core::Result<bool> ran = RunHooks(deploy::HookPhase::kFail, base_->bundle.objects);
  report_.waiting = waiting;
  if (!ran) Say(*live_, {"HookFailed", "Fail hooks: " + ran.error().text(), true});
}

// What follows once a bundle is released and healthy.
void Look::PostHooks() {
  if (!memory_->hooks) return;
  if (memory_->hooks->bundle != base_->bundle.hash) {
    // Of a bundle that git does not want any more.
    if (wanted_ && wanted_->bundle.hash != memory_->hooks->bundle) memory_->hooks.reset();
    report_.hooks = memory_->hooks;
    return;
  }
  const core::Objects& bundle = base_->bundle.objects;
  if (asked_to_sync_ && !memory_->hooks->failed.empty()) memory_->hooks->TryAgain();
  if (memory_->hooks->failed.empty()) {
    for (const deploy::HookPhase phase : {deploy::HookPhase::kSync, deploy::HookPhase::kPost}) {
      if (phase == deploy::HookPhase::kPost &&
          report_.health.code != deploy::HealthCode::kHealthy) {
        if (!deploy::NextHookMoves(bundle, phase, *memory_->hooks, {}, Options().live).done() &&
            report_.waiting.empty()) {
          report_.waiting = "Post hooks wait until it is healthy; " + deploy::Show(report_.health);
        }
        return;
      }
      core::Result<bool> ran = RunHooks(phase, bundle);
      if (!ran) return Trouble(Trouble::kApplyFailed, ran.error());
      if (!*ran) break;
    }
  }
  if (!memory_->hooks->failed.empty()) FailHooks(bundle);
}

core::Status Look::RecordHooks(const deploy::HookRun& run) {
  core::Value status = memory_->status;  // all else as it was
  status.MakeMap().Set("hooks", deploy::ToValue(run));
  return WriteStatus(std::move(status));
}

// Whether the next batch may begin: this one is healthy and its hooks have run, or there is nothing
// new in what follows.
core::Result<bool> Look::PassBatch(const deploy::Batch& batch, const core::Objects& rest) {
  if (std::holds_alternative<core::RollingBack>(rollout_.position)) return true;
  const bool hooks = base_is_new_ && memory_->hooks && memory_->hooks->failed.empty() &&
                     memory_->hooks->bundle == base_->bundle.hash;
  if (hooks) {
    core::Result<bool> ran =
        RunHooks(deploy::HookPhase::kSync, base_->bundle.objects,
                 rest.empty() ? std::nullopt : std::optional(batch.wave.value_or(INT32_MIN)));
    if (!ran) return ran.error();
    if (!memory_->hooks->failed.empty()) return FailHooks(base_->bundle.objects), false;
    if (!*ran) return false;
  }
  for (const core::Object& object : batch.objects) {
    if (rest.empty()) break;
    const std::shared_ptr<const core::Value> live = parts_.view->Get(core::RefOf(object.body));
    const deploy::Health health =
        live ? deploy::AssessHealth(*live, app_.sync.health)
             : deploy::Health{deploy::HealthCode::kProgressing, "is not seen yet"};
    if (health.code <= deploy::HealthCode::kSuspended) continue;
    const bool news = std::any_of(rest.begin(), rest.end(), [&](const core::Object& later) {
      return IsNews(later, parts_.view->Get(core::RefOf(later.body)).get(), *parts_.applied,
                    memory_->ignored.get());
    });
    if (!news) return true;
    report_.waiting = fmt::format("{} of {} objects wait for {}: {}", rest.size(),
                                  wanted_items_.size(), core::Show(core::RefOf(object.body)),
                                  deploy::Show(live ? HealthOf(*live) : health));
    return false;
  }
  return true;
}

}  // namespace headgate::reconciler
