#include "cli/apply_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <thread>

#include "cli/directory.h"
#include "core/bundle.h"
#include "core/hash.h"
#include "core/json.h"
#include "deploy/apply.h"
#include "deploy/batches.h"
#include "deploy/health/health.h"

namespace headgate::cli {
namespace {

constexpr core::Duration kLookPause = std::chrono::milliseconds(300);
constexpr const char* kSecretType = "headgate.dev/applyset";

class Directory {
 public:
  Directory(const Session& session, const ApplyOptions& options)
      : session_(session), options_(options), deployer_(session.client(), &applied_) {}

  core::Status Run();

 private:
  core::Status Prepare();
  core::Status Load();
  core::Status Save(const deploy::Inventory& inventory);
  core::Status LayGround();
  core::Status RunHooks(deploy::HookPhase phase, std::optional<int> wave_max = {});
  core::Status ApplyBatches();
  core::Status Apply(const core::Objects& objects);
  core::Status AwaitHealthy(const core::Objects& objects);
  core::Status Prune();
  core::Status Pause(const std::string& what);
  std::shared_ptr<const core::Value> Live(const core::ObjectRef& ref);

  const Session& session_;
  const ApplyOptions& options_;
  const core::RealClock clock_;
  deploy::Applied applied_;
  const deploy::Deployer deployer_;
  deploy::ApplyOptions apply_;
  std::string secret_, namespace_name_;
  core::Bundle bundle_;
  core::Objects deployed_;  // without hooks
  std::map<core::ObjectRef, deploy::Type> types_;
  deploy::Inventory before_, wanted_;
  deploy::HookRun run_;
  core::BootTime until_{};
  std::string said_;
};

std::shared_ptr<const core::Value> Directory::Live(const core::ObjectRef& ref) {
  const auto type = types_.find(ref);
  if (type == types_.end()) return nullptr;
  core::Result<core::Value> live =
      session_.client().Get(type->second, ref.namespace_name, ref.name, Interrupted());
  return live ? std::make_shared<const core::Value>(std::move(*live)) : nullptr;
}

core::Status Directory::Prepare() {
  core::Result<core::Objects> objects = RenderDirectory(options_.directory);
  if (!objects) return objects.error();
  const std::string name = options_.name.empty()
                               ? std::filesystem::canonical(options_.directory).filename().string()
                               : options_.name;
  namespace_name_ = options_.destination.empty() ? session_.client().cluster().namespace_name
                                                 : options_.destination;
  secret_ = "headgate-apply." + name;
  apply_.namespace_name = options_.destination;
  apply_.set = deploy::ApplySetOf({"", "Directory", options_.destination, name});
  core::Result<core::Objects> prepared = deployer_.Prepare(*objects, apply_, Interrupted());
  if (!prepared) return prepared.error();
  if (core::Status read = deploy::CheckHooks(*prepared); !read) return read;
  deployed_ = deploy::WithoutHooks(*prepared);
  if (core::Status ordered = deploy::CheckOrder(deployed_); !ordered) return ordered;
  wanted_ = deploy::InventoryOf(deployed_);
  if (std::vector<core::IgnoreRule> rules = deploy::ScaledByOthers(deployed_); !rules.empty()) {
    apply_.ignored = std::make_shared<const deploy::Ignored>(std::move(rules));
  }
  for (const core::Object& object : *prepared) {
    types_[core::RefOf(object.body)] = deploy::TypeOf(object.body);
  }
  bundle_ = core::MakeBundle("", std::move(*prepared));
  return core::Ok();
}

core::Status Directory::Load() {
  run_ = {.bundle = bundle_.hash, .first = true};
  const core::Result<core::Value> secret =
      session_.client().Get({"v1", "Secret"}, namespace_name_, secret_, Interrupted());
  if (!secret && secret.error().fault() == core::Fault::kNotFound) return core::Ok();
  if (!secret) return secret.error();
  const core::Result<std::string> text = core::FromBase64(secret->StringAt("data", "state"));
  const core::Result<core::Value> state =
      text ? core::ParseJson(*text) : core::Result<core::Value>(text.error());
  core::Result<deploy::Inventory> inventory =
      state ? deploy::InventoryFrom(core::Value(state->ListAt("inventory")))
            : core::Result<deploy::Inventory>(state.error());
  if (!inventory)
    return inventory.error().In(fmt::format("Secret {}/{}", namespace_name_, secret_));
  before_ = std::move(*inventory);
  run_.first = false;
  const core::Value* hooks = state->Find("hooks");
  const deploy::HookRun known = hooks ? deploy::HookRunFrom(*hooks) : deploy::HookRun();
  if (known.bundle == run_.bundle) run_ = known;
  if (!run_.failed.empty()) run_.TryAgain();
  return core::Ok();
}

core::Status Directory::Save(const deploy::Inventory& inventory) {
  const core::Value state =
      core::Map{{"inventory", deploy::ToValue(inventory)}, {"hooks", deploy::ToValue(run_)}};
  const core::Value secret = core::Map{
      {"apiVersion", "v1"},
      {"kind", "Secret"},
      {"type", kSecretType},
      {"metadata",
       core::Map{{"name", secret_},
                 {"namespace", namespace_name_},
                 {"labels", core::Map{{"applyset.kubernetes.io/id", apply_.set.id}}},
                 {"annotations", core::Map{{"applyset.kubernetes.io/tooling", "headgate/v1"}}}}},
      {"data", core::Map{{"state", core::ToBase64(core::ToJson(state))}}}};
  const core::Result<core::Value> saved = session_.client().Apply(secret, {}, Interrupted());
  return saved ? core::Ok()
               : core::Status(saved.error().In("remember what is applied; it needs the right to "
                                               "write Secrets in " +
                                               namespace_name_));
}

// The namespace in which the rest is remembered may be among the objects.
core::Status Directory::LayGround() {
  core::Objects ground;
  for (const core::Object& object : deployed_) {
    if (core::IsKind(object.body, "", "Namespace") && core::NameOf(object.body) == namespace_name_)
      ground.push_back(object);
  }
  if (!ground.empty()) {
    core::Result<deploy::ApplyOutcome> outcome = deployer_.Apply(ground, apply_, Interrupted());
    if (!outcome) return outcome.error();
    if (core::Status applied = outcome->status(); !applied) return applied;
  }
  return Save(deploy::Union(before_, wanted_));
}

core::Status Directory::Pause(const std::string& what) {
  if (what != said_) fmt::print("{}\n", what);
  said_ = what;
  if (Interrupted().stop_requested()) return core::Cancelled("interrupted");
  if (clock_.SinceBoot() > until_) {
    return core::Unavailable(
        fmt::format("not done within {}: {}", core::Show(options_.timeout), what));
  }
  std::this_thread::sleep_for(kLookPause);
  return core::Ok();
}

core::Status Directory::RunHooks(deploy::HookPhase phase, std::optional<int> wave_max) {
  const core::Objects hooks = deploy::HooksOf(bundle_.objects, phase, run_.first);
  if (hooks.empty()) return core::Ok();
  deploy::HookOptions options;
  options.apply = apply_;
  options.apply.live = [this](const core::ObjectRef& ref) { return Live(ref); };
  options.wave_max = wave_max;
  options.record = [this](const deploy::HookRun&) { return Save(deploy::Union(before_, wanted_)); };
  if (phase == deploy::HookPhase::kPre) {
    const core::Objects ground = deploy::GroundOf(hooks, bundle_.objects);
    if (core::Status laid = ground.empty() ? core::Ok() : Apply(ground); !laid) return laid;
  }
  while (true) {
    core::Result<deploy::HookMoves> moves =
        deployer_.StepHooks(bundle_.objects, phase, &run_, options, Interrupted());
    if (!moves) return moves.error();
    if (!moves->failed.empty()) {
      const core::Error failed = core::Invalid(moves->failed);
      if (phase != deploy::HookPhase::kFail) (void)RunHooks(deploy::HookPhase::kFail);
      return failed;
    }
    if (moves->done()) return core::Ok();
    if (core::Status waits = Pause("waits for " + moves->waiting); !waits) return waits;
  }
}

core::Status Directory::Apply(const core::Objects& objects) {
  core::Result<deploy::ApplyOutcome> outcome = deployer_.Apply(objects, apply_, Interrupted());
  if (!outcome) return outcome.error();
  for (const deploy::ObjectOutcome& object : outcome->objects) {
    fmt::print("{} {}{}\n", core::Show(object.ref), deploy::Show(object.result),
               object.error ? ": " + object.error->text() : "");
  }
  return outcome->status();
}

core::Status Directory::AwaitHealthy(const core::Objects& objects) {
  for (const core::Object& object : objects) {
    const core::Result<deploy::Policy> policy = deploy::PolicyOf(object.body);
    if (policy && policy->apply == deploy::ApplyMode::kIgnore) continue;
    const core::ObjectRef ref = core::RefOf(object.body);
    while (true) {
      const std::shared_ptr<const core::Value> live = Live(ref);
      const deploy::Health health = deploy::AssessHealth(live ? *live : core::Value());
      if (health.code <= deploy::HealthCode::kSuspended) break;
      core::Status waits =
          Pause(fmt::format("waits for {}: {}", core::Show(ref), deploy::Show(health)));
      if (!waits) return waits;
    }
  }
  return core::Ok();
}

core::Status Directory::ApplyBatches() {
  core::Result<std::vector<deploy::Batch>> batches = deploy::InBatches(deployed_);
  if (!batches) return batches.error();
  for (size_t i = 0; i < batches->size(); ++i) {
    const deploy::Batch& batch = (*batches)[i];
    const bool last = i + 1 == batches->size();
    if (core::Status applied = Apply(batch.objects); !applied) return applied;
    core::Status ran =
        RunHooks(deploy::HookPhase::kSync,
                 last ? std::nullopt : std::optional(batch.wave.value_or(INT32_MIN)));
    if (!ran) return ran;
    if (last) break;
    if (core::Status healthy = AwaitHealthy(batch.objects); !healthy) return healthy;
  }
  return core::Ok();
}

core::Status Directory::Prune() {
  deploy::PruneOptions options;
  options.set = apply_.set;
  options.confirm = options_.prune_all ? core::ConfirmPrunes::kNone : core::ConfirmPrunes::kRisky;
  core::Result<deploy::PruneOutcome> outcome =
      deployer_.Prune(before_, wanted_, options, Interrupted());
  if (!outcome) return outcome.error();
  for (const core::ObjectRef& ref : outcome->pruned) fmt::print("{} pruned\n", core::Show(ref));
  for (const deploy::Change& kept : outcome->kept) {
    fmt::print("{} kept: {}\n", core::Show(kept.ref), kept.reason);
  }
  for (const deploy::Change& waits : outcome->waiting) {
    fmt::print("{} not pruned without --prune-all: {}\n", core::Show(waits.ref), waits.reason);
  }
  if (core::Status saved = Save(outcome->remaining); !saved) return saved;
  return outcome->status();
}

core::Status Directory::Run() {
  until_ = clock_.SinceBoot() + options_.timeout;
  if (core::Status prepared = Prepare(); !prepared) return prepared;
  if (core::Status loaded = Load(); !loaded) return loaded;
  if (core::Status laid = LayGround(); !laid) return laid;
  if (core::Status ran = RunHooks(deploy::HookPhase::kPre); !ran) return ran;
  if (core::Status applied = ApplyBatches(); !applied) return applied;
  if (options_.prune) {
    if (core::Status pruned = Prune(); !pruned) return pruned;
  }
  const bool post = !deploy::HooksOf(bundle_.objects, deploy::HookPhase::kPost, run_.first).empty();
  if (!options_.wait && !post) return core::Ok();
  if (core::Status healthy = AwaitHealthy(deployed_); !healthy) return healthy;
  if (core::Status ran = RunHooks(deploy::HookPhase::kPost); !ran) return ran;
  fmt::print("{} objects are healthy\n", deployed_.size());
  return core::Ok();
}

}  // namespace

core::Status ApplyDirectory(const Session& session, const ApplyOptions& options) {
  return Directory(session, options).Run();
}

}  // namespace headgate::cli
