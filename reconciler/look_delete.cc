// The part of a look that an Application's deletion needs: its finalizer, its objects, its hooks.
#include <fmt/format.h>

#include <algorithm>

#include "deploy/lease.h"
#include "deploy/plan/guards.h"
#include "reconciler/look.h"

namespace headgate::reconciler {
namespace {

constexpr core::Duration kGonePause = std::chrono::milliseconds(500);  // watches wake it earlier
constexpr size_t kShownMax = 3;

bool HasFinalizer(const core::Value& application) {
  const core::List& finalizers = application.ListAt("metadata", "finalizers");
  return std::find(finalizers.begin(), finalizers.end(), core::Value(core::kFinalizer)) !=
         finalizers.end();
}

// "Namespace shop (it waits for the finalizers kubernetes)"
std::string ShowLeft(const core::Value& live) {
  std::string names;
  for (const core::Value& each : live.ListAt("metadata", "finalizers")) {
    if (each.AsString()) names += (names.empty() ? "" : ", ") + *each.AsString();
  }
  const std::string what = core::Show(core::RefOf(live));
  return names.empty() ? what : fmt::format("{} (it waits for the finalizers {})", what, names);
}

}  // namespace

// The finalizer is there exactly where a deletion has something to do.
core::Status Look::KeepFinalizer(bool wanted) {
  if (HasFinalizer(*live_) == wanted) return core::Ok();
  if (core::Status may = parts_.lease->CheckMayWrite(); !may) return may;
  core::List finalizers = live_->ListAt("metadata", "finalizers");
  if (wanted) {
    finalizers.push_back(core::kFinalizer);
  } else {
    std::erase(finalizers, core::Value(core::kFinalizer));
  }
  const core::Value patch = core::Map{
      {"metadata", core::Map{{"finalizers", std::move(finalizers)},
                             {"resourceVersion", live_->StringAt("metadata", "resourceVersion")}}}};
  const core::Result<core::Value> patched = parts_.client.Patch(
      deploy::TypeOf(*live_), core::NamespaceOf(*live_), core::NameOf(*live_), patch, {}, stop_);
  if (!patched && patched.error().fault() == core::Fault::kNotFound) return core::Ok();
  return patched ? core::Ok() : core::Status(patched.error().In("write the finalizer"));
}

// The Application is being deleted.
void Look::Delete() {
  if (!HasFinalizer(*live_)) return;
  report_.revision = memory_->status.StringAt("revision");
  const bool orphan = app_.sync.deletion_policy == core::DeletionPolicy::kOrphan;
  core::Result<bool> done = orphan ? core::Result<bool>(true) : DeleteAll();
  if (!done) return Trouble(Trouble::kDeletionFailed, done.error());
  if (!*done) {
    look_again_ = kGonePause;
    return;
  }
  if (core::Status kept = KeepFinalizer(false); !kept)
    Trouble(Trouble::kDeletionFailed, kept.error());
  gone_ = true;
}

// Whether all that goes with the Application is gone, or on its way where nobody waits for it.
core::Result<bool> Look::DeleteAll() {
  const SharedRecord stable = memory_->releases.stable();
  const core::Objects bundle = stable ? stable->bundle.objects : core::Objects();
  std::set<deploy::Type> types = TypesOf({}, *memory_->inventory);
  types.merge(TypesOf(bundle, {}));
  if (core::Status covered = parts_.view->Cover(types, stop_); !covered) return covered.error();
  const std::string run = "deletion of " + (stable ? stable->bundle.hash : "nothing");
  if (!memory_->hooks || memory_->hooks->bundle != run) {
    memory_->hooks = deploy::HookRun{.bundle = run};
  }
  core::Result<bool> before = RunHooks(deploy::HookPhase::kPreDelete, bundle);
  if (!before) return before;
  if (!memory_->hooks->failed.empty()) return core::Invalid(memory_->hooks->failed);
  if (!*before) return false;
  core::Result<bool> removed = RemoveByRank();
  if (!removed || !*removed) return removed;
  core::Result<bool> after = RunHooks(deploy::HookPhase::kPostDelete, bundle);
  if (!after) return after;
  if (!memory_->hooks->failed.empty()) return core::Invalid(memory_->hooks->failed);
  if (!*after) return false;
  return RemoveHooks(bundle);
}

// In reverse order, each rank once the one before it is gone; with Delete nobody waits.
core::Result<bool> Look::RemoveByRank() {
  std::map<deploy::LeavingRank, deploy::Inventory> ranks;
  for (const deploy::InventoryItem& item : *memory_->inventory) {
    const std::shared_ptr<const core::Value> live = parts_.view->Get(item.ref);
    if (live) ranks[deploy::RankOf(item.ref, live.get())].push_back(item);
  }
  deploy::PruneOptions options = DeletionOptions();
  for (const auto& [rank, items] : ranks) {
    const deploy::PruneOutcome outcome = deployer_->Remove(items, options, stop_);
    if (core::Status done = outcome.status(); !done) return done.error();
    if (app_.sync.deletion_policy != core::DeletionPolicy::kWait) continue;
    std::vector<std::string> left;
    for (const core::ObjectRef& ref : outcome.pruned) {
      if (const auto live = parts_.view->Get(ref)) left.push_back(ShowLeft(*live));
    }
    if (left.empty()) continue;
    const size_t more = left.size() - std::min(left.size(), kShownMax);
    left.resize(left.size() - more);
    report_.waiting = "waits for ";
    for (size_t i = 0; i < left.size(); ++i) report_.waiting += (i ? ", " : "") + left[i];
    if (more) report_.waiting += fmt::format(" and {} more", more);
    report_.waiting += " to go";
    return false;
  }
  return true;
}

// What earlier runs have left.
core::Result<bool> Look::RemoveHooks(const core::Objects& bundle) {
  deploy::Inventory left;
  for (const core::Object& object : bundle) {
    if (!deploy::MayBeHook(object.body)) continue;
    const auto live = parts_.view->Get(core::RefOf(object.body));
    if (!live || core::AnnotationOf(*live, deploy::kHookRunAnnotation).empty()) continue;
    left.push_back(
        {core::RefOf(*live), core::ParseApiVersion(live->StringAt("apiVersion")).version});
  }
  const deploy::PruneOutcome outcome = deployer_->Remove(left, DeletionOptions(), stop_);
  if (core::Status done = outcome.status(); !done) return done.error();
  return true;
}

deploy::PruneOptions Look::DeletionOptions() const {
  deploy::PruneOptions options;
  options.set = set_;
  options.may_write = [this] { return parts_.lease->CheckMayWrite(); };
  options.live = [this](const core::ObjectRef& ref) { return parts_.view->Get(ref); };
  options.with_application = true;
  return options;
}

}  // namespace headgate::reconciler
