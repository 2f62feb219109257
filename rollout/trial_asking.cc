// Steps that ask somebody else: a webhook, a Job.
#include <fmt/format.h>

#include <algorithm>

#include "rollout/seeing.h"
#include "rollout/trial.h"

namespace headgate::rollout {
namespace {

using core::Verdict;
using Then = core::RollingBack::Then;

// What a gate said last stands among the evidence until it opens, so that it is shown.
void Forget(core::Trial* at, const std::string& asked) {
  std::erase_if(at->evidence, [&](const core::Evidence& each) { return each.metric == asked; });
}

void Keep(core::Trial* at, const std::string& asked, Verdict verdict, const std::string& why) {
  core::Evidence evidence;
  evidence.metric = asked;
  evidence.verdict = verdict;
  evidence.why = why;
  at->evidence.push_back(std::move(evidence));
}

std::string SaidBefore(const core::Trial& at, const std::string& asked) {
  for (const core::Evidence& each : at.evidence) {
    if (each.metric == asked) return each.why;
  }
  return "waits for " + asked;
}

}  // namespace

Move ObserveGate(core::Trial at, const Look& look, const core::Gate& gate) {
  const core::Duration interval = look.spec.analysis.interval;
  const std::string asked = core::Show(core::Step(gate));
  if (at.paused || look.seen.suspended)
    return Stay(at, at.paused ? "paused: " + at.paused_why : "suspended", interval);
  if (!look.seen.gate)
    return Stay(at, SaidBefore(at, asked),
                std::max(core::Duration(0), interval - (look.seen.now - at.looked_at)));
  const GateSeen& said = *look.seen.gate;
  const core::Duration elapsed = Elapsed(at, look);
  at.looked_at = look.seen.now;
  const std::string why = fmt::format("{} {}", asked, said.why);
  Forget(&at, asked);
  if (said.says == GateSeen::Says::kGo) return PassStep(at, look, why);
  Keep(&at, asked, said.says == GateSeen::Says::kRefused ? Verdict::kHold : Verdict::kUnknown, why);
  if (said.says == GateSeen::Says::kRefused) {
    at.no_verdict = core::Duration(0);
    at.observed += elapsed;
    const bool over = gate.deadline && at.observed >= *gate.deadline;
    if (over || gate.on_refusal == core::Gate::OnRefusal::kRollback)
      return GoBack(at, look, Then::kHeld,
                    fmt::format("was refused at {} %: {}{}", at.weight, why,
                                over ? " for " + core::Show(*gate.deadline) : ""));
    return Stay(at, why, interval);
  }
  at.no_verdict += elapsed;
  if (at.no_verdict < look.spec.analysis.on_unknown.after) return Stay(at, why, interval);
  // Whatever the action of onUnknown: a gate that cannot be asked neither opens nor fails anybody.
  at.paused = true;
  at.paused_why = why;
  return {at, "paused: " + why, {{"Paused", why, true}}};
}

Move ObserveJob(core::Trial at, const Look& look, const core::Job& job) {
  const core::Duration interval = look.spec.analysis.interval;
  if (look.seen.now - at.looked_at >= interval) at.looked_at = look.seen.now;
  const JobSeen seen = look.seen.job.value_or(JobSeen{});
  const std::string named = fmt::format("Job {}", job.name);
  if (seen.state == JobSeen::State::kFailed)
    return GoBack(
        at, look, Then::kHeld,
        fmt::format("failed its canary at {} %: {} failed: {}", at.weight, named, seen.why));
  const bool absent = seen.state == JobSeen::State::kAbsent;
  if (absent && Waited(look.seen, at.since) >= kProgressDeadline)
    return GoBack(at, look, Then::kHeld,
                  fmt::format("failed its canary at {} %: {} could not be started within {}",
                              at.weight, named, core::Show(kProgressDeadline)));
  if (at.paused) return Stay(at, "paused: " + at.paused_why, interval);
  if (look.seen.suspended) return Stay(at, "suspended", interval);
  if (seen.state == JobSeen::State::kSucceeded) return PassStep(at, look, named + " succeeded");
  return Stay(at, absent
                      ? named + " is not there yet"
                      : fmt::format("{} runs{}{}", named, seen.why.empty() ? "" : ": ", seen.why));
}

}  // namespace headgate::rollout
