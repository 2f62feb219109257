#include <fmt/format.h>

#include <algorithm>

#include "rollout/phases.h"
#include "rollout/steps.h"

// Stable and Held: nothing is on trial; what git asks for decides.
namespace headgate::rollout {
namespace {

// The gated hash that a `retry` speaks of; "" where nobody said it.
std::string Lifted(const Look& look, const core::Candidate* held) {
  if (look.verb != "retry") return "";
  const std::string& revision = look.seen.request->revision;
  for (const core::Quarantined& entry : look.status.quarantine) {
    if (entry.revision.starts_with(revision)) return entry.gated_hash;
  }
  return held ? held->gated_hash : "";
}

Event LiftedEvent(const Look& look) {
  return {"QuarantineLifted", fmt::format("{} is tried again, asked by {}",
                                          ShortRevision(look.seen.request->revision), look.by)};
}

}  // namespace

Move Meet(const core::Candidate& candidate, const Look& look) {
  const std::string revision = ShortRevision(candidate.revision);
  if (const core::Quarantined* entry = FindQuarantined(look.status, candidate.gated_hash)) {
    core::Held held{candidate, entry->reason, {}, look.seen.now};
    return {held,
            fmt::format("{} is not tried again: it {}", revision, entry->reason),
            {{"Held",
              fmt::format("{} is what {} was: it {}", revision, ShortRevision(entry->revision),
                          entry->reason),
              true}},
            kQuiet};
  }
  if (!look.seen.irreversible.empty()) {
    const std::string reason = fmt::format(
        "would change what no way back brings back ({}); take that out, release it by itself, or "
        "allow it with spec.allowIrreversible",
        look.seen.irreversible);
    const auto* held = std::get_if<core::Held>(&look.status.position);
    const bool said =
        held && held->candidate.gated_hash == candidate.gated_hash && held->reason == reason;
    core::Held next{candidate, reason, {}, said ? held->since : look.seen.now};
    Move move{next, fmt::format("{} {}", revision, reason), {}, kQuiet};
    if (!said) move.events = {{"Held", fmt::format("{} {}", revision, reason), true}};
    return move;
  }
  core::Trial trial;
  trial.candidate = candidate;
  trial.since = look.seen.now;
  trial.looked_at = look.seen.now;
  const CanaryScale scale = ScaleAt(look.spec, 0);
  trial.scale = scale.percent;
  trial.replicas = scale.replicas;
  trial.baseline = BaselineAt(look.spec, 0);
  return {trial,
          fmt::format("{} differs from the release in its pods; its trial starts", revision),
          {{"TrialStarted", fmt::format("{} is on trial", revision)}}};
}

Move From(const core::Stable& at, const Look& look) {
  if (const std::string lifted = Lifted(look, nullptr); !lifted.empty()) {
    Move move{at, "a quarantine was lifted", {LiftedEvent(look)}};
    move.lift = lifted;
    return move;
  }
  const std::optional<core::Candidate>& wanted = look.seen.wanted;
  if (look.seen.suspended) return {at, "suspended", {}, kQuiet};
  if (!wanted) return {at, "what git asks for is not known", {}, kQuiet};
  if (look.seen.stable_gated_hash.empty()) return {at, "there is no release yet", {}, kQuiet};
  if (wanted->gated_hash == look.seen.stable_gated_hash)
    return {at, fmt::format("{} is stable", ShortRevision(wanted->revision)), {}, kQuiet};
  return Meet(*wanted, look);
}

Move From(const core::Held& at, const Look& look) {
  if (const std::string lifted = Lifted(look, &at.candidate); !lifted.empty()) {
    Move move{at, "a quarantine was lifted", {LiftedEvent(look)}};
    if (lifted == at.candidate.gated_hash) move.next = core::Stable{};
    move.lift = lifted;
    return move;
  }
  const std::optional<core::Candidate>& wanted = look.seen.wanted;
  const Move stay{
      at, fmt::format("{} {}", ShortRevision(at.candidate.revision), at.reason), {}, kQuiet};
  if (look.seen.suspended || !wanted) return stay;
  if (wanted->gated_hash == look.seen.stable_gated_hash) {
    return {core::Stable{},
            fmt::format("{} is what is stable", ShortRevision(wanted->revision)),
            {{"Stable", fmt::format("git is back at what is stable with {}",
                                    ShortRevision(wanted->revision))}}};
  }
  // Held without a quarantine: for what another commit of the same pods may have taken out.
  if (wanted->gated_hash != at.candidate.gated_hash ||
      !FindQuarantined(look.status, at.candidate.gated_hash))
    return Meet(*wanted, look);
  if (*wanted == at.candidate) return stay;
  core::Held same = at;  // another commit that renders the same
  same.candidate = *wanted;
  return {same, stay.why, {}, kQuiet};
}

}  // namespace headgate::rollout
