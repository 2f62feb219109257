#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/object.h"
#include "core/value.h"
#include "deploy/plan/diff.h"

namespace headgate::deploy {

// A field that is not as we want it, and who has set it.
struct SetField {
  FieldDiff diff;  // from: what it is, to: what we want; Secrets' values masked
  std::string
      manager;       // "" where the server does not know: a field that was removed has no manager
  std::string time;  // of the manager's last write, as the server says it; "" where unknown
  friend bool operator==(const SetField&, const SetField&) = default;
};

// What somebody else did to an object since we applied it.
struct Drift {
  bool deleted = false;
  std::vector<SetField> fields;
  bool empty() const { return !deleted && fields.empty(); }
  friend bool operator==(const Drift&, const Drift&) = default;
};

// Where `live` is not what `ours` says, with the manager that has the field. Pure.
Drift DriftOf(const core::Value& ours, const core::Value& live);

// The fields of `ours` that other managers have set to something else, as a tree of fieldsV1.
core::Value HeldByOthers(const core::Value& ours, const core::Value& live);

// "spec.replicas is 5, not 3 (set by kubectl-edit at 2026-11-22T00:00:01Z)", "was deleted"; a
// handful, then how many more.
std::string Show(const Drift& drift);

// Fights: a field that somebody else and we set in turn. Somebody who sets it once or twice is
// undone at once; who answers each time is given longer and longer pauses, so that neither side
// keeps the API server busy. Safe to call from several threads.
class Fights {
 public:
  static constexpr int kRoundsFree = 4;            // answered alike and at once, before a pause
  static constexpr int kRoundsFreeOtherwise = 99;  // the same where the values differ each time
  static constexpr core::Duration kAnswerMax = std::chrono::seconds(30);  // later is no answer
  static constexpr core::Duration kPauseFirst = std::chrono::seconds(1);  // doubles
  static constexpr core::Duration kPauseMax = std::chrono::minutes(5);

  struct Contest {
    core::ObjectRef ref;
    Drift drift;
    int rounds = 0;
    core::BootTime until{};  // when it is put back again
  };

  // Whether what was done to an object may be undone now. To be asked once for each look.
  bool MayHeal(const core::ObjectRef& ref, const Drift& drift, core::BootTime now);
  void Healed(const core::ObjectRef& ref, core::BootTime now);
  // What is left alone for a while.
  std::vector<Contest> Contests(core::BootTime now) const;

 private:
  struct Standing {
    std::string who, values;
    Drift drift;
    int alike = 0, rounds = 0;  // in a row
    std::optional<core::BootTime> healed, until;
  };
  mutable std::mutex mutex_;
  std::map<core::ObjectRef, Standing> standings_;  // guarded by mutex_
};

}  // namespace headgate::deploy
