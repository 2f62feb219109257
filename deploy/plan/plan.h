#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/application.h"
#include "core/object.h"
#include "core/value.h"
#include "deploy/inventory.h"
#include "deploy/plan/diff.h"
#include "deploy/plan/managed.h"

namespace headgate::deploy {

using LiveObjects = std::map<core::ObjectRef, std::shared_ptr<const core::Value>>;

enum class ChangeKind {
  kCreate,
  kUpdate,
  kRecreate,  // deleted and made anew, since a field cannot be changed
  kPrune,
  kKeep,  // no longer wanted, yet not deleted; the reason says why
  kUnchanged,
  kRun,  // a hook that would run; it alone is no reason to deploy
};
std::string_view Show(ChangeKind kind);  // "create", ...

struct Change {
  ChangeKind kind = ChangeKind::kUnchanged;
  core::ObjectRef ref;
  std::string reason;  // "not in the cluster", "2 fields differ", "no longer in git"
  FieldDiffs fields;   // of an update; Secrets' values masked
  std::string file;    // where it is written; "" where not known

  friend bool operator==(const Change&, const Change&) = default;
};

struct Plan {
  std::vector<Change> changes;  // wanted objects in order of applying, then the rest
  std::string warning;          // "nothing is rendered: 12 objects are kept ..."; usually empty

  bool empty() const;  // nothing to do
  size_t Count(ChangeKind kind) const;
};

struct PlanOptions {
  ApplySet set;                          // whose objects may be pruned
  const Applied* applied = nullptr;      // our memory; nullptr: none
  const LiveObjects* dry_run = nullptr;  // what the server would make of each; compared when there
  bool prune = true;
  bool allow_empty = false;  // an empty rendering may prune all that there is
  core::ConfirmPrunes confirm = core::ConfirmPrunes::kNone;  // which prunes wait for a person
};

// The difference between what is wanted and what is live. Pure. `wanted` is placed and labelled
// (Deployer::Prepare); `live` holds every object of `wanted` and `inventory` that exists. Pruned is
// only what the inventory has, what is no longer wanted, and whose live label says that it is ours.
Plan PlanChanges(const core::Objects& wanted, const LiveObjects& live, const Inventory& inventory,
                 const PlanOptions& options);

// Whether there is nothing to send for one object; the reason goes to `why` where given.
// `wanted_hash`: of what was sent, where it is not simply ContentHash(wanted).
bool IsUnchanged(const core::Value& wanted, const core::Value& live, const Applied* applied,
                 std::string* why = nullptr, const std::string& wanted_hash = "");

// Why pruning (or the deletion of its Application) would keep a live object that is no longer
// wanted; "" where it is ours to delete.
std::string WhyKept(const core::Value& live, const ApplySet& set, bool with_application = false);
// "nothing is wanted any more, but 12 objects are deployed ...".
std::string EmptyWarning(size_t objects);

// Like a diff, for people: one line an object, its fields below, a count at the end.
std::string Show(const Plan& plan);
// For `-o json`.
core::Value ToValue(const Plan& plan);

}  // namespace headgate::deploy
