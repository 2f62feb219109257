#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/application.h"
#include "core/clock.h"
#include "core/object.h"
#include "core/result.h"
#include "core/value.h"
#include "deploy/hooks.h"
#include "deploy/ignored.h"
#include "deploy/inventory.h"
#include "deploy/kube/client.h"
#include "deploy/plan/drift.h"
#include "deploy/plan/plan.h"

namespace headgate::deploy {

struct ApplyOptions {
  ApplySet set;                // labels and annotations that every object gets
  std::string namespace_name;  // for namespaced objects that name none; "": the cluster's default
  bool force_conflicts = true;
  bool keep_conflicts = false;  // fields that others have set to something else are left to them
  bool settled = false;         // all was applied before: what differs is somebody else's doing
  bool heal = true;             // whether that is undone
  // Asked before it is undone; empty: yes. From several threads.
  std::function<bool(const core::ObjectRef&, const Drift&)> may_heal;
  // Why an object is not to be sent now (it was refused, and nothing has changed); empty: it is.
  // `wanted_hash` as in the outcome. From several threads.
  std::function<std::optional<core::Error>(const core::ObjectRef&, const std::string& wanted_hash,
                                           const core::Value* live)>
      not_now;
  bool dry_run = false;
  bool take_over = false;  // also objects that belong to another Application
  core::ConfirmPrunes confirm = core::ConfirmPrunes::kNone;  // for PlanFor: which prunes wait
  std::map<core::ObjectRef, std::string> fences;  // ref -> resourceVersion it must still have
  std::function<core::Status()> may_write;        // asked before each write; an error stops all
  // What is live, from watches; nullptr: not there. Empty: each object is read from the server.
  std::function<std::shared_ptr<const core::Value>(const core::ObjectRef&)> live;
  // What git does not govern; nullptr: nothing. It is given up before it is left out.
  std::shared_ptr<const Ignored> ignored;
  core::Duration established_max = std::chrono::seconds(60);  // for CRDs and namespaces, together
  int parallel_max = 16;                                      // requests under way
};

enum class ApplyResult {
  kCreated,
  kUpdated,
  kUnchanged,  // nothing was sent, or nothing came of it
  kFailed,
  kSkipped,  // an earlier class failed in what this needs, or a stop came before its turn
};
std::string_view Show(ApplyResult result);  // "created", ...

struct ObjectOutcome {
  core::ObjectRef ref;
  ApplyResult result = ApplyResult::kSkipped;
  std::optional<core::Error> error;         // of kFailed and kSkipped
  std::shared_ptr<const core::Value> live;  // as it is now; nullptr where not known
  std::optional<Drift> drift;               // what somebody else did to it
  std::optional<Drift> kept;                // what is left to others, by keep_conflicts
  std::string wanted_hash;                  // WantedHash of what was asked; where it was tried
};

struct ApplyOutcome {
  std::vector<ObjectOutcome> objects;  // in order of applying
  Inventory inventory;  // of what was asked, failed ones included: they may exist after all

  bool ok() const;
  size_t Count(ApplyResult result) const;
  // Ok, or the first error with the number of the others: "Deployment shop/web: ...; and 2 more".
  core::Status status() const;
};

struct PruneOptions {
  ApplySet set;
  std::function<core::Status()> may_write;
  bool allow_empty = false;
  bool dry_run = false;
  int parallel_max = 16;
  core::ConfirmPrunes confirm = core::ConfirmPrunes::kNone;  // which wait for a person
  std::string confirmed;  // the TokenOf what waited that somebody agreed to
  // As ApplyOptions::live: what it says is kept costs no request. Empty: each is read.
  LiveLookUp live;
  bool with_application = false;  // by what their policies say about an Application's deletion
  bool hooks = false;             // whatever their policies say: their own rules have spoken
};

struct PruneOutcome {
  std::vector<core::ObjectRef> pruned;  // deleted, or gone already
  std::vector<Change> kept;             // not ours, or guarded: ChangeKind::kKeep with the reason
  std::vector<ObjectOutcome> failed;
  std::vector<Change> waiting;  // for a confirmation, with the reason
  std::string token;            // of what waits; "" where nothing does
  Inventory remaining;          // what the inventory should say now

  core::Status status() const;
};

// What StepHooks works with.
struct HookOptions {
  ApplyOptions apply;           // with `live`: what is live, this run's hooks included
  std::optional<int> wave_max;  // only hooks up to this wave
  // Keeps the run before anything follows from it; may be empty.
  std::function<core::Status(const HookRun&)> record;
  // Hears what a write has made; nullptr: it was deleted. May be empty.
  std::function<void(const core::ObjectRef&, std::shared_ptr<const core::Value>)> wrote;
};

// Makes a cluster hold objects. Blocks until done; safe to use from several threads.
class Deployer {
 public:
  // `applied` may be nullptr: then every object that is not equal is sent.
  Deployer(Client client, Applied* applied);

  // Places, labels and orders objects, as Apply will send them. Asks discovery only; a kind whose
  // CRD is among the objects need not be served yet. kNotFound names a kind that nobody serves.
  core::Result<core::Objects> Prepare(core::Objects objects, const ApplyOptions& options,
                                      std::stop_token stop = {}) const;

  // Reads each object that exists; what the server does not serve is left out.
  core::Result<LiveObjects> ReadLive(const core::Objects& prepared, const Inventory& inventory,
                                     std::stop_token stop = {}) const;

  // The plan, by server-side dry run where something may change. Writes nothing.
  core::Result<Plan> PlanFor(const core::Objects& objects, const Inventory& inventory,
                             const ApplyOptions& options, bool prune = true,
                             bool allow_empty = false, std::stop_token stop = {}) const;

  // Applies in order of classes, many at a time within one. A failure of one object lets the rest
  // of its class and the later classes go on, except what it carries: objects in a namespace, or of
  // a CRD, that failed are skipped. An error as a whole only where nothing could be tried.
  core::Result<ApplyOutcome> Apply(const core::Objects& objects, const ApplyOptions& options,
                                   std::stop_token stop = {}) const;

  // Deletes what the inventory has and `wanted` (prepared, or its inventory) lacks, in reverse
  // order, if the live label says that it is ours. See PlanChanges for the guards.
  core::Result<PruneOutcome> Prune(const Inventory& inventory, const Inventory& wanted,
                                   const PruneOptions& options, std::stop_token stop = {}) const;

  // Deletes these, in the given order of classes, where the live label says that they are ours.
  // Guarded by nothing else: see Prune.
  PruneOutcome Remove(const Inventory& items, const PruneOptions& options,
                      std::stop_token stop = {}) const;

  // Does all that can be done now for the hooks of one phase of a prepared bundle, and says what it
  // waits for. `run` is brought up to date. Waits for nothing: call it again when something moved.
  core::Result<HookMoves> StepHooks(const core::Objects& bundle, HookPhase phase, HookRun* run,
                                    const HookOptions& options, std::stop_token stop = {}) const;

  const Client& client() const { return client_; }

 private:
  class Run;

  Client client_;
  Applied* applied_;
};

}  // namespace headgate::deploy
