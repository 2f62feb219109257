// One object of an Apply.
#include <fmt/format.h>

#include "core/application.h"
#include "core/hash.h"
#include "deploy/apply_run.h"
#include "deploy/plan/immutable.h"

namespace headgate::deploy {
namespace {

constexpr core::Duration kViewLagMax = std::chrono::seconds(10);  // of a watch behind our writes
constexpr core::Duration kGoneMax = std::chrono::seconds(20);     // for an object made anew
constexpr core::Duration kGonePause = std::chrono::milliseconds(50);

const std::string& VersionOf(const core::Value& body) {
  return body.StringAt("metadata", "resourceVersion");
}

bool IsReplaced(const core::Value& wanted, const core::Value& live) {
  return DiffOnWanted(wanted, live).empty();
}

}  // namespace

void Deployer::Run::One(size_t i) {
  const core::Value& wanted = prepared_[i].body;
  ObjectOutcome& outcome = outcomes_[i];
  outcome.ref = core::RefOf(wanted);
  if (const std::optional<core::Error> why = WhyNot(wanted)) {
    outcome.error = *why;
    return;  // kSkipped
  }
  const core::Result<Policy> policy = PolicyOf(wanted);
  if (!policy) return Fail(&outcome, policy.error());
  core::Result<Live> live = LiveOf(wanted, *policy);
  if (!live) return Fail(&outcome, live.error());
  outcome.live = *live;
  outcome.wanted_hash = WantedHash(wanted, IgnoredOf(wanted));
  core::Value without;  // what is ignored or left to others, where something is
  const core::Value* ours = &wanted;
  if (*live && (IgnoredOf(wanted) || options_.keep_conflicts)) {
    core::Result<core::Value> left = Ours(wanted, *policy, &outcome);
    if (!left) return FailUnsent(&outcome, left.error().In(core::Show(outcome.ref)));
    without = std::move(*left);
    ours = &without;
  }
  if (NeedsNothing(wanted, *ours, *policy, &outcome)) return;
  if (LeavesDrift(wanted, *ours, &outcome)) return;
  if (*live) {
    if (core::Status owned = CheckOwner(**live); !owned) return FailUnsent(&outcome, owned.error());
  }
  if (const std::optional<core::Error> why = NotNow(outcome)) {
    outcome.result = ApplyResult::kFailed;
    outcome.error = *why;
    return;
  }
  if (MayWrite(&outcome)) Send(wanted, *ours, *policy, &outcome);
}

std::optional<core::Error> Deployer::Run::NotNow(const ObjectOutcome& outcome) const {
  if (!options_.not_now) return std::nullopt;
  return options_.not_now(outcome.ref, outcome.wanted_hash, outcome.live.get());
}

// Notes what somebody else did; whether it is to be left so.
bool Deployer::Run::LeavesDrift(const core::Value& wanted, const core::Value& ours,
                                ObjectOutcome* outcome) {
  const std::optional<AppliedMark> mark =
      applied_ ? applied_->Find(core::RefOf(wanted)) : std::nullopt;
  if (mark ? mark->wanted_hash != outcome->wanted_hash : !options_.settled) return false;
  Drift drift;
  drift.deleted = !outcome->live;
  if (outcome->live) drift = DriftOf(ours, *outcome->live);
  // Somebody set what we wanted: nothing to tell, but it is to be ours again.
  if (drift.empty()) return false;
  outcome->drift = drift;
  const bool heals =
      options_.heal && (!options_.may_heal || options_.may_heal(outcome->ref, drift));
  if (!heals) outcome->result = ApplyResult::kUnchanged;
  return !heals;
}

const Ignored* Deployer::Run::IgnoredOf(const core::Value& wanted) const {
  const Ignored* ignored = options_.ignored.get();
  return ignored && ignored->Matches(core::RefOf(wanted)) ? ignored : nullptr;
}

core::Result<core::Value> Deployer::Run::Ours(const core::Value& wanted, const Policy& policy,
                                              ObjectOutcome* outcome) const {
  const core::Value& live = *outcome->live;
  const bool whole = policy.apply == ApplyMode::kReplace;
  core::Result<core::Value> ours =
      IgnoredOf(wanted) ? options_.ignored->Ours(wanted, live, whole) : wanted;
  if (!ours || !options_.keep_conflicts || whole) return ours;
  const bool known = core::LabelOf(live, core::kPartOfLabel) == options_.set.id;
  const core::Value tree = HeldByOthers(*ours, known ? live : AsMigrated(live));
  if (IsEmptyTree(tree)) return ours;
  core::Value rest = Without(*ours, tree, live);
  outcome->kept = DriftOf(*ours, live);
  std::erase_if(outcome->kept->fields, [](const SetField& field) { return field.manager.empty(); });
  return rest;
}

// Whether it is as it should be, or not ours to touch.
bool Deployer::Run::NeedsNothing(const core::Value& wanted, const core::Value& ours,
                                 const Policy& policy, ObjectOutcome* outcome) {
  const core::Value* live = outcome->live.get();
  const bool left = policy.apply == ApplyMode::kIgnore || policy.left_out ||
                    (live && (policy.apply == ApplyMode::kIfNotPresent || IsLeftAlone(*live)));
  const bool same =
      live && (JustApplied(wanted, *live) ||
               (policy.apply == ApplyMode::kReplace
                    ? IsReplaced(ours, *live)
                    : IsUnchanged(ours, *live, applied_, nullptr, outcome->wanted_hash)));
  if (!left && !same) return false;
  outcome->result = ApplyResult::kUnchanged;
  if (same && !left && applied_ && !applied_->Find(outcome->ref)) Remember(wanted, *live);
  return true;
}

bool Deployer::Run::MayWrite(ObjectOutcome* outcome) {
  if (!options_.may_write) return true;
  const core::Status may = options_.may_write();
  if (may) return true;
  const std::lock_guard lock(mutex_);
  halted_ = may.error();
  outcome->error = may.error().In(core::Show(outcome->ref));
  return false;
}

void Deployer::Run::Send(const core::Value& wanted, const core::Value& ours, const Policy& policy,
                         ObjectOutcome* outcome) {
  const std::string seen = outcome->live ? VersionOf(*outcome->live) : "";
  const core::Status migrated = Migrate(policy, outcome);
  core::Result<core::Value> answer = migrated ? SendOnce(ours, policy, seen, outcome)
                                              : core::Result<core::Value>(migrated.error());
  if (answer && !outcome->live) answer = SendAgain(ours, policy, std::move(*answer), outcome);
  if (!answer && ImmutableField(answer.error()) && outcome->live) {
    const bool allowed = policy.apply == ApplyMode::kRecreate && !options_.dry_run;
    answer = allowed ? Recreate(wanted, *outcome->live) : WithHint(answer.error(), outcome->ref);
  }
  if (!answer) return Fail(outcome, answer.error());
  outcome->result = ResultOf(*outcome, *answer);
  Remember(wanted, *answer);
  outcome->live = std::make_shared<const core::Value>(std::move(*answer));
  if (outcome->live->StringAt("status", "phase") == "Terminating") {
    Fail(outcome,
         core::Unavailable("patch " + core::Show(outcome->ref) +
                           ": it is being deleted; what it holds can come back when it is gone"));
  }
}

// What was thought to be made was there already, and earlier tools left fields on it: those become
// ours, and what of them is not wanted goes. (To ask first would cost a request for each object.)
core::Result<core::Value> Deployer::Run::SendAgain(const core::Value& ours, const Policy& policy,
                                                   core::Value answer, ObjectOutcome* outcome) {
  if (!Migrated(answer) || policy.apply == ApplyMode::kMerge) return answer;
  outcome->live = std::make_shared<const core::Value>(answer);
  const std::string seen = VersionOf(answer);
  if (core::Status migrated = Migrate(policy, outcome); !migrated) return migrated.error();
  if (VersionOf(*outcome->live) == seen) return answer;
  return SendOnce(ours, policy, seen, outcome);
}

// `seen`: the version of the live object before anything was written.
core::Result<core::Value> Deployer::Run::SendOnce(const core::Value& ours, const Policy& policy,
                                                  const std::string& seen, ObjectOutcome* outcome) {
  ApplyRequest request{.force = options_.force_conflicts, .dry_run = options_.dry_run};
  if (const auto fence = options_.fences.find(outcome->ref); fence != options_.fences.end()) {
    request.resource_version = fence->second;
  }
  const bool replace = policy.apply == ApplyMode::kReplace && outcome->live && !options_.dry_run;
  // What others have is known as of this version.
  const bool exact = options_.keep_conflicts && !replace;
  if (outcome->live && (exact || (!seen.empty() && request.resource_version == seen))) {
    request.resource_version = VersionOf(*outcome->live);
  }
  if (!replace && outcome->live && IgnoredOf(ours)) {
    if (core::Status given = GiveUp(*outcome->live, &request); !given) return given.error();
  }
  if (!replace) return client_.Apply(ours, request, stop_);
  core::Value body = ours;  // written only over what was seen
  body.MakeMap()["metadata"].MakeMap().Set("resourceVersion", VersionOf(*outcome->live));
  return client_.Replace(body, stop_);
}

// Fields that kubectl, Flux, Argo CD or Helm left behind become ours, once: at the first apply, and
// where one of them has written again. With conflicts: keep only at the first.
core::Status Deployer::Run::Migrate(const Policy& policy, ObjectOutcome* outcome) {
  const bool over = policy.apply == ApplyMode::kOverride || policy.apply == ApplyMode::kRecreate;
  if (!over || !outcome->live || options_.dry_run || options_.set.id.empty()) return core::Ok();
  const core::Value& live = *outcome->live;
  const bool known = core::LabelOf(live, core::kPartOfLabel) == options_.set.id;
  if (known && options_.keep_conflicts) return core::Ok();
  std::optional<core::Value> fields = Migrated(live);
  if (!fields) return core::Ok();
  const core::Value patch =
      core::Map{{"metadata", core::Map{{"managedFields", std::move(*fields)},
                                       {"resourceVersion", VersionOf(live)}}}};
  core::Result<core::Value> answer =
      client_.Patch(TypeOf(live), core::NamespaceOf(live), core::NameOf(live), patch, {}, stop_);
  if (!answer) return answer.error().In("take over the fields of earlier tools");
  outcome->live = std::make_shared<const core::Value>(std::move(*answer));
  return core::Ok();
}

// Ignored fields that are ours go to headgate-released as they are; written only over what was
// seen, so that nobody's change in between is undone.
core::Status Deployer::Run::GiveUp(const core::Value& live, ApplyRequest* request) {
  const core::Result<core::Value> given_up = options_.ignored->GivenUp(live);
  if (!given_up) return given_up.error();
  if (IsEmptyTree(*given_up) || options_.dry_run) return core::Ok();
  const ApplyRequest hand_over{.resource_version = VersionOf(live),
                               .field_manager = std::string(kReleasedManager)};
  const core::Result<core::Value> done = client_.Apply(HandOver(live, *given_up), hand_over, stop_);
  if (!done) return done.error().In("hand over fields that are ignored");
  if (!request->resource_version.empty()) request->resource_version = VersionOf(*done);
  return core::Ok();
}

// Deletes the live object and makes it anew.
core::Result<core::Value> Deployer::Run::Recreate(const core::Value& wanted,
                                                  const core::Value& live) {
  const core::Status deleted =
      client_.Delete(TypeOf(live), core::NamespaceOf(live), core::NameOf(live),
                     {.uid = live.StringAt("metadata", "uid")}, stop_);
  if (!deleted && deleted.error().fault() != core::Fault::kNotFound) {
    return deleted.error().In("make it anew");
  }
  if (core::Status gone = AwaitGone(live); !gone) return gone.error();
  return client_.Apply(wanted, {.force = options_.force_conflicts}, stop_);
}

// Until another object, or none, has its name. What takes longer is for the next try.
core::Status Deployer::Run::AwaitGone(const core::Value& live) {
  const core::BootTime until = clock_.SinceBoot() + kGoneMax;
  while (true) {
    const core::Result<Live> now = Read(live);
    if (!now) return now.error();
    if (!*now) return core::Ok();
    if ((*now)->StringAt("metadata", "uid") != live.StringAt("metadata", "uid")) return core::Ok();
    if (stop_.stop_requested()) return core::Cancelled("stopped");
    if (clock_.SinceBoot() >= until) {
      const core::List& finalizers = (*now)->ListAt("metadata", "finalizers");
      return core::Unavailable(fmt::format(
          "{}: deleted to be made anew, but it is still there{}", core::Show(core::RefOf(live)),
          finalizers.empty() || !finalizers[0].AsString()
              ? ""
              : "; it waits for the finalizer " + *finalizers[0].AsString()));
    }
    Wait(kGonePause);
  }
}

core::Result<core::Value> Deployer::Run::WithHint(const core::Error& refusal,
                                                  const core::ObjectRef& ref) const {
  return core::Invalid(fmt::format(
      "{} (a live {} keeps this field for its life; to have it deleted and made anew, annotate it "
      "in git with {}: Recreate)",
      refusal.text(), ref.kind, kApplyAnnotation));
}

// Two that claim one object would undo each other's work for ever.
core::Status Deployer::Run::CheckOwner(const core::Value& live) {
  const std::string& set = core::LabelOf(live, core::kPartOfLabel);
  if (set.empty() || set == options_.set.id || options_.take_over || options_.set.id.empty()) {
    return core::Ok();
  }
  const std::string& owner = core::AnnotationOf(live, kApplicationAnnotation);
  const std::string what = core::Show(core::RefOf(live));
  const size_t slash = owner.find('/');
  if (slash == std::string::npos) {
    return core::Invalid(fmt::format("{} belongs to another set: its label {} is {}", what,
                                     core::kPartOfLabel, set));
  }
  const core::Result<core::Value> other = reader_.Get(
      {core::kApiVersion, "Application"}, owner.substr(0, slash), owner.substr(slash + 1), stop_);
  if (!other && other.error().fault() == core::Fault::kNotFound) return core::Ok();
  if (!other) return other.error();
  return core::Invalid(fmt::format(
      "{} belongs to the Application {}; take it out of one of them in git, or have this one take "
      "it over: headgate adopt",
      what, owner));
}

core::Result<Deployer::Run::Live> Deployer::Run::LiveOf(const core::Value& wanted,
                                                        const Policy& policy) {
  if (!options_.live) return Read(wanted);
  Live live = options_.live(core::RefOf(wanted));
  // A view shows only what is ours; what must not be touched may be somebody else's.
  const bool matters =
      policy.apply == ApplyMode::kIfNotPresent || IgnoredOf(wanted) || options_.keep_conflicts;
  if (live || !matters) return live;
  return Read(wanted);
}

core::Result<Deployer::Run::Live> Deployer::Run::Read(const core::Value& wanted) const {
  core::Result<core::Value> live =
      reader_.Get(TypeOf(wanted), core::NamespaceOf(wanted), core::NameOf(wanted), stop_);
  if (live) return std::make_shared<const core::Value>(std::move(*live));
  if (live.error().fault() == core::Fault::kNotFound) return Live();
  return live.error();
}

// The view has not seen our own last apply of the same yet; that is no drift. Believed for a
// while only, since versions go back when a cluster's store is restored.
bool Deployer::Run::JustApplied(const core::Value& wanted, const core::Value& live) const {
  const std::optional<AppliedMark> mark =
      applied_ ? applied_->Find(core::RefOf(wanted)) : std::nullopt;
  return mark && IsOlder(live, *mark) && clock_.SinceBoot() - mark->at < kViewLagMax &&
         mark->wanted_hash == WantedHash(wanted, IgnoredOf(wanted));
}

// An answer at a version that we knew already says that nothing came of it.
ApplyResult Deployer::Run::ResultOf(const ObjectOutcome& outcome, const core::Value& answer) const {
  const std::string& version = VersionOf(answer);
  if (outcome.live && VersionOf(*outcome.live) == version) return ApplyResult::kUnchanged;
  const std::optional<AppliedMark> mark = applied_ ? applied_->Find(outcome.ref) : std::nullopt;
  if (mark && mark->resource_version == version) return ApplyResult::kUnchanged;
  return outcome.live ? ApplyResult::kUpdated : ApplyResult::kCreated;
}

void Deployer::Run::Fail(ObjectOutcome* outcome, const core::Error& error) {
  outcome->result = ApplyResult::kFailed;
  outcome->error = error;
  if (applied_) applied_->Forget(outcome->ref);  // it may have had effect
}

// The server was not asked: what is wrong is looked at anew each time.
void Deployer::Run::FailUnsent(ObjectOutcome* outcome, const core::Error& error) {
  outcome->wanted_hash.clear();
  Fail(outcome, error);
}

void Deployer::Run::Remember(const core::Value& wanted, const core::Value& live) {
  if (!applied_ || options_.dry_run) return;
  applied_->Remember(core::RefOf(wanted),
                     {WantedHash(wanted, IgnoredOf(wanted)), DigestOfManaged(live), VersionOf(live),
                      clock_.SinceBoot()});
}

// Why an object is not even tried.
std::optional<core::Error> Deployer::Run::WhyNot(const core::Value& wanted) {
  const core::ObjectRef ref = core::RefOf(wanted);
  if (stop_.stop_requested()) return core::Cancelled("stopped before " + core::Show(ref));
  const std::lock_guard lock(mutex_);
  if (halted_) return halted_->In(core::Show(ref));
  if (lost_.contains({"", "Namespace", "", ref.namespace_name})) {
    return core::Unavailable(
        fmt::format("{}: namespace {} could not be applied", core::Show(ref), ref.namespace_name));
  }
  if (lost_.contains({ref.group, ref.kind, "", ""})) {
    return core::Unavailable(core::Show(ref) + ": its CustomResourceDefinition is not established");
  }
  return std::nullopt;
}

}  // namespace headgate::deploy
