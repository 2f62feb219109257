#include "reconciler/look.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/hash.h"
#include "deploy/events.h"
#include "deploy/lease.h"
#include "git/mirrors.h"
#include "reconciler/first_sync.h"
#include "rollout/compose.h"
#include "rollout/gated.h"
#include "rollout/metrics/prometheus.h"

namespace headgate::reconciler {
namespace {

constexpr core::Duration kBackOffFirst = std::chrono::milliseconds(500);
constexpr core::Duration kBackOffMax = std::chrono::minutes(3);
constexpr core::Duration kConflictPause = std::chrono::milliseconds(50);
constexpr core::Duration kSettlePause = std::chrono::seconds(2);  // watches wake it earlier
constexpr size_t kAdoptionChangesShown = 5;

const core::Object* FindRolloutObject(const core::Objects& objects, const core::RolloutSpec& spec) {
  for (const core::Object& object : objects) {
    if (core::IsKind(object.body, core::kGroup, "Rollout") &&
        core::NameOf(object.body) == spec.name)
      return &object;
  }
  return nullptr;
}

bool IsMoving(const core::Position& position) {
  return !std::holds_alternative<core::Stable>(position) &&
         !std::holds_alternative<core::Held>(position);
}

core::BundleRecord RecordOf(const WantedBundle& wanted, core::Time now) {
  core::BundleRecord record;
  record.bundle = wanted.bundle;
  record.gated_hash = wanted.gated_hash;
  record.at = now;
  return record;
}

}  // namespace

Look::Look(const Parts& parts, Memory* memory, std::shared_ptr<const core::Value> live,
           std::stop_token stop)
    : parts_(parts), memory_(memory), live_(std::move(live)), stop_(std::move(stop)) {}

core::Duration Look::Run() {
  look_again_ = std::chrono::seconds(30);
  report_.health = memory_->health;
  Walk();
  // A look that somebody else's write cut off has seen too little to report; the next one comes at
  // once.
  const bool cut_off = error_ && report_.trouble == Trouble::kNone;
  if (!cut_off) {
    core::Status written = WriteStatus(ToStatus(report_, &memory_->status, parts_.clock->Now()));
    if (!written && !error_) error_ = written.error();
  }
  memory_->failures = error_ ? memory_->failures + 1 : 0;
  return Again();
}

// The table of contents.
void Look::Walk() {
  if (!Read()) return;
  Want();
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
  }
  report_.inventory = *memory_->inventory;
  report_.answer = memory_->answer;
  report_.revision = memory_->status.StringAt("revision");

  core::Result<core::Application> app = core::ParseApplication(*live_);
  if (!app) return Trouble(Trouble::kInvalidSpec, app.error()), false;
  app_ = std::move(*app);
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
  if (core::Status loaded = memory_->releases.Load(stop_); !loaded) {
    return Trouble(Trouble::kRolloutFailed, loaded.error()), false;
  }
  return true;
}

// What git asks for. A failure is reported; what is released goes on being looked after.
void Look::Want() {
  if (app_.suspend) return;
  if (request_ && request_->verb == "sync") Answer(true, "looking at git");
  core::Result<std::string> newest = memory_->source.Newest(app_, stop_);
  if (!newest) return Trouble(Trouble::kSourceFailed, newest.error());
  report_.revision = *newest;
  core::Result<Source::Wanted> wanted = memory_->source.At(app_, *newest, stop_);
  if (!wanted) {
    const bool files = wanted.error().fault() == core::Fault::kInvalid;
    return Trouble(files ? Trouble::kRenderFailed : Trouble::kSourceFailed, wanted.error());
  }
  if (wanted->objects == memory_->rendered &&
      memory_->wanted->bundle.revision == wanted->revision) {
    wanted_ = memory_->wanted;
    return;
  }
  if (core::Status prepared = PrepareWanted(*wanted); !prepared)
    Trouble(Trouble::kRenderFailed, prepared.error());
}

core::Status Look::PrepareWanted(const Source::Wanted& wanted) {
  if (wanted.objects->empty()) {
    return core::Invalid(
        fmt::format("{} renders nothing; an empty rendering is taken for a mistake",
                    app_.source.path.empty() ? "the root" : app_.source.path));
  }
  core::Result<core::Objects> prepared = deployer_->Prepare(*wanted.objects, Options(), stop_);
  if (!prepared) return prepared.error();
  auto bundle = std::make_shared<WantedBundle>();
  core::Result<std::optional<core::RolloutSpec>> spec = rollout::FindRollout(*prepared);
  if (!spec) return spec.error();
  if (*spec) {
    if (core::Status checked = rollout::CheckBundle(*prepared, **spec); !checked) return checked;
    core::Result<std::string> gated = rollout::GatedHash(*prepared, **spec);
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
  // A commit that renders the same is as live as the one that was released.
  if (base_ && wanted_ && wanted_->bundle.hash == base_->bundle.hash) {
    report_.release->bundle.revision = wanted_->bundle.revision;
  }
  if (!base_) return ChooseFirst();
  core::Result<std::optional<core::RolloutSpec>> spec = GoverningSpec();
  if (!spec) return Trouble(Trouble::kRolloutFailed, spec.error()), false;
  spec_ = std::move(*spec);
  if (spec_ || !wanted_ || wanted_->bundle.hash == base_->bundle.hash) return true;
  base_ = std::make_shared<const core::BundleRecord>(RecordOf(*wanted_, parts_.clock->Now()));
  base_is_new_ = true;
  base_by_ = "direct";
  return true;
}

// Nothing was released yet: an empty namespace is deployed directly, live workloads are adopted.
bool Look::ChooseFirst() {
  if (!wanted_) return false;
  base_by_ = "first deployment";
  if (memory_->inventory->empty() && !memory_->adopt) {
    core::Result<deploy::LiveObjects> there =
        deployer_->ReadLive(wanted_->bundle.objects, {}, stop_);
    if (!there) return Trouble(Trouble::kApplyFailed, there.error().In("read what is live")), false;
    std::vector<std::string> changes = AdoptionChanges(wanted_->bundle.objects, *there, set_);
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
    if (AdoptsWorkloads(wanted_->bundle.objects, *there, set_)) base_by_ = "adoption";
  }
  base_ = std::make_shared<const core::BundleRecord>(RecordOf(*wanted_, parts_.clock->Now()));
  base_is_new_ = true;
  spec_ = wanted_->rollout;
  return true;
}

core::Result<std::optional<core::RolloutSpec>> Look::GoverningSpec() const {
  core::Result<std::optional<core::RolloutSpec>> stable =
      rollout::FindRollout(base_->bundle.objects);
  if (!stable) return stable.error();
  // A trial goes by the Rollout that it began with, whatever git says meanwhile.
  const SharedRecord candidate = memory_->releases.candidate();
  std::optional<core::RolloutSpec> other;
  if (candidate) {
    core::Result<std::optional<core::RolloutSpec>> found =
        rollout::FindRollout(candidate->bundle.objects);
    if (!found) return found.error();
    other = std::move(*found);
  } else if (wanted_) {
    other = wanted_->rollout;
    if (!other) return std::optional<core::RolloutSpec>();  // git has given its Rollout up
  }
  if (*stable && other) return std::optional(rollout::Governing(**stable, *other));
  return other ? other : *stable;
}

// The live Rollout, whose status holds the position; applied first where it is not there yet.
core::Result<std::shared_ptr<const core::Value>> Look::LiveRollout(const core::RolloutSpec& spec) {
  const core::ObjectRef ref{core::kGroup, "Rollout", spec.namespace_name, spec.name};
  if (core::Status covered = parts_.view->Cover({{core::kApiVersion, "Rollout"}}, stop_);
      !covered) {
    return covered.error();
  }
  if (std::shared_ptr<const core::Value> live = parts_.view->Get(ref)) return live;
  const core::Object* wanted = FindRolloutObject(base_->bundle.objects, spec);
  if (!wanted && wanted_) wanted = FindRolloutObject(wanted_->bundle.objects, spec);
  if (!wanted) return core::Internal("no bundle has the Rollout " + spec.name);
  core::Result<deploy::ApplyOutcome> outcome = deployer_->Apply({*wanted}, Options(), stop_);
  if (!outcome) return outcome.error();
  if (core::Status applied = outcome->status(); !applied) return applied.error();
  parts_.view->Put(ref, outcome->objects.front().live);
  return outcome->objects.front().live;
}

// Observe, decide, record.
bool Look::Judge(const core::RolloutSpec& spec) {
  core::Result<std::shared_ptr<const core::Value>> live = LiveRollout(spec);
  if (!live) return Trouble(Trouble::kRolloutFailed, live.error()), false;
  const core::Value* status = (*live)->Find("status");
  core::Result<core::RolloutStatus> before =
      core::ParseRolloutStatus(status ? *status : core::Value());
  if (!before) {
    Trouble(Trouble::kRolloutFailed, before.error().In("Rollout " + spec.name));
    return true;  // stable alone is looked after
  }
  rollout_ = std::move(*before);
  report_.position = rollout_.position;
  const core::Status covered = parts_.view->Cover(
      {{"apps/v1", "Deployment"}, {"gateway.networking.k8s.io/v1", "HTTPRoute"}}, stop_);
  if (!covered) return Trouble(Trouble::kApplyFailed, covered.error()), false;

  core::Result<rollout::Observation> seen = Observed(spec, rollout_);
  if (!seen) return Trouble(Trouble::kRolloutFailed, seen.error()), false;
  seen_ = std::move(*seen);
  Fence(spec);
  const rollout::Decision decision = rollout::Decide(spec, rollout_, *seen_);
  if (core::Status recorded = Record(decision, **live); !recorded) {
    return Trouble(Trouble::kRolloutFailed, recorded.error()), false;
  }
  report_.position = rollout_.position;
  report_.rollout_why = decision.why;
  look_again_ = std::min(look_again_, decision.look_again);

  // What changes nothing gated needs no trial.
  const bool direct = std::holds_alternative<core::Stable>(rollout_.position) && wanted_ &&
                      wanted_->gated_hash == seen_->stable_gated_hash &&
                      wanted_->bundle.hash != base_->bundle.hash;
  if (direct) {
    core::BundleRecord record = RecordOf(*wanted_, parts_.clock->Now());
    record.content_named = base_->content_named;
    base_ = std::make_shared<const core::BundleRecord>(std::move(record));
    base_is_new_ = true;
    base_by_ = "direct: nothing gated changed";
  }
  return true;
}

core::Result<rollout::Observation> Look::Observed(const core::RolloutSpec& spec,
                                                  const core::RolloutStatus& status) {
  rollout::Observation seen;
  seen.now = parts_.clock->Now();
  seen.watching_since = parts_.watching_since;
  seen.suspended = app_.suspend;
  seen.request = request_;
  seen.stable_revision = base_->bundle.revision;
  // By the same Rollout as the wanted one, so that only content counts.
  const core::RolloutSpec& by = wanted_ && wanted_->rollout ? *wanted_->rollout : spec;
  const core::Result<std::string> stable_hash = rollout::GatedHash(base_->bundle.objects, by);
  seen.stable_gated_hash = stable_hash ? *stable_hash : base_->gated_hash;
  if (wanted_) {
    const core::Result<std::string> hash = rollout::GatedHash(wanted_->bundle.objects, by);
    seen.wanted = core::Candidate{wanted_->bundle.revision, wanted_->bundle.hash,
                                  hash ? *hash : wanted_->gated_hash};
  }
  const core::Status observed = ObserveCluster(spec, status.position, *parts_.view, parts_.client,
                                               &memory_->route, &seen, stop_);
  if (!observed) return observed.error();

  const auto* trial = std::get_if<core::Trial>(&status.position);
  if (!trial || !rollout::WantsMetrics(spec, status, seen.now)) return seen;
  const std::string& address =
      spec.analysis.prometheus.empty() ? parts_.prometheus : spec.analysis.prometheus;
  core::Result<std::vector<rollout::metrics::Query>> queries =
      rollout::metrics::QueriesFor(spec, *trial, seen, spec.namespace_name);
  if (queries && address.empty()) {
    queries = core::Invalid(
        "no Prometheus: set spec.analysis.prometheus.address, or start the daemon with "
        "--prometheus");
  }
  if (queries) {
    seen.metrics = rollout::metrics::Prometheus(parts_.http, address).AskAll(*queries, stop_);
    return seen;
  }
  seen.metrics.emplace();
  for (const core::Metric& metric : spec.analysis.metrics) {
    seen.metrics->push_back({metric.name, queries.error(), queries.error()});
  }
  return seen;
}

// The candidate's record before the status that names it; the status before anything is done;
// events and answer after.
core::Status Look::Record(const rollout::Decision& decision, const core::Value& live_rollout) {
  if (core::Status may = parts_.lease->CheckMayWrite(); !may) return may;
  if (core::Status kept = KeepCandidate(decision.next.position); !kept) return kept;
  if (!(decision.next == rollout_) || live_rollout.StringAt("status", "message") != decision.why) {
    core::Value body = live_rollout;
    core::Value status = core::ToValue(decision.next);
    status.AsMap()->Set("message", decision.why);
    body.MakeMap().Set("status", std::move(status));
    core::Result<core::Value> written = parts_.client.ReplaceStatus(body, stop_);
    if (!written) return written.error().In("record the rollout's position");
    parts_.view->Put(core::RefOf(*written),
                     std::make_shared<const core::Value>(std::move(*written)));
  }
  rollout_ = decision.next;
  for (const rollout::Event& event : decision.events) {
    Say(live_rollout, event);
    Say(*live_, event);
  }
  if (decision.answer) Answer(decision.answer->accepted, decision.answer->message);

  if (!IsMoving(rollout_.position)) return memory_->releases.DropCandidate(stop_);
  const auto* promoting = std::get_if<core::Promoting>(&rollout_.position);
  const SharedRecord candidate = memory_->releases.candidate();
  if (!promoting || promoting->part != core::Promoting::Part::kRecording || !candidate)
    return core::Ok();
  if (candidate->gated_hash != promoting->candidate.gated_hash) return core::Ok();
  look_again_ = core::Duration(0);
  return Release(*candidate, "promotion", true);
}

core::Status Look::KeepCandidate(const core::Position& next) {
  const core::Candidate* candidate = core::CandidateOf(next);
  if (!candidate || std::holds_alternative<core::Held>(next)) return core::Ok();
  const SharedRecord kept = memory_->releases.candidate();
  if (kept && kept->bundle.hash == candidate->bundle_hash) return core::Ok();
  if (!wanted_ || wanted_->bundle.hash != candidate->bundle_hash)
    return core::Ok();  // lost: stable is composed alone
  core::BundleRecord record = RecordOf(*wanted_, parts_.clock->Now());
  record.gated_hash = candidate->gated_hash;
  record.by = "trial";
  return memory_->releases.KeepCandidate(std::move(record), stop_);
}

core::Status Look::Release(core::BundleRecord record, const std::string& by, bool content_named) {
  record.by = by;
  record.content_named = content_named;
  record.at = parts_.clock->Now();
  if (core::Status released = memory_->releases.Release(std::move(record), stop_); !released)
    return released;
  base_ = memory_->releases.stable();
  report_.release = *base_;
  Say(*live_, {"Released", fmt::format("release {}: {} ({})", base_->number,
                                       core::Short(base_->bundle.revision, 7), by)});
  return core::Ok();
}

// Compose and apply.
bool Look::Bring() {
  if (app_.suspend && !IsMoving(rollout_.position)) return true;
  const SharedRecord candidate = memory_->releases.candidate();
  rollout::ComposeInput input;
  input.stable = base_.get();
  input.candidate = candidate.get();
  input.spec = spec_ ? &*spec_ : nullptr;
  input.position = rollout_.position;
  if (seen_) {
    LiveReplicas replicas = ReplicasOf(*seen_);
    input.stable_replicas = std::move(replicas.stable);
    input.canary_replicas = std::move(replicas.canary);
  }
  core::Result<core::Stages> stages = rollout::Compose(input);
  if (!stages) return Trouble(Trouble::kRolloutFailed, stages.error()), false;
  if (core::Status claimed = CoverAndClaim(*stages); !claimed) {
    return Trouble(Trouble::kApplyFailed, claimed.error()), false;
  }
  core::Result<bool> whole = ApplyStages(*stages);
  if (!whole) return Trouble(Trouble::kApplyFailed, whole.error()), false;
  if (!*whole) return true;
  if (core::Status pruned = Prune(*stages); !pruned)
    return Trouble(Trouble::kApplyFailed, pruned.error()), false;
  if (!base_is_new_) return true;
  memory_->brought = base_->bundle.hash;
  return true;
}

// Watches for all that is wanted, and the inventory with what will be new, before anything of it
// exists.
core::Status Look::CoverAndClaim(const core::Stages& stages) {
  wanted_items_.clear();
  std::set<deploy::Type> types;
  for (const core::Stage& stage : stages) {
    core::Result<core::Objects> placed = deployer_->Prepare(stage.objects, Options(), stop_);
    if (!placed) return placed.error();
    wanted_items_ = deploy::Union(wanted_items_, deploy::InventoryOf(*placed));
    types.merge(TypesOf(*placed, {}));
  }
  types.merge(TypesOf({}, *memory_->inventory));
  if (core::Status covered = parts_.view->Cover(types, stop_); !covered) return covered;
  deploy::Inventory all = deploy::Union(*memory_->inventory, wanted_items_);
  if (all == *memory_->inventory) return core::Ok();
  memory_->inventory = std::move(all);
  report_.inventory = *memory_->inventory;
  core::Value status = memory_->status;  // all else as it was
  status.MakeMap().Set("inventory", deploy::ToValue(*memory_->inventory));
  return WriteStatus(std::move(status));
}

// Whether all stages are applied and none waits.
core::Result<bool> Look::ApplyStages(const core::Stages& stages) {
  size_t sent = 0;
  for (const core::Stage& stage : stages) {
    core::Result<deploy::ApplyOutcome> outcome = deployer_->Apply(stage.objects, Options(), stop_);
    if (!outcome) return outcome.error();
    for (const deploy::ObjectOutcome& object : outcome->objects) {
      const bool changed = object.result == deploy::ApplyResult::kCreated ||
                           object.result == deploy::ApplyResult::kUpdated;
      if (changed && object.live) parts_.view->Put(object.ref, object.live);
      sent += changed;
    }
    if (core::Status applied = outcome->status(); !applied) return applied.error();
    if (stage.wait == core::Stage::Wait::kReady && !StageReady(stage)) return false;
  }
  if (sent > 0) {
    Say(*live_,
        {"Applied", fmt::format("{} of {} objects changed, as of {}", sent, wanted_items_.size(),
                                core::Short(base_->bundle.revision, 7))});
  }
  return true;
}

bool Look::StageReady(const core::Stage& stage) {
  return std::all_of(stage.objects.begin(), stage.objects.end(), [&](const core::Object& object) {
    if (!core::PodTemplateOf(object.body)) return true;
    const std::shared_ptr<const core::Value> live = parts_.view->Get(core::RefOf(object.body));
    return live && deploy::AssessHealth(*live).code == deploy::HealthCode::kHealthy;
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
  core::Result<deploy::PruneOutcome> outcome =
      deployer_->Prune(Prunable(), wanted_items_, options, stop_);
  if (!outcome) return outcome.error();
  for (const core::ObjectRef& ref : outcome->pruned) {
    parts_.view->Put(ref, nullptr);
    Say(*live_, {"Pruned", core::Show(ref) + " is no longer wanted"});
  }
  deploy::Inventory left = *memory_->inventory;
  std::erase_if(left, [&](const deploy::InventoryItem& item) {
    return std::find(outcome->pruned.begin(), outcome->pruned.end(), item.ref) !=
           outcome->pruned.end();
  });
  memory_->inventory = std::move(left);
  report_.inventory = *memory_->inventory;
  return outcome->status();
}

deploy::Health Look::HealthOf(const core::Value& live) const {
  deploy::Health health = deploy::AssessHealth(live);
  if (health.code == deploy::HealthCode::kHealthy || !core::PodTemplateOf(live) ||
      SelectorOf(live).empty())
    return health;
  deploy::ListOptions options;
  options.namespace_name = core::NamespaceOf(live);
  options.label_selector = SelectorOf(live);
  core::Result<deploy::ListAnswer> pods = parts_.client.List({"v1", "Pod"}, options, stop_);
  if (!pods) return health;  // the cause is a comfort, not a need
  const std::string cause = deploy::CauseOf(live, pods->items);
  if (!cause.empty()) health.why += (health.why.empty() ? "" : ": ") + cause;
  return health;
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

// How healthy it is; and what was brought becomes a release: the first one only once it works.
void Look::Settle() {
  const deploy::Health worst = WorstHealth();
  report_.health = memory_->health = worst;
  if (worst.code != deploy::HealthCode::kHealthy) look_again_ = std::min(look_again_, kSettlePause);
  std::optional<core::BootTime>& since = memory_->progressing_since;
  if (worst.code != deploy::HealthCode::kProgressing) since.reset();
  if (worst.code == deploy::HealthCode::kProgressing && !since) since = parts_.clock->SinceBoot();
  report_.overdue = since && parts_.clock->SinceBoot() - *since >= app_.sync.timeout;
  if (!base_is_new_ || memory_->brought != base_->bundle.hash) return;
  const bool first = memory_->releases.stable() == nullptr;
  if (first && base_by_ != "adoption" && worst.code != deploy::HealthCode::kHealthy) return;
  if (core::Status released = Release(*base_, base_by_, base_->content_named); !released) {
    Trouble(Trouble::kApplyFailed, released.error());
  }
}

deploy::ApplyOptions Look::Options() const {
  deploy::ApplyOptions options;
  options.set = set_;
  options.namespace_name = app_.destination.namespace_name;
  options.may_write = [this] { return parts_.lease->CheckMayWrite(); };
  options.live = [this](const core::ObjectRef& ref) { return parts_.view->Get(ref); };
  options.fences = fences_;
  return options;
}

// The route and the gated workloads are written only as they were when the decision was made.
void Look::Fence(const core::RolloutSpec& spec) {
  const auto fence = [&](const core::ObjectRef& ref) {
    const std::shared_ptr<const core::Value> live = parts_.view->Get(ref);
    if (live) fences_[ref] = live->StringAt("metadata", "resourceVersion");
  };
  fence({"gateway.networking.k8s.io", "HTTPRoute", spec.namespace_name, spec.http_route});
  for (const core::WorkloadRef& workload : spec.workloads) {
    fence({"apps", workload.kind, spec.namespace_name, workload.name});
  }
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
  if (request_->verb == "adopt") {
    Answer(true, "there is nothing to adopt");
  } else {
    Answer(false,
           fmt::format("refused: {} {}", core::FullName(app_),
                       spec_ ? "does not know the verb " + request_->verb : "has no Rollout"));
  }
}

core::Duration Look::Again() const {
  if (!error_) return look_again_;
  if (error_->fault() == core::Fault::kConflict) return kConflictPause;
  // What git or a person must mend is looked at as often as git is; it costs one listing.
  if (error_->fault() == core::Fault::kInvalid) return look_again_;
  if (error_->retry_after()) return *error_->retry_after();
  const int doublings = std::min(memory_->failures, 10);
  return std::min(
      {kBackOffFirst * (1 << doublings), kBackOffMax, std::max(look_again_, kBackOffFirst)});
}

}  // namespace headgate::reconciler
