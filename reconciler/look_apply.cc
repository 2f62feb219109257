// The part of a look that writes to the cluster: compose, apply, prune, and how healthy it is then.
#include <fmt/format.h>

#include <algorithm>

#include "core/hash.h"
#include "deploy/explain.h"
#include "deploy/health/script.h"
#include "deploy/lease.h"
#include "deploy/tenancy.h"
#include "reconciler/look.h"
#include "rollout/compose.h"

namespace headgate::reconciler {
namespace {

constexpr core::Duration kSettlePause = std::chrono::seconds(2);  // watches wake it earlier

// The record without its hooks, where it has any.
std::optional<core::BundleRecord> Deployed(const core::BundleRecord* record) {
  if (!record || !deploy::HasHooks(record->bundle.objects)) return std::nullopt;
  core::BundleRecord deployed = *record;
  deployed.bundle.objects = deploy::WithoutHooks(record->bundle.objects);
  return deployed;
}

// What git wants to have left alone goes to `ignored`.
core::Objects TakeOut(core::Objects objects, core::Objects* ignored) {
  const auto is_ignored = [](const core::Object& object) {
    const core::Result<deploy::Policy> policy = deploy::PolicyOf(object.body);
    return policy && policy->apply == deploy::ApplyMode::kIgnore;
  };
  std::copy_if(objects.begin(), objects.end(), std::back_inserter(*ignored), is_ignored);
  if (!ignored->empty()) std::erase_if(objects, is_ignored);
  return objects;
}

}  // namespace

// Compose and apply.
bool Look::Bring() {
  if (app_.suspend && !core::IsMoving(rollout_.position)) return true;
  const SharedRecord candidate = memory_->releases.candidate();
  const std::optional<core::BundleRecord> deployed = Deployed(base_.get());
  const std::optional<core::BundleRecord> on_trial = Deployed(candidate.get());
  rollout::ComposeInput input;
  input.stable = deployed ? &*deployed : base_.get();
  input.candidate = on_trial ? &*on_trial : candidate.get();
  input.spec = spec_ ? &*spec_ : nullptr;
  input.position = rollout_.position;
  if (seen_) {
    LiveReplicas replicas = ReplicasOf(*seen_);
    input.stable_replicas = std::move(replicas.stable);
    input.canary_replicas = std::move(replicas.canary);
  }
  core::Result<core::Stages> stages = rollout::Compose(input);
  if (!stages) return Trouble(Trouble::kRolloutFailed, stages.error()), false;
  Ignore(*stages);
  if (core::Status claimed = CoverAndClaim(*stages); !claimed) {
    return Trouble(Trouble::kApplyFailed, claimed.error()), false;
  }
  ForgiveRefusals();
  core::Result<bool> whole = ApplyStages(*stages);
  if (!whole) return FailAfterApply(whole.error()), false;
  if (!*whole) return true;
  memory_->heal_asked = false;
  memory_->adopt = false;
  if (core::Status pruned = Prune(*stages); !pruned)
    return Trouble(Trouble::kApplyFailed, pruned.error()), false;
  if (!base_is_new_) return true;
  memory_->brought = base_->bundle.hash;
  return true;
}

// Whether the Application may ask for these at all; what it may write is said by its account's
// rights. The Namespaces of others are read anew each time: an administrator may take a leave back.
core::Status Look::CheckMay(const core::Objects& prepared) const {
  return deploy::CheckTenancy(
      app_, prepared, [this](const std::string& namespace_name) -> core::Result<std::string> {
        const core::Result<core::Value> space =
            parts_.client.Get({"v1", "Namespace"}, "", namespace_name, stop_);
        if (!space && space.error().fault() == core::Fault::kNotFound) return std::string();
        if (!space) return space.error();
        return core::AnnotationOf(*space, deploy::kAllowAnnotation);
      });
}

// Watches for all that is wanted, and the inventory with what will be new, before anything of it
// exists.
core::Status Look::CoverAndClaim(const core::Stages& stages) {
  wanted_items_.clear();
  ignored_items_.clear();
  std::set<deploy::Type> types;
  for (const core::Stage& stage : stages) {
    core::Result<core::Objects> placed = deployer_->Prepare(stage.objects, Options(), stop_);
    if (!placed) return placed.error();
    if (core::Status may = CheckMay(*placed); !may) return may;
    core::Objects ignored;
    *placed = TakeOut(std::move(*placed), &ignored);
    ignored_items_ = deploy::Union(ignored_items_, deploy::InventoryOf(ignored));
    wanted_items_ = deploy::Union(wanted_items_, deploy::InventoryOf(*placed));
    types.merge(TypesOf(*placed, {}));
  }
  types.merge(TypesOf({}, *memory_->inventory));
  if (core::Status covered = parts_.view->Cover(types, stop_); !covered) return covered;
  return Claim(wanted_items_);
}

// Into the inventory, before anything of it exists.
core::Status Look::Claim(const deploy::Inventory& items) {
  deploy::Inventory all = deploy::Union(*memory_->inventory, items);
  if (all == *memory_->inventory) return core::Ok();
  memory_->inventory = std::move(all);
  report_.inventory = *memory_->inventory;
  core::Value status = memory_->status;  // all else as it was
  if (status.is_null()) {
    Report begun = report_;
    begun.health = {deploy::HealthCode::kProgressing, "its first deployment begins"};
    status = ToStatus(begun, nullptr, parts_.clock->Now());
  }
  status.MakeMap().Set("inventory", deploy::ToValue(*memory_->inventory));
  return WriteStatus(std::move(status));
}

// Whether all stages are applied and none waits.
core::Result<bool> Look::ApplyStages(const core::Stages& stages) {
  size_t sent = 0;
  for (const core::Stage& stage : stages) {
    core::Result<bool> applied = ApplyBatches(stage.objects, &sent);
    if (!applied || !*applied) return applied;
    if (stage.wait == core::Stage::Wait::kReady && !StageReady(stage)) return false;
  }
  if (sent > 0) {
    Say(*live_,
        {"Applied", fmt::format("{} of {} objects changed, as of {}", sent, wanted_items_.size(),
                                core::Short(base_->bundle.revision, 7))});
  }
  return true;
}

// One stage, wave by wave. False where a wave waits.
core::Result<bool> Look::ApplyBatches(const core::Objects& objects, size_t* sent) {
  core::Objects ignored;
  core::Result<std::vector<deploy::Batch>> batches =
      deploy::InBatches(ignored_items_.empty() ? objects : TakeOut(objects, &ignored));
  if (!batches) return batches.error();
  for (size_t i = 0; i < batches->size(); ++i) {
    const deploy::Batch& batch = (*batches)[i];
    core::Result<deploy::ApplyOutcome> outcome =
        deployer_->Apply(batch.objects, OptionsForAll(), stop_);
    if (!outcome) return outcome.error();
    for (const deploy::ObjectOutcome& object : outcome->objects) {
      const bool changed = object.result == deploy::ApplyResult::kCreated ||
                           object.result == deploy::ApplyResult::kUpdated;
      // What was not made by us (IfNotPresent) is not watched.
      const bool unseen = !changed && object.live && !parts_.view->Get(object.ref);
      if ((changed || unseen) && object.live) parts_.view->Put(object.ref, object.live);
      *sent += changed && !object.drift;
    }
    NoteDrift(*outcome);
    NoteRefusals(*outcome);
    if (core::Status applied = outcome->status(); !applied) return applied.error();
    core::Objects rest;
    for (size_t later = i + 1; later < batches->size(); ++later) {
      const core::Objects& more = (*batches)[later].objects;
      rest.insert(rest.end(), more.begin(), more.end());
    }
    core::Result<bool> passed = PassBatch(batch, rest);
    if (!passed || !*passed) return passed;
  }
  return true;
}

bool Look::StageReady(const core::Stage& stage) {
  return std::all_of(stage.objects.begin(), stage.objects.end(), [&](const core::Object& object) {
    if (!core::PodTemplateOf(object.body)) return true;
    const std::shared_ptr<const core::Value> live = parts_.view->Get(core::RefOf(object.body));
    return live &&
           deploy::AssessHealth(*live, app_.sync.health).code == deploy::HealthCode::kHealthy;
  });
}

// What may go: everything that is not wanted any more, or with `prune: false` only what existed for
// a trial.
deploy::Inventory Look::Prunable() const {
  if (app_.sync.prune) return *memory_->inventory;
  deploy::Inventory variants;
  for (const deploy::InventoryItem& item : *memory_->inventory) {
    const std::shared_ptr<const core::Value> live = parts_.view->Get(item.ref);
    if (live && !core::LabelOf(*live, core::kVariantLabel).empty()) variants.push_back(item);
  }
  return variants;
}

core::Status Look::Prune(const core::Stages& stages) {
  if (stages.empty() || *memory_->inventory == wanted_items_) return core::Ok();
  deploy::PruneOptions options;
  options.set = set_;
  options.may_write = [this] { return parts_.lease->CheckMayWrite(); };
  options.live = [this](const core::ObjectRef& ref) { return parts_.view->Get(ref); };
  options.allow_empty = app_.sync.allow_empty;
  options.confirm = app_.sync.confirm_prunes;
  options.confirmed = memory_->prune_confirmed;
  const deploy::Inventory prunable = Prunable();
  core::Result<deploy::PruneOutcome> outcome =
      deployer_->Prune(prunable, deploy::Union(wanted_items_, ignored_items_), options, stop_);
  if (!outcome) return outcome.error();
  for (const core::ObjectRef& ref : outcome->pruned) {
    parts_.view->Put(ref, nullptr);
    Say(*live_, {"Pruned", core::Show(ref) + " is no longer wanted"});
  }
  HoldPrunes(*outcome);
  const auto has = [](const deploy::Inventory& items, const deploy::InventoryItem& item) {
    return std::binary_search(items.begin(), items.end(), item);
  };
  deploy::Inventory left = *memory_->inventory;
  std::erase_if(left, [&](const deploy::InventoryItem& item) {
    return has(prunable, item) && !has(outcome->remaining, item);
  });
  memory_->inventory = std::move(left);
  report_.inventory = *memory_->inventory;
  return outcome->status();
}

// What waits for a person is told once.
void Look::HoldPrunes(const deploy::PruneOutcome& outcome) {
  for (const deploy::Change& change : outcome.waiting) {
    report_.prune.waiting.push_back(core::Show(change.ref) + ": " + change.reason);
  }
  report_.prune.token = outcome.token;
  if (outcome.token.empty()) memory_->prune_confirmed.clear();
  if (std::exchange(memory_->prune_token, outcome.token) == outcome.token || outcome.token.empty())
    return;
  Say(*live_, {"PruneWaits",
               fmt::format("{} and {} more wait for: headgate prune {} --confirm",
                           report_.prune.waiting.front(), report_.prune.waiting.size() - 1,
                           core::FullName(app_)),
               true});
}

deploy::Health Look::WorstHealth() const {
  deploy::Health worst;
  for (const deploy::InventoryItem& item : wanted_items_) {
    const std::shared_ptr<const core::Value> live = parts_.view->Get(item.ref);
    deploy::Health health =
        live ? HealthOf(*live)
             : deploy::Health{deploy::HealthCode::kProgressing, "is not seen yet"};
    if (health.code == worst.code || deploy::Worse(health.code, worst.code) != health.code)
      continue;
    worst = {health.code, core::Show(item.ref) + ": " + health.why};
  }
  return worst;
}

deploy::Health Look::HealthOf(const core::Value& live) const {
  deploy::Health health = deploy::AssessHealth(live, app_.sync.health);
  // Why it takes so long is asked for where it takes long.
  const std::optional<core::BootTime>& since = memory_->progressing_since;
  const bool fresh = !since || parts_.clock->SinceBoot() - *since < kSettlePause;
  if (fresh && health.code == deploy::HealthCode::kProgressing && core::PodTemplateOf(live))
    return health;
  return deploy::Explained(parts_.client, live, std::move(health), parts_.clock->Now(), stop_);
}

// How healthy it is; and what was brought becomes a release: the first one only once it works.
void Look::Settle() {
  const deploy::Health worst = WorstHealth();
  report_.health = memory_->health = worst;
  if (!report_.waiting.empty()) look_again_ = std::min(look_again_, kSettlePause);
  if (worst.code != deploy::HealthCode::kHealthy) look_again_ = std::min(look_again_, kSettlePause);
  std::optional<core::BootTime>& since = memory_->progressing_since;
  const bool progressing =
      worst.code == deploy::HealthCode::kProgressing || !report_.waiting.empty();
  if (!progressing) since.reset();
  if (progressing && !since) since = parts_.clock->SinceBoot();
  report_.overdue = since && parts_.clock->SinceBoot() - *since >= app_.sync.timeout;
  if (!base_is_new_) return PostHooks();
  if (memory_->brought != base_->bundle.hash) return;
  const bool first = memory_->releases.stable() == nullptr;
  if (first && base_by_ != "adoption" && worst.code != deploy::HealthCode::kHealthy) return;
  if (core::Status released = Release(*base_, base_by_, base_->content_named); !released) {
    return Trouble(Trouble::kApplyFailed, released.error());
  }
  PostHooks();
}

deploy::ApplyOptions Look::Options() const {
  deploy::ApplyOptions options;
  options.set = set_;
  options.namespace_name = app_.destination.namespace_name;
  options.may_write = [this] { return parts_.lease->CheckMayWrite(); };
  options.live = [this](const core::ObjectRef& ref) { return parts_.view->Get(ref); };
  options.take_over = memory_->adopt;
  options.fences = fences_;
  options.ignored = memory_->ignored;
  options.keep_conflicts = sync_.conflicts == core::Conflicts::kKeep;
  options.not_now = [this](const core::ObjectRef& ref, const std::string& wanted_hash,
                           const core::Value* live) -> std::optional<core::Error> {
    const auto refusal = memory_->refusals.find(ref);
    if (refusal == memory_->refusals.end()) return std::nullopt;
    if (!IsBlocked(refusal->second, wanted_hash, live, began_)) return std::nullopt;
    return refusal->second.error;
  };
  return options;
}

// Of the objects as a whole, where somebody else's doing can be told from a new commit.
deploy::ApplyOptions Look::OptionsForAll() const {
  deploy::ApplyOptions options = Options();
  options.settled = memory_->releases.stable() && !base_is_new_ &&
                    std::holds_alternative<core::Stable>(rollout_.position);
  options.heal = Heals();
  options.may_heal = [this](const core::ObjectRef& ref, const deploy::Drift& drift) {
    return asked_to_sync_ || memory_->fights->MayHeal(ref, drift, parts_.clock->SinceBoot());
  };
  return options;
}

bool Look::Heals() const {
  return sync_.self_heal || base_is_new_ || memory_->heal_asked ||
         core::IsMoving(rollout_.position);
}

// What git does not govern: what the Application says, and what autoscalers among the objects move.
void Look::Ignore(const core::Stages& stages) {
  std::vector<core::IgnoreRule> rules = sync_.ignore_differences;
  for (const core::Stage& stage : stages) {
    for (core::IgnoreRule& rule : deploy::ScaledByOthers(stage.objects)) {
      rules.push_back(std::move(rule));
    }
  }
  if (memory_->ignored && memory_->ignored->rules() == rules) return;
  memory_->ignored =
      rules.empty() ? nullptr : std::make_shared<const deploy::Ignored>(std::move(rules));
}

core::Result<core::Objects> Look::WithoutIgnored(core::Objects wanted,
                                                 const deploy::LiveObjects& live) const {
  if (!memory_->ignored) return wanted;
  for (core::Object& object : wanted) {
    const auto there = live.find(core::RefOf(object.body));
    if (there == live.end() || !memory_->ignored->Matches(there->first)) continue;
    core::Result<core::Value> ours = memory_->ignored->Ours(object.body, *there->second);
    if (!ours) return ours.error();
    object.body = std::move(*ours);
  }
  return wanted;
}

}  // namespace headgate::reconciler
