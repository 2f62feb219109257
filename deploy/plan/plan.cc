#include "deploy/plan/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/application.h"
#include "core/hash.h"
#include "deploy/annotations/policy.h"
#include "deploy/plan/guards.h"

namespace headgate::deploy {
namespace {

const core::Value* LiveOf(const LiveObjects& live, const core::ObjectRef& ref) {
  const auto found = live.find(ref);
  return found == live.end() ? nullptr : found->second.get();
}

bool IsAsRemembered(const std::string& wanted_hash, const core::Value& live,
                    const AppliedMark& mark) {
  return mark.wanted_hash == wanted_hash && mark.managed_digest == DigestOfManaged(live);
}

FieldDiffs DifferencesOf(const core::Value& wanted, const core::Value& live,
                         const core::Value* dry_run) {
  const core::Value before = Masked(live);
  if (dry_run) return DiffStates(before, Masked(*dry_run));
  FieldDiffs diffs = DiffOnWanted(Masked(wanted), before);
  FieldDiffs gone = OwnedButNotWanted(wanted, before);
  diffs.insert(diffs.end(), gone.begin(), gone.end());
  return diffs;
}

// Why an apply would leave a live object as it is, whatever it is like; "" where it would not.
std::string WhyUntouched(const core::Value& wanted, const core::Value& live) {
  const core::Result<Policy> policy = PolicyOf(wanted);
  const ApplyMode mode = policy ? policy->apply : ApplyMode::kOverride;
  if (mode == ApplyMode::kIfNotPresent) return "it is there, and its policy is IfNotPresent";
  if (mode == ApplyMode::kIgnore) return "its policy is Ignore";
  return IsLeftAlone(live) ? "an annotation of the live object says that it is left alone" : "";
}

Change ChangeOf(const core::Object& wanted, const LiveObjects& live, const PlanOptions& options) {
  Change change{.ref = core::RefOf(wanted.body), .file = wanted.file};
  const core::Value* now = LiveOf(live, change.ref);
  if (!now) {
    const core::Result<Policy> policy = PolicyOf(wanted.body);
    if (policy && policy->apply == ApplyMode::kIgnore) {
      change.reason = "its policy is Ignore";
      return change;
    }
    change.kind = ChangeKind::kCreate;
    change.reason = "not in the cluster";
    return change;
  }
  if (const std::string why = WhyUntouched(wanted.body, *now); !why.empty()) {
    change.reason = why;
    return change;
  }
  const core::Value* dry_run = options.dry_run ? LiveOf(*options.dry_run, change.ref) : nullptr;
  if (!dry_run && IsUnchanged(wanted.body, *now, options.applied, &change.reason)) return change;

  change.fields = DifferencesOf(wanted.body, *now, dry_run);
  if (dry_run && change.fields.empty()) {
    change.reason = "the server would change nothing";
    return change;
  }
  change.kind = ChangeKind::kUpdate;
  change.reason = change.fields.empty() ? "changed since it was applied"
                                        : fmt::format("{} field{} differ{}", change.fields.size(),
                                                      change.fields.size() == 1 ? "" : "s",
                                                      change.fields.size() == 1 ? "s" : "");
  return change;
}

Change LeavingOf(const InventoryItem& item, const core::Value& live, const PlanOptions& options) {
  Change change{.kind = ChangeKind::kKeep, .ref = item.ref};
  if (const std::string why = WhyKept(live, options.set); !why.empty()) {
    change.reason = why;
  } else if (!options.prune) {
    change.reason = "no longer wanted, but pruning is off";
  } else {
    change.kind = ChangeKind::kPrune;
    change.reason = "no longer wanted";
  }
  return change;
}

}  // namespace

std::string_view Show(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kCreate:
      return "create";
    case ChangeKind::kUpdate:
      return "update";
    case ChangeKind::kRecreate:
      return "recreate";
    case ChangeKind::kPrune:
      return "prune";
    case ChangeKind::kKeep:
      return "keep";
    case ChangeKind::kUnchanged:
      return "unchanged";
    case ChangeKind::kRun:
      return "run";
  }
  return "unchanged";
}

bool Plan::empty() const {
  return std::all_of(changes.begin(), changes.end(), [](const Change& change) {
    return change.kind == ChangeKind::kUnchanged || change.kind == ChangeKind::kKeep ||
           change.kind == ChangeKind::kRun;
  });
}

size_t Plan::Count(ChangeKind kind) const {
  return static_cast<size_t>(std::count_if(changes.begin(), changes.end(),
                                           [&](const Change& c) { return c.kind == kind; }));
}

std::string WhyKept(const core::Value& live, const ApplySet& set, bool with_application) {
  const std::string& part_of = core::LabelOf(live, core::kPartOfLabel);
  if (part_of != set.id) {
    return part_of.empty()
               ? fmt::format("not ours: it has no label {}", core::kPartOfLabel)
               : fmt::format("not ours: its label {} is {}", core::kPartOfLabel, part_of);
  }
  if (core::AnnotationOf(live, core::kPruneAnnotation) == "disabled") {
    return fmt::format("its annotation {} says disabled", core::kPruneAnnotation);
  }
  if ((with_application ? MayDeleteLive(live) : MayPruneLive(live)) == MayPrune::kNo) {
    return "its annotations say that it stays";
  }
  return "";
}

bool IsUnchanged(const core::Value& wanted, const core::Value& live, const Applied* applied,
                 std::string* why, const std::string& wanted_hash) {
  std::string unused;
  std::string& reason = why ? *why : unused;
  const std::optional<AppliedMark> mark =
      applied ? applied->Find(core::RefOf(wanted)) : std::nullopt;
  if (mark) {
    // With a memory only the memory counts: what is wanted moved, or somebody wrote to our fields.
    reason = "as applied before";
    return IsAsRemembered(wanted_hash.empty() ? core::ContentHash(wanted) : wanted_hash, live,
                          *mark);
  }
  reason = "equal to what is live";
  return DiffOnWanted(wanted, live).empty() && OwnedButNotWanted(wanted, live).empty();
}

Plan PlanChanges(const core::Objects& wanted, const LiveObjects& live, const Inventory& inventory,
                 const PlanOptions& options) {
  Plan plan;
  std::set<core::ObjectRef> kept;
  for (const core::Object& object : wanted) {
    plan.changes.push_back(ChangeOf(object, live, options));
    kept.insert(plan.changes.back().ref);
  }
  if (wanted.empty() && !inventory.empty() && options.prune && !options.allow_empty) {
    plan.warning = EmptyWarning(inventory.size());
    return plan;
  }
  Inventory leaving;
  for (const InventoryItem& item : inventory) {
    if (kept.contains(item.ref)) continue;
    const core::Value* now = LiveOf(live, item.ref);
    if (!now) continue;
    plan.changes.push_back(LeavingOf(item, *now, options));
    if (plan.changes.back().kind == ChangeKind::kPrune) leaving.push_back(item);
  }
  const auto waiting = WaitingForConfirmation(leaving, inventory, options.confirm, LookUpIn(&live));
  for (Change& change : plan.changes) {
    const auto why = waiting.find(change.ref);
    if (why == waiting.end()) continue;
    change.kind = ChangeKind::kKeep;
    change.reason = "no longer wanted; waits for `headgate prune --confirm`: " + why->second;
  }
  return plan;
}

std::string EmptyWarning(size_t objects) {
  return fmt::format(
      "nothing is wanted any more, but {} object{} deployed; they are kept, since an empty "
      "rendering "
      "is most often a mistake. Allow it explicitly to delete them",
      objects, objects == 1 ? " is" : "s are");
}

}  // namespace headgate::deploy
