#include <fmt/format.h>

#include "rollout/phases.h"
#include "rollout/seeing.h"

namespace headgate::rollout {
namespace {

using core::RollingBack;
using Part = core::RollingBack::Part;

Move Enter(RollingBack at, Part part, const Look& look, std::string why,
           std::vector<Event> events = {}) {
  at.part = part;
  at.weight = 0;
  at.since = look.seen.now;
  return {at, std::move(why), std::move(events), std::chrono::milliseconds(200)};
}

Move Stay(const RollingBack& at, std::string why) { return {at, std::move(why)}; }

// However long it takes: the canary serves as long as it can.
Move Restore(const RollingBack& before, const Look& look) {
  RollingBack at = before;
  const std::string not_restored = StableNot(look.seen, look.seen.stable_gated_hash);
  if (not_restored.empty()) return Enter(at, Part::kShifting, look, "stable is restored; weight 0");
  if (at.weight == 0 || CarriedWeight(look.seen, at.candidate.gated_hash, at.weight) == at.weight)
    return Stay(at, not_restored);
  at.weight = 0;
  const std::string why = "the canary cannot serve either; weight 0";
  return {at, why, {{"WeightTaken", why, true}}};
}

Move Shift(const RollingBack& at, const Look& look) {
  const std::string not_seen =
      look.seen.route.exists ? RouteNot(look.seen, 0, "", core::Duration(0)) : "";
  if (not_seen.empty())
    return Enter(at, Part::kDraining, look, "no new request goes to the canary");
  if (Waited(look.seen, at.since) < kRouteDeadline) return Stay(at, not_seen);
  return Enter(
      at, Part::kDraining, look, not_seen,
      {{"RouteNotSeen", fmt::format("the canary is removed although {}", not_seen), true}});
}

Move Drain(const RollingBack& at, const Look& look) {
  const bool over = CanaryLeft(look.seen).empty() || Waited(look.seen, at.since) >= kDrain;
  if (over) return Enter(at, Part::kRemoving, look, "drained; the canary is removed");
  return Stay(at, "requests under way end");
}

Move Remove(const RollingBack& at, const Look& look) {
  const std::string left = CanaryLeft(look.seen);
  if (!left.empty()) return Stay(at, left);
  const std::string revision = ShortRevision(at.candidate.revision);
  if (at.then == RollingBack::Then::kStable) {
    return {core::Stable{},
            fmt::format("{} {}; its canary is gone", revision, at.reason),
            {{"RolledBack", fmt::format("{} {}", revision, at.reason)}}};
  }
  Move move{core::Held{at.candidate, at.reason, at.evidence, look.seen.now},
            fmt::format("{} {}", revision, at.reason),
            {{"Held", fmt::format("{} {}", revision, at.reason), true}},
            kQuiet};
  move.quarantine =
      core::Quarantined{at.candidate.gated_hash, at.candidate.revision, at.reason, look.seen.now};
  return move;
}

}  // namespace

Move From(const RollingBack& at, const Look& look) {
  switch (at.part) {
    case Part::kRestoring:
      return Restore(at, look);
    case Part::kShifting:
      return Shift(at, look);
    case Part::kDraining:
      return Drain(at, look);
    case Part::kRemoving:
      break;
  }
  return Remove(at, look);
}

}  // namespace headgate::rollout
