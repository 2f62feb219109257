#include <fmt/format.h>

#include <algorithm>

#include "rollout/analysis/evaluate.h"
#include "rollout/compose.h"
#include "rollout/phases.h"
#include "rollout/seeing.h"
#include "rollout/steps.h"
#include "rollout/trial.h"

namespace headgate::rollout {
namespace {

using core::Trial;
using core::Verdict;
using Part = core::Trial::Part;
using Then = core::RollingBack::Then;

// ---- what the counters say

// Canary and stable of one workload stand at the same place of their lists.
std::string WorkloadOf(const std::vector<WorkloadSeen>& all, const WorkloadSeen& one) {
  return all.size() <= 1 ? "" : std::to_string(&one - all.data());
}

// How often a pod died since the window opened, as far as it shows: of stable's long-lived pods
// just that it did. What a canary's pod did while it warmed up does not count.
int DeathsOf(const PodSeen& pod, core::Time open, bool canary) {
  const bool died = pod.died && *pod.died > open;
  const bool lost = pod.unready && *pod.unready > open;
  if (!died) return lost ? 1 : 0;
  return canary ? static_cast<int>(std::clamp<int64_t>(pod.restarts, 1, 100)) : 1;
}

analysis::Tracks TracksOf(const Trial& at, const Observation& seen, bool against_baseline) {
  const core::Time open = at.window_open.value_or(at.since);
  analysis::Tracks tracks;
  for (const std::string& name : at.pods) tracks.canary.push_back({name, std::nullopt});
  for (const WorkloadSeen& workload : seen.canary) {
    for (const PodSeen& pod : workload.pods) {
      for (analysis::Pod& known : tracks.canary) {
        if (known.name != pod.name) continue;
        known.started = pod.started;
        known.deaths = DeathsOf(pod, open, true);
        known.workload = WorkloadOf(seen.canary, workload);
      }
    }
  }
  const std::vector<WorkloadSeen>& control = against_baseline ? seen.baseline : seen.stable;
  for (const WorkloadSeen& workload : control) {
    for (const PodSeen& pod : workload.pods)
      tracks.stable.push_back(
          {pod.name, pod.started, WorkloadOf(control, workload), DeathsOf(pod, open, false)});
  }
  return tracks;
}

// What the counters of this tick say; nothing where nobody was asked, or no window is open.
using Judged = std::optional<analysis::Judgement>;

Judged Judge(const Trial& at, const Look& look) {
  if (!look.seen.metrics || !at.window_open) return std::nullopt;
  const core::Time open = *at.window_open;
  const auto windows = std::count_if(
      look.spec.steps.begin(), look.spec.steps.end(),
      [](const core::Step& step) { return std::holds_alternative<core::SetWeight>(step); });
  const bool against_baseline = ExtrasOf(look.spec, at.routed).baseline;
  Judged judged = analysis::Evaluate(look.spec.analysis,
                                     {open, std::max(open, at.since), look.seen.now,
                                      at.candidate.gated_hash, static_cast<int>(windows)},
                                     TracksOf(at, look.seen, against_baseline), *look.seen.metrics);
  if (against_baseline) judged->observed_weight = -1;  // stable's own pods are not counted
  return judged;
}

Verdict OverallOf(const std::vector<core::Evidence>& evidence) {
  Verdict overall = Verdict::kPass;
  for (const core::Evidence& e : evidence) {
    if (e.verdict == Verdict::kFail) return Verdict::kFail;
    if (e.verdict == Verdict::kUnknown) overall = Verdict::kUnknown;
    if (e.verdict == Verdict::kHold && overall == Verdict::kPass) overall = Verdict::kHold;
  }
  return overall;
}

std::string WhyOf(const std::vector<core::Evidence>& evidence, Verdict verdict) {
  for (const core::Evidence& e : evidence) {
    if (e.verdict == verdict) return e.why;
  }
  return "";
}

// ---- the parts of a step

Move Observe(Trial at, const Look& look, const Judged& judged);

// Stable's own pods that do not get ready say nothing of the candidate.
Move WaitForBaseline(Trial at, const Look& look, const std::string& not_ready) {
  if (at.paused || Waited(look.seen, at.since) < kProgressDeadline)
    return Stay(at, at.paused ? "paused: " + at.paused_why : not_ready);
  at.paused = true;
  at.paused_why = fmt::format("not ready within {}: {}", core::Show(kProgressDeadline), not_ready);
  return {at, "paused: " + at.paused_why, {{"Paused", at.paused_why, true}}};
}

Move Warm(Trial at, const Look& look) {
  const std::string& hash = at.candidate.gated_hash;
  const core::Duration waited = Waited(look.seen, at.since);
  const int target = WeightAt(look.spec, at.step);
  const std::string not_ready = CanaryNotReady(look.seen, hash, at.scale, at.replicas);
  if (not_ready.empty() && BaselineAt(look.spec, at.step)) {
    const std::string fresh = BaselineNotReady(look.seen, at.scale, at.replicas);
    if (!fresh.empty()) return WaitForBaseline(at, look, fresh);
  }
  if (not_ready.empty()) {
    if (at.paused) return Stay(at, "paused: " + at.paused_why);
    if (look.seen.suspended) return Stay(at, "suspended");
    const core::Step& step = StepOf(look.spec, at);
    const bool shifts = core::IsChange(step) && !std::holds_alternative<core::SetCanaryScale>(step);
    if (shifts) {
      at.window_open.reset();
      at.evidence.clear();
      at.observed_weight = -1;
    }
    std::vector<Event> events;
    if (at.weight != target)
      events.push_back(
          {"WeightSet", fmt::format("{} gets {} %", ShortRevision(at.candidate.revision), target)});
    at.weight = target;
    at.routed = at.step + 1;
    EnterPart(&at, Part::kShifting, look.seen.now);
    return {at, fmt::format("its pods are ready; weight {} %", target), std::move(events),
            kSoonest};
  }
  const std::string broken = BrokenCanary(look.seen, hash);
  if (!broken.empty() && waited >= kBrokenGrace)
    return GoBack(at, look, Then::kHeld, fmt::format("failed its canary: {}", broken));
  if (waited >= kProgressDeadline)
    return GoBack(at, look, Then::kHeld,
                  fmt::format("failed its canary: not ready within {}: {}",
                              core::Show(kProgressDeadline), not_ready));
  return Stay(at, broken.empty() ? not_ready : broken);
}

// The canary lost pods that it needs for its weight: as much of it as is left is taken away first.
std::optional<Move> Retreat(Trial at, const Look& look) {
  const int carried = CarriedWeight(look.seen, at.candidate.gated_hash, at.weight);
  const bool none_left = !ExtrasOf(look.spec, at.routed).empty() &&
                         CarriedWeight(look.seen, at.candidate.gated_hash, 1) == 0;
  const bool no_baseline = ExtrasOf(look.spec, at.routed).baseline && !BaselineServes(look.seen);
  if (carried >= at.weight && !none_left && !no_baseline) return std::nullopt;
  if (none_left || no_baseline) at.routed = 0;
  const int before = at.weight;
  at.weight = carried;
  if (at.part != Part::kWarming) EnterPart(&at, Part::kWarming, look.seen.now);
  const std::string text = fmt::format(
      "{}{} lost pods: weight {} % -> {} % until they are ready again",
      no_baseline ? "the baseline of " : "", ShortRevision(at.candidate.revision), before, carried);
  Move move{at, text, {{"WeightTaken", text, true}}, kSoonest};
  move.overrules = true;
  return move;
}

// Both tracks got worse since the weight changed: it may be the candidate that harms what they
// share. Its requests are taken away at once, and a person decides.
std::optional<Move> StepAside(Trial at, const Look& look, const Judged& judged) {
  if (!judged || judged->both_worse.empty() || at.weight == 0) return std::nullopt;
  const int before = at.weight;
  at.evidence = judged->evidence;
  at.weight = 0;
  at.routed = 0;
  at.paused = true;
  at.paused_why = judged->both_worse;
  at.window_open.reset();  // after a resume nothing of now counts
  EnterPart(&at, Part::kWarming, look.seen.now);
  const std::string text = fmt::format("{}: weight {} % -> 0 and paused: {}",
                                       ShortRevision(at.candidate.revision), before, at.paused_why);
  Move move{at, text, {{"WeightTaken", text, true}}, kSoonest};
  move.overrules = true;
  return move;
}

Move Shift(Trial at, const Look& look, const Judged& judged) {
  const std::string extras = routers::Show(ExtrasOf(look.spec, at.routed));
  const bool untouched = at.weight == 0 && extras.empty() && look.seen.route.extras.empty();
  const std::string not_seen =
      untouched ? "" : RouteNot(look.seen, at.weight, extras, kDataPlaneDelay);
  if (!not_seen.empty()) {
    const core::Policy& policy = look.spec.analysis.on_unknown;
    if (at.paused || Waited(look.seen, at.since) < policy.after) return Stay(at, not_seen);
    if (policy.action == core::Policy::Action::kRollback)
      return GoBack(at, look, Then::kHeld, "failed its canary: " + not_seen);
    at.paused = true;
    at.paused_why = not_seen;
    return {at, "paused: " + not_seen, {{"Paused", not_seen, true}}};
  }
  if (!at.window_open && MeetsRequests(look.spec, at)) at.window_open = look.seen.now;
  EnterPart(&at, Part::kObserving, look.seen.now);
  return Observe(std::move(at), look, judged);
}

// Counts how long there has been no verdict, and what the policy says then.
std::optional<Move> NoVerdict(Trial* at, const Look& look, Verdict verdict, bool moving,
                              Verdict before, core::Duration elapsed) {
  const bool unknown = verdict == Verdict::kUnknown;
  const bool was_unknown = before == Verdict::kUnknown;
  if (unknown != was_unknown || (!unknown && moving)) at->no_verdict = core::Duration(0);
  if (unknown || !moving) at->no_verdict += elapsed;
  const core::Policy& policy = unknown ? look.spec.analysis.on_unknown : look.spec.analysis.on_hold;
  if (at->no_verdict < policy.after) return std::nullopt;
  std::string detail = WhyOf(at->evidence, verdict);
  if (detail.empty()) detail = "no scrape of the canary's pods is seen";
  const std::string why = fmt::format("no verdict for {}: {}", core::Show(policy.after), detail);
  if (policy.action == core::Policy::Action::kRollback)
    return GoBack(*at, look, Then::kHeld,
                  fmt::format("failed its canary at {} %: {}", at->weight, why));
  if (policy.action == core::Policy::Action::kContinue) {
    Move move = PassStep(*at, look, why);
    move.events.push_back({"NoVerdict", why + "; going on, as the policy says", true});
    return move;
  }
  at->paused = true;
  at->paused_why = why;
  return Move{*at, "paused: " + why, {{"Paused", why, true}}};
}

// The same between two looks at the metrics, so that nothing is written then.
std::string ShowObserved(const Trial& at, const core::Analyze& step) {
  const std::string why = WhyOf(at.evidence, OverallOf(at.evidence));
  return fmt::format("{} of {} observed{}{}", core::Show(at.observed), core::Show(step.duration),
                     why.empty() ? "" : "; ", why);
}

Move ObserveAnalyze(Trial at, const Look& look, const Judged& judged, const core::Analyze& step) {
  const core::Duration elapsed = Elapsed(at, look);
  const bool measured = !look.spec.analysis.metrics.empty();
  const core::Duration interval = look.spec.analysis.interval;
  const core::Duration next =
      std::max(core::Duration(0), interval - (look.seen.now - at.looked_at));
  if (measured && at.window_open && !judged) return Stay(at, ShowObserved(at, step), next);
  if (!measured && elapsed < interval && at.observed + elapsed < step.duration)
    return Stay(at, "observing", std::min(next, step.duration - at.observed));

  Verdict verdict = Verdict::kHold;
  const Verdict before = OverallOf(at.evidence);
  const core::Duration observed_before = at.observed;
  if (judged) {
    verdict = judged->verdict;
    if (verdict != Verdict::kUnknown) {
      at.observed = std::max(at.observed, judged->observed);
      at.observed_weight = judged->observed_weight;
    }
    at.evidence = judged->evidence;
  }
  if (!measured) {
    verdict = Verdict::kPass;
    at.observed += elapsed;
  }
  at.looked_at = look.seen.now;
  if (at.paused || look.seen.suspended)
    return Stay(at, at.paused ? "paused: " + at.paused_why : "suspended", interval);
  const bool enough = at.observed >= step.duration;
  if (verdict == Verdict::kPass && enough) {
    const std::string why = WhyOf(at.evidence, Verdict::kPass);
    return PassStep(at, look, why.empty() ? "observed long enough" : why);
  }
  const bool moving = at.observed > observed_before && !enough;
  if (auto move = NoVerdict(&at, look, verdict, moving, before, elapsed)) return *move;
  return Stay(at, ShowObserved(at, step), interval);
}

Move ObservePause(Trial at, const Look& look, const core::Pause& step) {
  const core::Duration interval = look.spec.analysis.interval;
  const core::Duration elapsed = Elapsed(at, look);
  const core::Duration left = step.duration ? *step.duration - at.observed : interval;
  const bool due = look.seen.now - at.looked_at >= std::min(interval, left);
  if (due) {
    at.looked_at = look.seen.now;
    if (!at.paused && !look.seen.suspended) at.observed += elapsed;
  }
  if (at.paused) return Stay(at, "paused: " + at.paused_why, interval);
  if (look.seen.suspended) return Stay(at, "suspended", interval);
  if (step.until) {
    if (look.seen.now >= *step.until)
      return PassStep(at, look, fmt::format("{} is over", core::Show(*step.until)));
    return Stay(at, fmt::format("waits until {}", core::Show(*step.until)),
                std::min(interval, *step.until - look.seen.now));
  }
  if (!step.duration) return Stay(at, "waits for promote", interval);
  if (at.observed >= *step.duration)
    return PassStep(at, look, fmt::format("{} are over", core::Show(*step.duration)));
  return Stay(at, fmt::format("{} of {} over", core::Show(at.observed), core::Show(*step.duration)),
              std::min(interval, *step.duration - at.observed));
}

// Evidence goes on while a step waits for a person, and is shown.
Move ObserveApprove(Trial at, const Look& look) {
  const core::Duration interval = look.spec.analysis.interval;
  if (look.seen.now - at.looked_at >= interval) at.looked_at = look.seen.now;
  if (at.paused) return Stay(at, "paused: " + at.paused_why, interval);
  return Stay(at, look.seen.suspended ? "suspended" : "waits for promote", interval);
}

// What a step that changes something has come to.
std::string WhatIsSeen(const core::Step& step, const Trial& at) {
  if (std::holds_alternative<core::SetWeight>(step))
    return fmt::format("weight {} % is seen", at.weight);
  if (std::holds_alternative<core::SetCanaryScale>(step)) return "its pods are ready";
  return "the route is seen";
}

Move Observe(Trial at, const Look& look, const Judged& judged) {
  const core::Step& step = StepOf(look.spec, at);
  if (core::IsChange(step)) {
    if (at.paused) return Stay(at, "paused: " + at.paused_why);
    if (look.seen.suspended) return Stay(at, "suspended");
    return PassStep(at, look, WhatIsSeen(step, at));
  }
  if (const auto* analyze = std::get_if<core::Analyze>(&step))
    return ObserveAnalyze(std::move(at), look, judged, *analyze);
  // Elsewhere the counters decide nothing but a way back; what they say is kept to be shown.
  if (judged) {
    at.evidence = judged->evidence;
    if (judged->verdict != Verdict::kUnknown) at.observed_weight = judged->observed_weight;
  }
  if (const auto* pause = std::get_if<core::Pause>(&step))
    return ObservePause(std::move(at), look, *pause);
  if (const auto* gate = std::get_if<core::Gate>(&step))
    return ObserveGate(std::move(at), look, *gate);
  if (const auto* job = std::get_if<core::Job>(&step)) return ObserveJob(std::move(at), look, *job);
  return ObserveApprove(std::move(at), look);
}

// ---- what comes before any step

// What ends a trial whatever its step: people, counters, git. Nothing where it goes on.
std::optional<Move> WayBack(const Trial& at, const Look& look, const Judged& judged) {
  if (look.verb == "abort")
    return GoBack(at, look, Then::kHeld, fmt::format("was aborted by {}", look.by));
  if (judged && judged->verdict == Verdict::kFail) {
    Trial failed = at;
    failed.evidence = judged->evidence;
    return GoBack(failed, look, Then::kHeld,
                  fmt::format("failed its canary at {} %: {}", at.weight,
                              WhyOf(judged->evidence, Verdict::kFail)));
  }
  const std::optional<core::Candidate>& wanted = look.seen.wanted;
  if (look.seen.suspended || !wanted || wanted->gated_hash == at.candidate.gated_hash)
    return std::nullopt;
  const std::string revision = ShortRevision(wanted->revision);
  if (wanted->gated_hash == look.seen.stable_gated_hash)
    return GoBack(at, look, Then::kStable,
                  fmt::format("git went back to what is stable ({})", revision));
  if (look.spec.on_new_commit == core::RolloutSpec::OnNewCommit::kSupersede)
    return GoBack(at, look, Then::kStable, fmt::format("was superseded by {}", revision));
  return std::nullopt;
}

// The trial with what this tick knows better: the commit that asks for the same pods, new pods.
Trial Refreshed(Trial at, const Look& look) {
  const std::optional<core::Candidate>& wanted = look.seen.wanted;
  if (wanted && !look.seen.suspended && wanted->gated_hash == at.candidate.gated_hash &&
      wanted->bundle_hash != at.candidate.bundle_hash)
    at.candidate = *wanted;
  at.pods = WithPodsSeen(std::move(at.pods), look.seen, at.candidate.gated_hash);
  const auto steps = static_cast<int64_t>(look.spec.steps.size());
  at.step = std::clamp<int64_t>(at.step, 0, steps - 1);  // the spec may have lost steps
  return at;
}

Move Continue(Trial at, const Look& look, const Judged& judged) {
  switch (at.part) {
    case Part::kWarming:
      return Warm(std::move(at), look);
    case Part::kShifting:
      return Shift(std::move(at), look, judged);
    case Part::kObserving:
      break;
  }
  return Observe(std::move(at), look, judged);
}

Move Next(const Trial& before, const Look& look) {
  if (look.spec.steps.empty())
    return GoBack(before, look, Then::kStable, "has no steps to take any more");
  Trial at = Refreshed(before, look);
  const Judged judged = Judge(at, look);
  if (std::optional<Move> back = WayBack(at, look, judged)) return *back;
  if (std::optional<Move> aside = StepAside(at, look, judged)) return *aside;
  if (std::optional<Move> retreat = Retreat(at, look)) return *retreat;
  if (look.verb == "promote" && look.seen.request->step == core::kFull) {
    const std::string why = fmt::format("is promoted past all steps by {}", look.by);
    return Promote(at, look, why, why, {});
  }
  if (look.verb == "promote" || look.verb == "skip-step")
    return PassStep(at, look, fmt::format("{} by {}", look.verb, look.by));
  if (look.verb == "pause") {
    at.paused = true;
    at.paused_why = "by " + look.by;
    return {at, "paused by " + look.by, {{"Paused", "paused by " + look.by}}};
  }
  if (look.verb == "resume") {
    at.paused = false;
    at.paused_why.clear();
    at.no_verdict = core::Duration(0);
    at.looked_at = look.seen.now;
    return {at, "resumed by " + look.by, {{"Resumed", "resumed by " + look.by}}, kSoonest};
  }
  return Continue(std::move(at), look, judged);
}

}  // namespace

std::string FailureOf(const core::Trial& watched, const Look& look) {
  const Judged judged = Judge(watched, look);
  if (!judged || judged->verdict != Verdict::kFail) return "";
  return WhyOf(judged->evidence, Verdict::kFail);
}

Move GoBack(const Trial& at, const Look& look, Then then, std::string reason) {
  const std::string revision = ShortRevision(at.candidate.revision);
  core::RollingBack back{
      at.candidate, core::RollingBack::Part::kShifting, 0, look.seen.now, then, reason, at.evidence,
      at.baseline};
  return {back,
          fmt::format("{} {}", revision, reason),
          {{"RollingBack", fmt::format("{} {}", revision, reason), then == Then::kHeld}},
          kSoonest};
}

Move From(const Trial& before, const Look& look) {
  Move move = Next(before, look);
  const bool overruled = std::holds_alternative<core::RollingBack>(move.next) || move.overrules;
  if (overruled && look.verb != "abort") move.refused = move.why;
  return move;
}

}  // namespace headgate::rollout
