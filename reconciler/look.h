#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "core/application.h"
#include "core/bundle.h"
#include "core/clock.h"
#include "core/request.h"
#include "core/rollout_spec.h"
#include "core/stages.h"
#include "core/sync_policy.h"
#include "deploy/apply.h"
#include "deploy/batches.h"
#include "deploy/inventory.h"
#include "reconciler/live_view.h"
#include "reconciler/observe.h"
#include "reconciler/releases.h"
#include "reconciler/report.h"
#include "reconciler/source.h"
#include "rollout/decide.h"
#include "rollout/metrics/credentials.h"
#include "rollout/recording.h"

namespace headgate::deploy {
class Events;
class Lease;
}  // namespace headgate::deploy

namespace headgate::reconciler {

// What a look works with. All of it outlives the look and is shared by all applications.
struct Parts {
  const core::Clock* clock;
  deploy::Client client;
  net::Http* http;
  git::Mirrors* mirrors;
  LiveView* view;
  deploy::Applied* applied;
  deploy::Events* events;
  deploy::Lease* lease;
  std::string prometheus;                       // the default address; "" for none
  const deploy::Store* applications = nullptr;  // all that there are
  // The newest commit in git at which an application ("ns/name") was found ready; "" for none.
  std::function<std::string(const std::string& application)> looked_at;
  core::Time watching_since{};  // since when this process leads
};

// What git wants, ready to be composed: rendered, placed and labelled.
struct WantedBundle {
  core::Bundle bundle;
  std::optional<core::RolloutSpec> rollout;
  std::string gated_hash;  // by its own Rollout; "" without one
};

// As a record without a number.
core::BundleRecord RecordOf(const WantedBundle& wanted, core::Time now);

// An object that the API server refused.
struct Refusal {
  std::string wanted_hash;
  std::string live_uid;  // of the live object then; "" where there was none
  core::Error error;
  int64_t tries = 0;
  std::optional<core::BootTime> next;  // nothing: not before something changes
  std::string lacks;                   // what was not there: "the namespace shop"
  std::string lacks_digest;            // of the quotas then
  core::BootTime probed{};             // when it was last asked whether it still lacks that
};
// Whether the same is not to be tried now.
bool IsBlocked(const Refusal& refusal, const std::string& wanted_hash, const core::Value* live,
               core::BootTime now);

// What is remembered of one application between looks. All of it can be found anew after a restart.
struct Memory {
  Memory(Source source_, Releases releases_)
      : source(std::move(source_)), releases(std::move(releases_)) {}

  Source source;
  Releases releases;
  std::string life;  // the Application's uid, and how often this process began to lead
  std::optional<deploy::Inventory> inventory;  // nothing: not read from the status yet
  std::optional<core::RequestAnswer> answer;
  std::optional<deploy::HookRun> hooks;           // of the newest bundle that has any
  std::shared_ptr<const core::Objects> rendered;  // which rendering `wanted` was made of
  std::shared_ptr<const WantedBundle> wanted;
  RouteMemory route;
  rollout::Recorder recorder;     // of the present trial, or the last one
  bool recording_waits = false;   // to be written
  int64_t recording_release = 0;  // which the trial became; 0: none yet
  std::optional<core::BootTime> recording_written;
  rollout::metrics::Accesses accesses;
  core::Value status;   // as last written
  std::string brought;  // hash of what was last brought to the cluster, whole
  std::string said;     // the last trouble that was logged
  deploy::Health health{deploy::HealthCode::kUnknown, "not looked at yet"};  // as last seen
  std::optional<core::BootTime> progressing_since;
  int failures = 0;       // looks in a row that ended in trouble
  bool restarted = true;  // nothing was rendered yet by this process
  bool adopt = false;     // somebody agreed to the adoption, of another's objects too
  std::map<core::ObjectRef, Refusal> refusals;
  std::shared_ptr<deploy::Fights> fights = std::make_shared<deploy::Fights>();
  std::vector<std::string> healed;           // see DriftReport
  std::set<std::string> contested;           // what was told of
  std::set<std::string> left;                // what was told of
  bool heal_asked = false;                   // somebody asked for a sync that is not whole yet
  std::string newest;                        // the commit last looked at
  std::vector<core::IgnoreRule> rules_read;  // of the Application, and found to be right
  std::shared_ptr<const deploy::Ignored> ignored;  // of what is wanted now
  std::optional<RolledBack> rolled_back;
  std::string prune_token;      // of what waits for a confirmation
  std::string prune_confirmed;  // the token that somebody agreed to
  // Set where the last look found everything as git wants it, healthy, and nothing to wait for.
  std::shared_ptr<const core::Application> settled;
  uint64_t news = 0;  // how much had changed in the cluster when the last look began
};

// Whether an application that was settled still is, where nothing of it has changed in the cluster
// since: then git has nothing new for it either, and a look would find nothing to do. When to look
// again; nothing: it wants a look. Asks the API server nothing.
std::optional<core::Duration> StillSettled(Memory* memory, std::stop_token stop);

// One look at one application: observe, decide, record, compose, apply, report. Everything that it
// decides is decided by functions of values (Decide, Compose, PlanChanges); this class reads,
// writes and keeps the order. A look that is cut off anywhere is made good by the next.
class Look {
 public:
  // `live` is the Application as the watch has it.
  Look(const Parts& parts, Memory* memory, std::shared_ptr<const core::Value> live,
       std::stop_token stop);

  // When to look again, at the latest.
  core::Duration Run();

  const Report& report() const { return report_; }
  const std::optional<core::Error>& error() const { return error_; }  // what ended it early
  // The Applications ("ns/name") whose state it waits for.
  const std::set<std::string>& waits_for() const { return waits_for_; }

 private:
  void Walk();
  // Each stage gives false where the look ends with it.
  bool Read();
  void Delete();
  void Want();
  void HearRollback();
  void HoldRolledBack();
  bool Choose();
  void KeepKnownRevision();
  bool ChooseFirst();
  bool PassPreHooks();
  bool Judge(const core::RolloutSpec& spec);
  bool Bring();
  void Settle();
  bool IsSettled() const;
  bool IsUnderWay() const;
  void Rest();
  bool ResolveReleases();

  core::Status PrepareWanted(const Source::Wanted& wanted);
  core::Result<std::optional<core::RolloutSpec>> GoverningSpec() const;
  core::Result<std::shared_ptr<const core::Value>> LiveRollout(const core::RolloutSpec& spec);
  core::Result<rollout::Observation> Observed(const core::RolloutSpec& spec,
                                              const core::RolloutStatus& status);
  void AddNoted();
  void KeepRecording();
  core::Status Record(const rollout::Decision& decision, const core::Value& live_rollout);
  core::Result<rollout::metrics::Access> PrometheusAccess(const core::RolloutSpec& spec);
  core::Status KeepCandidate(const core::Position& next);
  core::Status Release(core::BundleRecord record, const std::string& by, bool content_named);
  bool BeginHooks();
  core::Result<bool> RunHooks(deploy::HookPhase phase, const core::Objects& bundle,
                              std::optional<int> wave_max = {});
  core::Status LayGround(const core::Objects& hooks, const core::Objects& bundle);
  void FailHooks(const core::Objects& bundle);
  void PostHooks();
  core::Status KeepFinalizer(bool wanted);
  core::Result<bool> DeleteAll();
  core::Result<bool> RemoveByRank();
  core::Result<bool> RemoveHooks(const core::Objects& bundle);
  deploy::PruneOptions DeletionOptions() const;
  core::Status RollBackTo(core::BundleRecord record, RolledBack rolled_back);
  void HearPrune();
  core::Status RecordHooks(const deploy::HookRun& run);
  core::Status CheckMay(const core::Objects& prepared) const;
  core::Status CoverAndClaim(const core::Stages& stages);
  core::Status Claim(const deploy::Inventory& items);
  core::Result<bool> ApplyStages(const core::Stages& stages);
  core::Result<bool> ApplyBatches(const core::Objects& objects, size_t* sent);
  core::Result<bool> PassBatch(const deploy::Batch& batch, const core::Objects& rest);
  core::Status Prune(const core::Stages& stages);
  deploy::Inventory Prunable() const;
  void HoldPrunes(const deploy::PruneOutcome& outcome);
  bool StageReady(const core::Stage& stage);
  deploy::Health WorstHealth() const;
  deploy::Health HealthOf(const core::Value& live) const;
  deploy::ApplyOptions Options() const;
  bool PassDependencies();
  core::Result<std::string> WaitsFor(const core::Dependency& dependency) const;
  core::Status CheckCycle() const;
  void HearSync();
  bool Heals() const;
  deploy::ApplyOptions OptionsForAll() const;
  void NoteDrift(const deploy::ApplyOutcome& outcome);
  void ReportDrift();
  void FailAfterApply(const core::Error& error);
  void NoteRefusals(const deploy::ApplyOutcome& outcome);
  void ForgiveRefusals();
  core::Result<bool> IsStillLacking(const core::ObjectRef& ref, const Refusal& refusal) const;
  void ReportRetry();
  core::Duration Pause(int64_t tries) const;
  void Ignore(const core::Stages& stages);
  core::Result<core::Objects> WithoutIgnored(core::Objects wanted,
                                             const deploy::LiveObjects& live) const;
  void Fence(const core::RolloutSpec& spec);
  core::Status WriteStatus(core::Value status);

  void Trouble(reconciler::Trouble trouble, const core::Error& error);
  void Say(const core::Value& about, const rollout::Event& event);
  void Answer(bool accepted, std::string message);
  void AnswerTheRest();
  core::Duration Again() const;

  // A decision that is to be recorded once it was acted on.
  struct Noted {
    core::RolloutSpec spec;
    core::RolloutStatus before;
    rollout::Decision decision;
  };

  const Parts& parts_;
  Memory* const memory_;
  const std::shared_ptr<const core::Value> live_;
  const std::stop_token stop_;

  core::Application app_;
  core::SyncPolicy sync_;
  deploy::ApplySet set_;
  std::optional<deploy::Deployer> deployer_;
  std::optional<core::Request> request_;  // not yet answered
  std::optional<core::RequestAnswer> answer_before_;
  std::shared_ptr<const WantedBundle> wanted_;  // nullptr: git is away, or its files are wrong
  SharedRecord base_;                           // what is composed as stable
  bool base_is_new_ = false;  // it becomes a release once it is brought (the first: and healthy)
  std::string base_by_;
  std::optional<core::RolloutSpec> spec_;  // the governing one
  core::RolloutStatus rollout_;
  std::optional<rollout::Observation> seen_;
  std::map<core::ObjectRef, std::string> fences_;  // resourceVersions as observed
  deploy::Inventory wanted_items_;
  bool asked_to_sync_ = false;  // now, by a person
  std::set<std::string> waits_for_;
  core::BootTime began_{};
  bool gone_ = false;                // the Application's last finalizer was ours
  deploy::Inventory ignored_items_;  // in git, but not to be touched: neither applied nor pruned
  std::optional<core::Error> error_;
  Report report_;
  std::optional<Noted> noted_;
  core::Duration look_again_;
};

}  // namespace headgate::reconciler
