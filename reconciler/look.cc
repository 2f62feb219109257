#include "reconciler/look.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "deploy/events.h"
#include "deploy/health/script.h"
#include "deploy/lease.h"
#include "reconciler/first_sync.h"
#include "rollout/gated.h"

namespace headgate::reconciler {
namespace {

// What takes no longer is told when it is done.
constexpr core::Duration kUnderWayMax = std::chrono::seconds(1);
constexpr core::Duration kKindPause = std::chrono::seconds(2);
constexpr core::Duration kConflictPause = std::chrono::milliseconds(50);
constexpr size_t kAdoptionChangesShown = 5;

bool IsReconciling(const core::Value& status) {
  for (const core::Value& condition : status.ListAt("conditions")) {
    if (condition.StringAt("type") == "Reconciling") return condition.StringAt("status") == "True";
  }
  return false;
}

}  // namespace

core::BundleRecord RecordOf(const WantedBundle& wanted, core::Time now) {
  core::BundleRecord record;
  record.bundle = wanted.bundle;
  record.gated_hash = wanted.gated_hash;
  record.at = now;
  return record;
}

Look::Look(const Parts& parts, Memory* memory, std::shared_ptr<const core::Value> live,
           std::stop_token stop)
    : parts_(parts), memory_(memory), live_(std::move(live)), stop_(std::move(stop)) {}

std::optional<core::Duration> StillSettled(Memory* memory, std::stop_token stop) {
  if (!memory->settled) return std::nullopt;
  const core::Application& app = *memory->settled;
  const core::Result<std::string> newest = memory->source.Newest(app, stop);
  if (!newest) return std::nullopt;
  memory->newest = *newest;
  const core::Result<Source::Wanted> wanted = memory->source.At(app, *newest, stop);
  if (!wanted || wanted->objects != memory->rendered) return std::nullopt;
  return app.sync.interval;
}

core::Duration Look::Run() {
  memory_->settled = nullptr;
  look_again_ = std::chrono::seconds(30);
  began_ = parts_.clock->SinceBoot();
  report_.health = memory_->health;
  Walk();
  ReportDrift();
  ReportRetry();
  // A look that somebody else's write cut off has seen too little to report; the next one comes at
  // once.
  const bool cut_off = error_ && report_.trouble == Trouble::kNone;
  const bool under_way = IsUnderWay();
  if (under_way) look_again_ = std::min(look_again_, kUnderWayMax);
  if (!cut_off && !gone_ && !under_way) {
    core::Status written = WriteStatus(ToStatus(report_, &memory_->status, parts_.clock->Now()));
    if (!written && !error_) error_ = written.error();
  }
  KeepRecording();
  memory_->failures = error_ ? memory_->failures + 1 : 0;
  if (IsSettled()) Rest();
  return Again();
}

// What was rendered stays in one place only.
void Look::Rest() {
  memory_->settled = std::make_shared<const core::Application>(app_);
  wanted_ = nullptr;
  base_ = nullptr;
  memory_->rendered = memory_->source.Compact();
  memory_->releases.Unload();
}

// Whether this look came too soon to tell more than that it has begun: what was written before is
// as good, and what follows will replace it.
bool Look::IsUnderWay() const {
  if (error_ || report_.trouble != Trouble::kNone || report_.deleting || app_.suspend) return false;
  if (spec_ || !report_.waiting.empty() || memory_->answer != answer_before_) return false;
  return memory_->progressing_since &&
         parts_.clock->SinceBoot() - *memory_->progressing_since < kUnderWayMax &&
         IsReconciling(memory_->status);
}

bool Look::IsSettled() const {
  const bool troubled = error_ || report_.trouble != Trouble::kNone || report_.deleting || gone_;
  if (troubled || app_.suspend || !wanted_ || !base_ || base_is_new_ || request_) return false;
  if (spec_ && !std::holds_alternative<core::Stable>(rollout_.position)) return false;
  const bool done =
      wanted_->bundle.hash == base_->bundle.hash && look_again_ == app_.sync.interval &&
      report_.health.code == deploy::HealthCode::kHealthy && report_.waiting.empty() &&
      report_.prune.waiting.empty() && report_.drift.contested.empty() && !report_.retry;
  // What is healthy only by what others say of it (endpoints, say) changes unheard.
  return done && std::all_of(wanted_items_.begin(), wanted_items_.end(), [&](const auto& item) {
           const std::shared_ptr<const core::Value> live = parts_.view->Get(item.ref);
           return live && deploy::AssessHealth(*live, app_.sync.health).code ==
                              deploy::HealthCode::kHealthy;
         });
}

// The table of contents.
void Look::Walk() {
  if (!Read()) return;
  report_.deleting = live_->Find("metadata", "deletionTimestamp") != nullptr;
  if (report_.deleting) {
    if (!ResolveReleases()) return;
    return Delete();
  }
  const bool finalizer = app_.sync.deletion_policy != core::DeletionPolicy::kOrphan;
  if (core::Status kept = KeepFinalizer(finalizer); !kept)
    return Trouble(Trouble::kApplyFailed, kept.error());
  // What a settled application wanted last is what was released: its record need not be read to
  // learn what a new commit replaces.
  wanted_ = memory_->wanted;
  if (wanted_ && !ResolveReleases()) return;
  wanted_ = nullptr;
  Want();
  if (!ResolveReleases()) return;
  HearRollback();
  HoldRolledBack();
  if (!Choose()) return;
  if (spec_ && memory_->releases.stable() && !Judge(*spec_)) return;
  AnswerTheRest();
  if (!Bring()) return;
  Settle();
}

bool Look::Read() {
  report_.observed_generation = live_->IntAt(0, "metadata", "generation");
  set_ = deploy::ApplySetOf(core::RefOf(*live_));
  const core::Value* status = live_->Find("status");
  if (!memory_->inventory) {
    memory_->status = status ? *status : core::Value();
    core::Result<deploy::Inventory> inventory =
        deploy::InventoryFrom(core::Value(memory_->status.ListAt("inventory")));
    if (!inventory)
      return Trouble(Trouble::kApplyFailed, inventory.error().In("status.inventory")), false;
    memory_->inventory = std::move(*inventory);
    if (const core::Value* answer = memory_->status.Find("request"))
      memory_->answer = core::ParseRequestAnswer(*answer);
    if (const core::Value* hooks = memory_->status.Find("hooks"))
      memory_->hooks = deploy::HookRunFrom(*hooks);
    memory_->rolled_back = RolledBackFrom(memory_->status.Find("rollback"));
    memory_->prune_token = memory_->status.StringAt("prune", "token");
    for (const core::Value& healed : memory_->status.ListAt("drift", "healed")) {
      if (healed.AsString()) memory_->healed.push_back(*healed.AsString());
    }
  }
  report_.inventory = *memory_->inventory;
  report_.answer = answer_before_ = memory_->answer;
  report_.hooks = memory_->hooks;
  report_.revision = memory_->status.StringAt("revision");

  core::Result<core::Application> app = core::ParseApplication(*live_);
  if (!app) return Trouble(Trouble::kInvalidSpec, app.error()), false;
  app_ = std::move(*app);
  core::Result<core::SyncPolicy> sync = core::ParseSyncPolicy(*live_);
  if (!sync) return Trouble(Trouble::kInvalidSpec, sync.error()), false;
  sync_ = std::move(*sync);
  if (memory_->rules_read != sync_.ignore_differences) {
    if (core::Status read = deploy::CheckIgnoreRules(sync_.ignore_differences); !read)
      return Trouble(Trouble::kInvalidSpec, read.error()), false;
    memory_->rules_read = sync_.ignore_differences;
  }
  look_again_ = app_.sync.interval;
  report_.suspended = app_.suspend;

  const std::string& asked = core::AnnotationOf(*live_, core::kRequestAnnotation);
  if (!asked.empty()) {
    core::Result<core::Request> request = core::ParseRequest(asked);
    if (!request) return Trouble(Trouble::kInvalidSpec, request.error()), false;
    if (!memory_->answer || memory_->answer->id != request->id) request_ = std::move(*request);
  }
  deploy::Client writer = app_.destination.service_account.empty()
                              ? parts_.client
                              : parts_.client.As(deploy::ServiceAccountUser(
                                    app_.namespace_name, app_.destination.service_account));
  deployer_.emplace(std::move(writer), parts_.applied);
  // The status is written before anything else is.
  const core::Status loaded = memory_->releases.Load(memory_->status.is_null(), stop_);
  if (!loaded) return Trouble(Trouble::kRolloutFailed, loaded.error()), false;
  return true;
}

bool Look::ResolveReleases() {
  core::BundleRecord wanted;
  if (wanted_) wanted = RecordOf(*wanted_, parts_.clock->Now());
  const core::Status resolved = memory_->releases.Resolve(wanted_ ? &wanted : nullptr, stop_);
  if (!resolved) Trouble(Trouble::kRolloutFailed, resolved.error());
  return resolved.ok();
}

// What git asks for. A failure is reported; what is released goes on being looked after.
void Look::Want() {
  if (app_.suspend) return;
  const bool asked = request_.has_value();
  asked_to_sync_ = request_ && request_->verb == "sync";
  if (asked_to_sync_) HearSync();
  if (asked_to_sync_) Answer(true, "looking at git");
  core::Result<std::string> newest = memory_->source.Newest(app_, stop_, asked_to_sync_);
  if (!newest) return Trouble(Trouble::kSourceFailed, newest.error());
  memory_->newest = *newest;
  core::Result<Source::Wanted> wanted = memory_->source.At(app_, *newest, stop_);
  // Of a commit that changes nothing which was read only who asks is told: a write for each
  // application of a repository and each of its commits would cost more than all the rest.
  if (asked || !wanted || wanted->revision == *newest) report_.revision = *newest;
  if (!wanted) {
    const bool files = wanted.error().fault() == core::Fault::kInvalid;
    return Trouble(files ? Trouble::kRenderFailed : Trouble::kSourceFailed, wanted.error());
  }
  if (wanted->objects == memory_->rendered &&
      memory_->wanted->bundle.revision == wanted->revision) {
    wanted_ = memory_->wanted;
    return;
  }
  if (core::Status prepared = PrepareWanted(*wanted); !prepared) {
    // A kind that nobody serves yet may come; asking whether it has is one request.
    const core::Fault fault = prepared.error().fault();
    if (fault == core::Fault::kNotFound) look_again_ = std::min(look_again_, kKindPause);
    const bool refused = fault == core::Fault::kForbidden || fault == core::Fault::kNotFound;
    Trouble(refused ? Trouble::kApplyFailed : Trouble::kRenderFailed, prepared.error());
  }
}

core::Status Look::PrepareWanted(const Source::Wanted& wanted) {
  if (wanted.objects->empty() && !app_.sync.allow_empty) {
    return core::Invalid(
        fmt::format("{} renders nothing; an empty rendering is taken for a mistake, unless "
                    "spec.sync.allowEmpty "
                    "says otherwise",
                    app_.source.path.empty() ? "the root" : app_.source.path));
  }
  core::Result<core::Objects> prepared = deployer_->Prepare(*wanted.objects, Options(), stop_);
  if (!prepared) return prepared.error();
  if (core::Status may = CheckMay(*prepared); !may) return may;
  if (core::Status read = deploy::CheckHooks(*prepared); !read) return read;
  const core::Objects deployed = deploy::WithoutHooks(*prepared);
  if (core::Status ordered = deploy::CheckOrder(deployed); !ordered) return ordered;
  auto bundle = std::make_shared<WantedBundle>();
  core::Result<std::optional<core::RolloutSpec>> spec = rollout::FindRollout(deployed);
  if (!spec) return spec.error();
  if (*spec) {
    if (core::Status checked = rollout::CheckBundle(deployed, **spec); !checked) return checked;
    core::Result<std::string> gated = rollout::GatedHash(deployed, **spec);
    if (!gated) return gated.error();
    bundle->gated_hash = std::move(*gated);
  }
  bundle->rollout = std::move(*spec);
  bundle->bundle = core::MakeBundle(wanted.revision, std::move(*prepared));
  memory_->rendered = wanted.objects;
  memory_->wanted = wanted_ = std::move(bundle);
  return core::Ok();
}

// Which bundle is composed as stable, and which Rollout governs.
bool Look::Choose() {
  base_ = memory_->releases.stable();
  report_.release = base_ ? std::optional(*base_) : std::nullopt;
  if (base_ && memory_->restarted) KeepKnownRevision();
  memory_->restarted = memory_->restarted && !wanted_;
  // A commit that renders the same is as live as the one that was released.
  if (base_ && wanted_ && wanted_->bundle.hash == base_->bundle.hash) {
    report_.release->bundle.revision = wanted_->bundle.revision;
  }
  if (!base_) return ChooseFirst();
  // As if git had not said it yet.
  if (!PassDependencies() || !PassPreHooks()) wanted_ = nullptr;
  core::Result<std::optional<core::RolloutSpec>> spec = GoverningSpec();
  if (!spec) return Trouble(Trouble::kRolloutFailed, spec.error()), false;
  spec_ = std::move(*spec);
  if (spec_ || !wanted_ || wanted_->bundle.hash == base_->bundle.hash) return true;
  base_ = std::make_shared<const core::BundleRecord>(RecordOf(*wanted_, parts_.clock->Now()));
  base_is_new_ = true;
  base_by_ = "direct";
  return true;
}

// After a restart: what is rendered for the first time may be what the status knows already, under
// an earlier revision.
void Look::KeepKnownRevision() {
  const std::string& known = memory_->status.StringAt("release", "revision");
  if (!wanted_ || wanted_->bundle.hash != base_->bundle.hash || known.empty() ||
      memory_->status.StringAt("revision") != known) {
    return;
  }
  auto same = std::make_shared<WantedBundle>(*wanted_);
  same->bundle.revision = known;
  memory_->source.SameAs(known);
  memory_->wanted = wanted_ = std::move(same);
  report_.revision = known;
}

// Nothing was released yet: an empty namespace is deployed directly, live workloads are adopted.
bool Look::ChooseFirst() {
  if (!wanted_) return false;
  base_by_ = "first deployment";
  if (memory_->inventory->empty() && !memory_->adopt) {
    core::Objects objects = deploy::WithoutHooks(wanted_->bundle.objects);
    std::erase_if(objects,
                  [](const core::Object& each) { return !core::PodTemplateOf(each.body); });
    core::Result<deploy::LiveObjects> there = deployer_->ReadLive(objects, {}, stop_);
    if (!there) return Trouble(Trouble::kApplyFailed, there.error().In("read what is live")), false;
    Ignore({core::Stage{.name = "", .objects = wanted_->bundle.objects}});
    core::Result<core::Objects> ours = WithoutIgnored(objects, *there);
    if (!ours) return Trouble(Trouble::kInvalidSpec, ours.error()), false;
    std::vector<std::string> changes = AdoptionChanges(*ours, wanted_->gated_hash, *there, set_);
    const bool asked = request_ && request_->verb == "adopt";
    if (asked) Answer(true, "adopting");
    memory_->adopt = asked;
    if (!changes.empty() && !asked) {
      const size_t more = changes.size() - std::min(changes.size(), kAdoptionChangesShown);
      changes.resize(changes.size() - more);
      const std::string message = fmt::format(
          "adoption would change {}{}; agree with: headgate adopt {}", fmt::join(changes, ", "),
          more ? fmt::format(" and {} more", more) : "", core::FullName(app_));
      return Trouble(Trouble::kAdoptionNeeded, core::Invalid(message)), false;
    }
    if (AdoptsWorkloads(objects, *there, set_)) base_by_ = "adoption";
  }
  if (!PassDependencies() || !PassPreHooks()) return false;
  base_ = std::make_shared<const core::BundleRecord>(RecordOf(*wanted_, parts_.clock->Now()));
  base_is_new_ = true;
  spec_ = wanted_->rollout;
  return true;
}

core::Status Look::WriteStatus(core::Value status) {
  if (status == memory_->status) return core::Ok();
  if (core::Status may = parts_.lease->CheckMayWrite(); !may) return may;
  core::Value body = core::Map{{"apiVersion", core::kApiVersion},
                               {"kind", "Application"},
                               {"metadata", core::Map{{"name", core::NameOf(*live_)},
                                                      {"namespace", core::NamespaceOf(*live_)},
                                                      {"uid", live_->StringAt("metadata", "uid")}}},
                               {"status", status}};
  core::Result<core::Value> written = parts_.client.ApplyStatus(body, stop_);
  if (!written) return written.error().In("write the Application's status");
  memory_->status = std::move(status);
  return core::Ok();
}

void Look::Trouble(reconciler::Trouble trouble, const core::Error& error) {
  if (error.fault() == core::Fault::kConflict || error.fault() == core::Fault::kCancelled) {
    error_ = error;  // passes by itself; not for people
    return;
  }
  if (report_.trouble != Trouble::kNone) return;
  report_.trouble = trouble;
  report_.fault = error.fault();
  report_.message = error.text();
  error_ = error;
}

void Look::Say(const core::Value& about, const rollout::Event& event) {
  parts_.events->Emit(about,
                      event.warning ? deploy::EventType::kWarning : deploy::EventType::kNormal,
                      event.reason, event.message);
}

void Look::Answer(bool accepted, std::string message) {
  if (!request_) return;
  memory_->answer = core::RequestAnswer{request_->id, request_->verb, accepted, std::move(message)};
  report_.answer = memory_->answer;
  request_.reset();
}

// Requests that nothing above has taken.
void Look::AnswerTheRest() {
  if (!request_) return;
  if (request_->verb == "prune") return HearPrune();
  if (request_->verb == "adopt") {
    memory_->adopt = memory_->said.find("belongs to the Application") != std::string::npos;
    Answer(true, memory_->adopt ? "taking over what belongs to another Application"
                                : "there is nothing to adopt");
  } else {
    Answer(false,
           fmt::format("refused: {} {}", core::FullName(app_),
                       spec_ ? "does not know the verb " + request_->verb : "has no Rollout"));
  }
}

// The token says what its author has seen.
void Look::HearPrune() {
  if (memory_->prune_token.empty()) return Answer(true, "nothing waits to be pruned");
  if (request_->step != memory_->prune_token) {
    return Answer(false,
                  fmt::format("refused: what waits to be pruned has changed; look again: headgate "
                              "prune {}",
                              core::FullName(app_)));
  }
  memory_->prune_confirmed = memory_->prune_token;
  Answer(true, "pruning what waited");
}

core::Duration Look::Again() const {
  if (!error_) return look_again_;
  if (error_->fault() == core::Fault::kConflict) return kConflictPause;
  // What git or a person must mend is looked at as often as git is; it costs one listing.
  if (error_->fault() == core::Fault::kInvalid) return look_again_;
  if (error_->retry_after()) return *error_->retry_after();
  if (!memory_->refusals.empty()) return look_again_;
  return std::min(Pause(memory_->failures), std::max(look_again_, sync_.retry.initial));
}

}  // namespace headgate::reconciler
