#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/application.h"
#include "core/bundle.h"
#include "core/clock.h"
#include "core/position.h"
#include "core/request.h"
#include "core/result.h"
#include "core/value.h"
#include "deploy/health/health.h"
#include "deploy/hooks.h"
#include "deploy/inventory.h"

namespace headgate::reconciler {

// Why an application is not where git wants it. The reasons of its conditions and the words of
// `headgate get`.
enum class Trouble {
  kNone,
  kInvalidSpec,     // the Application itself is wrong
  kSourceFailed,    // git does not answer, or has no such branch
  kRenderFailed,    // the files are wrong: wait for a new commit
  kApplyFailed,     // the API server refused
  kAdoptionNeeded,  // live workloads differ from what git wants
  kRolloutFailed,   // position or records cannot be read
  kDeletionFailed,  // the Application is being deleted, and its objects cannot be
  kHookFailed,      // a Job or Pod that runs before or after a deployment failed
};
std::string_view Show(Trouble trouble);  // the condition's reason: "SourceFailed"; "" for kNone

// A person went back to an earlier release; what git rendered to then is held until it renders to
// something else.
struct RolledBack {
  int64_t release = 0;
  std::string revision;
  std::string by;
  std::set<std::string> holds;  // hashes of bundles
  friend bool operator==(const RolledBack&, const RolledBack&) = default;
};
core::Value ToValue(const RolledBack& rolled_back);
std::optional<RolledBack> RolledBackFrom(const core::Value* value);

// Objects that are no longer wanted and wait for a person.
struct PruneWaits {
  std::string token;
  std::vector<std::string> waiting;  // "Namespace shop: a namespace takes all in it along"
};

// What others did to the objects.
struct DriftReport {
  std::vector<std::string> left;       // undone by nobody: selfHeal is off
  std::vector<std::string> kept;       // left to other managers: conflicts: keep
  std::vector<std::string> contested;  // set in turn; with the time of the next try
  std::vector<std::string> healed;     // the last ones, newest first; with the time
};
inline constexpr size_t kHealedMax = 5;

// When what failed is tried again.
struct RetryReport {
  int64_t attempts = 0;
  std::string next;       // a time; "" where nothing but a new commit or a word of a person helps
  std::string waits_for;  // what was lacking: "the namespace shop"; "" for nothing known
};

// What one look at an application found: all that its status says. A plain value.
struct Report {
  int64_t observed_generation = 0;
  std::string revision;                       // newest seen in git
  std::optional<core::BundleRecord> release;  // its objects are not looked at
  Trouble trouble = Trouble::kNone;
  core::Fault fault = core::Fault::kInternal;  // of the trouble
  std::string message;                         // of the trouble
  bool suspended = false;
  bool deleting = false;
  core::Position position;  // Stable without a Rollout
  std::string rollout_why;  // what the rollout waits for
  deploy::Health health;    // the worst of its objects
  bool overdue = false;     // it has been progressing for longer than spec.sync.timeout
  std::string waiting;      // what a deployment under way waits for: a hook, a wave; "" for nothing
  std::optional<deploy::HookRun> hooks;
  std::optional<RolledBack> rolled_back;
  PruneWaits prune;
  DriftReport drift;
  std::optional<RetryReport> retry;
  deploy::Inventory inventory;
  std::optional<core::RequestAnswer> answer;
};

// The words people see: "Healthy", "Held: 3f2a91c failed its canary at 2 %: ...", "Canary 2 %:
// ...", "RenderFailed: ...".
std::string Summary(const Report& report);

// The whole status of an Application. `before` is the present one: transition times are kept where
// nothing moved, so that an unchanged report gives an equal value.
core::Value ToStatus(const Report& report, const core::Value* before, core::Time now);

// Conditions as kstatus reads them, newest state; lastTransitionTime is kept where the status
// stays.
core::Value MergeCondition(const core::Value* before, std::string_view type, bool truth,
                           std::string_view reason, std::string_view message, int64_t generation,
                           core::Time now);

}  // namespace headgate::reconciler
