#include <fmt/format.h>

#include <algorithm>

#include "rollout/decide.h"
#include "rollout/phases.h"
#include "rollout/seeing.h"

namespace headgate::rollout {
namespace {

using core::Promoting;
using Back = core::RollingBack::Part;
using Part = core::Promoting::Part;
using Then = core::RollingBack::Then;

Move Enter(Promoting at, Part part, int weight, const Look& look, std::string why,
           std::vector<Event> events = {}) {
  at.part = part;
  at.weight = weight;
  at.since = look.seen.now;
  return {at, std::move(why), std::move(events), std::chrono::milliseconds(200)};
}

Move Stay(const Promoting& at, std::string why) { return {at, std::move(why)}; }

bool StableIsTouched(const Promoting& at) {
  return at.part == Part::kUpdating || at.part == Part::kReturning;
}

// Backwards: where stable's pods were touched they come back first, while the canary serves, as far
// as it can.
Move Reverse(const Promoting& at, const Look& look, Then then, std::string reason,
             bool canary_fails = false) {
  const bool restore = StableIsTouched(at);
  // A canary that fails serves only where stable has nobody.
  const bool stable_serves =
      std::all_of(look.seen.stable.begin(), look.seen.stable.end(),
                  [](const WorkloadSeen& workload) { return workload.serving.ready > 0; });
  const int carried =
      canary_fails && stable_serves ? 0 : CarriedWeight(look.seen, at.candidate.gated_hash, 100);
  core::RollingBack back{at.candidate,
                         restore ? Back::kRestoring : Back::kShifting,
                         restore && carried == 100 ? 100 : 0,
                         look.seen.now,
                         then,
                         reason,
                         {},
                         !StableIsTouched(at) && at.baseline};
  const std::string text = fmt::format("{} {}", ShortRevision(at.candidate.revision), reason);
  return {back, text, {{"RollingBack", text, then == Then::kHeld}}, std::chrono::milliseconds(200)};
}

std::optional<Move> WayBack(const Promoting& at, const Look& look) {
  if (at.part == Part::kRemoving || at.part == Part::kRecording) return std::nullopt;
  if (look.verb == "abort")
    return Reverse(at, look, Then::kHeld, fmt::format("was aborted by {}", look.by));
  const std::optional<core::Candidate>& wanted = look.seen.wanted;
  const bool reverted = wanted && !look.seen.suspended &&
                        wanted->gated_hash != at.candidate.gated_hash &&
                        wanted->gated_hash == look.seen.stable_gated_hash;
  if (reverted)
    return Reverse(
        at, look, Then::kStable,
        fmt::format("git went back to what is stable ({})", ShortRevision(wanted->revision)));
  return std::nullopt;
}

Move Scale(const Promoting& at, const Look& look) {
  const std::string& hash = at.candidate.gated_hash;
  const std::string not_ready = CanaryNotReady(look.seen, hash, 100);
  if (not_ready.empty()) {
    if (look.seen.suspended) return Stay(at, "suspended");
    return Enter(
        at, Part::kShifting, 100, look, "the canary can carry everything; weight 100 %",
        {{"WeightSet", fmt::format("{} gets 100 %", ShortRevision(at.candidate.revision))}});
  }
  const std::string broken = BrokenCanary(look.seen, hash);
  const core::Duration waited = Waited(look.seen, at.since);
  if (!broken.empty() && waited >= kBrokenGrace)
    return Reverse(at, look, Then::kHeld, "failed its promotion: " + broken);
  if (waited >= kProgressDeadline)
    return Reverse(at, look, Then::kHeld,
                   fmt::format("failed its promotion: not ready within {}: {}",
                               core::Show(kProgressDeadline), not_ready));
  // What the present weight needs may be lost while more pods are on their way.
  Promoting now = at;
  now.weight = CarriedWeight(look.seen, hash, at.weight);
  return Stay(now, not_ready);
}

Move Shift(const Promoting& at, const Look& look) {
  const std::string& hash = at.candidate.gated_hash;
  const int carried = CarriedWeight(look.seen, hash, 100);
  if (carried < 100)
    return Enter(at, Part::kScaling, carried, look, "the canary lost pods; it scales again");
  const std::string not_seen = RouteNot(look.seen, 100, "", kDataPlaneDelay);
  if (!not_seen.empty()) return Stay(at, not_seen);
  return Enter(at, Part::kUpdating, 100, look, "the canary has everything; stable is updated");
}

Move Update(const Promoting& at, const Look& look) {
  const std::string not_updated = StableNot(look.seen, at.candidate.gated_hash);
  if (not_updated.empty())
    return Enter(at, Part::kReturning, 0, look, "stable is updated and healthy; weight back to it");
  const core::Duration waited = Waited(look.seen, at.since);
  const std::string broken = BrokenStable(look.seen, at.since);
  if (!broken.empty() && waited >= kBrokenGrace)
    return Reverse(at, look, Then::kHeld, "failed its promotion: " + broken);
  if (CarriedWeight(look.seen, at.candidate.gated_hash, 100) == 0)
    return Reverse(at, look, Then::kHeld, "failed its promotion: the canary lost all its pods");
  if (waited >= kProgressDeadline)
    return Reverse(at, look, Then::kHeld,
                   fmt::format("failed its promotion: stable was not healthy within {}: {}",
                               core::Show(kProgressDeadline), not_updated));
  return Stay(at, not_updated);
}

Move Return(const Promoting& at, const Look& look) {
  const std::string not_seen = RouteNot(look.seen, 0, "", kDrain);
  if (!not_seen.empty()) return Stay(at, not_seen);
  return Enter(at, Part::kRemoving, 0, look, "stable has everything; the canary is removed");
}

Move Remove(const Promoting& at, const Look& look) {
  const std::string left = CanaryLeft(look.seen);
  if (!left.empty()) return Stay(at, left);
  return Enter(at, Part::kRecording, 0, look, "the canary is gone; the release is recorded");
}

Move Record(const Promoting& at, const Look& look) {
  if (look.seen.stable_gated_hash != at.candidate.gated_hash) {
    // Without the candidate's record stable's is composed, so its pods are on their way back.
    if (Waited(look.seen, at.since) < kProgressDeadline)
      return Stay(at, "the release is being recorded");
    const std::string why = "could not be recorded as a release";
    const std::string text = fmt::format("{} {}", ShortRevision(at.candidate.revision), why);
    return {
        core::RollingBack{at.candidate, Back::kRestoring, 0, look.seen.now, Then::kHeld, why, {}},
        text,
        {{"RollingBack", text, true}}};
  }
  return {core::Stable{},
          fmt::format("{} is promoted", ShortRevision(at.candidate.revision)),
          {{"Promoted", fmt::format("{} is stable now", ShortRevision(at.candidate.revision))}}};
}

}  // namespace

Move From(const Promoting& before, const Look& look) {
  Promoting at = before;
  at.pods = WithPodsSeen(std::move(at.pods), look.seen, at.candidate.gated_hash);
  if (std::optional<Move> back = WayBack(at, look)) return *back;
  if (std::optional<core::Trial> watched = WatchedTrial(look.status);
      watched && look.seen.metrics) {
    at.looked_at = look.seen.now;
    watched->pods = at.pods;
    if (const std::string failure = FailureOf(*watched, look); !failure.empty())
      return Reverse(at, look, Then::kHeld, "failed its promotion: " + failure, true);
  }
  switch (at.part) {
    case Part::kScaling:
      return Scale(at, look);
    case Part::kShifting:
      return Shift(at, look);
    case Part::kUpdating:
      return Update(at, look);
    case Part::kReturning:
      return Return(at, look);
    case Part::kRemoving:
      return Remove(at, look);
    case Part::kRecording:
      break;
  }
  return Record(at, look);
}

}  // namespace headgate::rollout
