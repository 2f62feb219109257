#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "rollout/phases.h"

namespace headgate::rollout {
namespace {

constexpr std::array kVerbs = {"promote", "abort", "pause", "resume", "skip-step", "retry"};
constexpr size_t kRevisionMin = 7;  // characters of an abbreviated commit id

bool SameRevision(std::string_view said, std::string_view known) {
  return said.size() >= std::min(kRevisionMin, known.size()) && known.starts_with(said);
}

bool IsPromoteFull(const core::Request& request) {
  return request.verb == "promote" && request.step == core::kFull;
}

// Nothing where the request may be done, else why not.
std::string RefuseInTrial(const core::RolloutSpec& spec, const core::Trial& at,
                          const core::Request& request) {
  const bool passes = request.verb == "promote" || request.verb == "skip-step";
  if (request.verb == "retry") return "it is on trial already";
  if (request.verb == "resume" && !at.paused) return "it is not paused";
  if (request.verb == "pause" && at.paused) return "it is paused already";
  if (IsPromoteFull(request)) return "";
  if (passes && at.part != core::Trial::Part::kObserving)
    return "the step passes by itself when the canary's pods are ready and get their weight";
  if (!request.step.empty() && request.step != std::to_string(at.step))
    return fmt::format("it is at step {} now: {}", at.step + 1, ShowStep(spec, at));
  return "";
}

std::string RefuseInPromoting(const core::Promoting& at, const core::Request& request) {
  using Part = core::Promoting::Part;
  if (request.verb != "abort") return "it is being promoted";
  const bool over = at.part == Part::kRemoving || at.part == Part::kRecording;
  return over ? "it is promoted already; roll back to the release before it instead" : "";
}

std::string Refusal(const core::RolloutSpec& spec, const core::RolloutStatus& status,
                    const core::Request& request) {
  const core::Position& position = status.position;
  if (request.verb == "retry") {
    const bool held = std::any_of(
        status.quarantine.begin(), status.quarantine.end(),
        [&](const auto& entry) { return SameRevision(request.revision, entry.revision); });
    const auto* at = std::get_if<core::Held>(&position);
    if (held || (at && SameRevision(request.revision, at->candidate.revision))) return "";
    return fmt::format("{} is not quarantined", ShortRevision(request.revision));
  }
  const core::Candidate* candidate = core::CandidateOf(position);
  const bool active = candidate && !std::holds_alternative<core::Held>(position);
  if (!active || !SameRevision(request.revision, candidate->revision))
    return fmt::format("{} is not on trial", ShortRevision(request.revision));
  if (const auto* at = std::get_if<core::Trial>(&position))
    return RefuseInTrial(spec, *at, request);
  if (const auto* at = std::get_if<core::Promoting>(&position))
    return RefuseInPromoting(*at, request);
  return "it is going back already";
}

std::string Accepted(const core::RolloutSpec& spec, const core::RolloutStatus& status,
                     const core::Request& request) {
  const std::string revision = ShortRevision(request.revision);
  const auto* at = std::get_if<core::Trial>(&status.position);
  if (request.verb == "retry") return "lifted the quarantine of " + revision;
  if (request.verb == "abort") return "aborted " + revision;
  if (request.verb == "pause") return "paused " + revision;
  if (request.verb == "resume") return "resumed " + revision;
  if (IsPromoteFull(request)) return "promoted past all steps";
  const std::string step = at ? fmt::format(" step {}: {}", at->step + 1, ShowStep(spec, *at)) : "";
  return (request.verb == "promote" ? "promoted" : "skipped") + step;
}

}  // namespace

std::optional<core::RequestAnswer> Hear(const core::RolloutSpec& spec,
                                        const core::RolloutStatus& status,
                                        const Observation& seen) {
  if (!seen.request) return std::nullopt;
  const core::Request& request = *seen.request;
  if (std::find(kVerbs.begin(), kVerbs.end(), request.verb) == kVerbs.end()) return std::nullopt;
  core::RequestAnswer answer{request.id, request.verb, false, ""};
  const std::string refusal = Refusal(spec, status, request);
  answer.accepted = refusal.empty();
  answer.message = answer.accepted
                       ? Accepted(spec, status, request)
                       : fmt::format("refused: {}; now: {}", refusal, core::Show(status.position));
  return answer;
}

}  // namespace headgate::rollout
