#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/application.h"
#include "core/object.h"
#include "deploy/hooks.h"
#include "deploy/inventory.h"

namespace headgate::deploy {

// At least so many objects before "more than half of them" says anything.
inline constexpr size_t kMassPruneObjects = 10;

// Which of the objects that are no longer wanted wait for a person (`headgate prune --confirm`),
// each with the reason. With kRisky (the default) these are: namespaces, definitions, volume claims
// and stateful sets, which take data with them; what says Prune=confirm; and all, where more than
// half of ten or more objects would go at once. What exists only for a trial never waits. Pure.
std::map<core::ObjectRef, std::string> WaitingForConfirmation(const Inventory& leaving,
                                                              const Inventory& inventory,
                                                              core::ConfirmPrunes confirm,
                                                              const LiveLookUp& live);

// Look-ups in values.
LiveLookUp LookUpIn(const std::map<core::ObjectRef, std::shared_ptr<const core::Value>>* live);
LiveLookUp NothingLive();

// Names a set of objects, so that a confirmation is about what its author has seen: 8 hexadecimal
// digits; "" for none.
std::string TokenOf(const std::vector<core::ObjectRef>& objects);

// What comes first when objects are deleted: the reverse of their waves and classes, PruneLast
// last.
struct LeavingRank {
  bool last = false;
  int wave = 0;   // negated
  int order = 0;  // negated class
  friend auto operator<=>(const LeavingRank&, const LeavingRank&) = default;
};
LeavingRank RankOf(const core::ObjectRef& ref, const core::Value* live);

}  // namespace headgate::deploy
