#include "cli/rollout_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/hash.h"
#include "core/object.h"
#include "core/position.h"
#include "core/rollout_spec.h"
#include "rollout/analysis/evaluate.h"
#include "rollout/decide.h"

namespace headgate::cli {
namespace {

using rollout::analysis::ShowShare;

std::string Line(std::string_view what, std::string_view text) {
  return fmt::format("  {:<10} {}\n", what, text);
}

std::string ShowSteps(const core::RolloutSpec& spec, const core::Position& position) {
  const auto* trial = std::get_if<core::Trial>(&position);
  const bool passed = std::holds_alternative<core::Promoting>(position);
  std::string text;
  for (size_t i = 0; i < spec.steps.size(); ++i) {
    const auto step = static_cast<int64_t>(i);
    if (trial && step == trial->step) {
      text += fmt::format("  ▶ {}\n", rollout::ShowStep(spec, *trial));
    } else {
      const bool over = passed || (trial && step < trial->step);
      text += fmt::format("  {} {}\n", over ? "✓" : "·", core::Show(spec.steps[i]));
    }
  }
  return text;
}

std::string ShowEvidence(const std::vector<core::Evidence>& evidence) {
  std::string text;
  for (const core::Evidence& each : evidence) {
    text += Line(each.metric,
                 fmt::format("{}: {} of at most {} ({} of {} requests){}", core::Show(each.verdict),
                             ShowShare(each.share), ShowShare(each.max), each.bad, each.requests,
                             each.why.empty() ? "" : "; " + each.why));
  }
  return text;
}

struct Shower {
  const core::RolloutSpec& spec;
  core::Time now;

  std::string operator()(const core::Stable&) const { return ""; }
  std::string operator()(const core::Trial& trial) const {
    const std::string seen = trial.observed_weight < 0
                                 ? "not known yet"
                                 : fmt::format("{:.1f} %", trial.observed_weight);
    int64_t requests = 0;
    for (const core::Evidence& each : trial.evidence) requests = std::max(requests, each.requests);
    std::string text = Line("weight", fmt::format("wanted {} %, seen {}", trial.weight, seen));
    if (trial.window_open) {
      text += Line(
          "requests",
          fmt::format("{} at the canary in {}", requests,
                      core::Show(std::chrono::duration_cast<core::Duration>(
                          std::chrono::floor<std::chrono::seconds>(now - *trial.window_open)))));
    }
    text += ShowEvidence(trial.evidence);
    if (trial.paused) text += Line("paused", trial.paused_why);
    return text;
  }
  std::string operator()(const core::Promoting& promoting) const {
    return Line("weight", fmt::format("wanted {} %", promoting.weight));
  }
  std::string operator()(const core::RollingBack& back) const {
    return Line("weight", fmt::format("wanted {} %", back.weight)) + Line("because", back.reason) +
           ShowEvidence(back.evidence);
  }
  std::string operator()(const core::Held& held) const { return ShowEvidence(held.evidence); }
};

}  // namespace

std::string ShowRollout(const core::Value& application, const core::Value& rollout,
                        core::Time now) {
  const core::Value* status = rollout.Find("status");
  const core::Result<core::RolloutSpec> spec = core::ParseRolloutSpec({rollout, ""});
  const core::Result<core::RolloutStatus> read =
      core::ParseRolloutStatus(status ? *status : core::Value());
  if (!spec) return spec.error().text() + "\n";
  if (!read) return read.error().text() + "\n";
  const std::string stable(core::Short(application.StringAt("status", "release", "revision"), 7));
  std::string text = fmt::format("{}  {}  stable {}\n", core::NameOf(application),
                                 core::PhaseOf(read->position), stable.empty() ? "-" : stable);
  if (const core::Candidate* candidate = core::CandidateOf(read->position)) {
    text += Line("candidate", core::Short(candidate->revision, 7));
  }
  text += ShowSteps(*spec, read->position);
  text += std::visit(Shower{*spec, now}, read->position);
  const std::string& message = rollout.StringAt("status", "message");
  if (!message.empty()) text += Line("now", message);
  return text;
}

}  // namespace headgate::cli
