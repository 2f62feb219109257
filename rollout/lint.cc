#include "rollout/lint.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/application.h"
#include "rollout/compose.h"
#include "rollout/config.h"
#include "rollout/decide.h"
#include "rollout/gated.h"
#include "rollout/routers/router.h"
#include "rollout/selectors.h"
#include "rollout/simulation/simulate.h"
#include "rollout/steps.h"
#include "rollout/variants.h"

namespace headgate::rollout {
namespace {

using Severity = Finding::Severity;

constexpr double kErrorsOfABadOne = 0.3;  // share of bad requests of the bad candidate simulated
constexpr int kOffMax = 5;  // points between the weight wanted and the one that pods can hold

core::Duration Seconds(double seconds) {
  return std::chrono::seconds(static_cast<int64_t>(std::min(std::ceil(seconds), 1e9)));
}

class Linter {
 public:
  Linter(const core::Objects& bundle, const core::Object& rollout, const core::RolloutSpec& spec,
         const simulation::Truth& truth)
      : bundle_(bundle), rollout_(rollout), spec_(spec), truth_(truth) {}

  std::vector<Finding> Run(int64_t runs) {
    if (core::Status checked = CheckBundle(bundle_, spec_); !checked) {
      findings_.push_back({Severity::kError, "", checked.error().text()});
      return std::move(findings_);
    }
    CheckTraffic();
    CheckScalers();
    CheckHostPorts();
    CheckBaseline();
    CheckSteps();
    CheckEvidence();
    if (runs > 0) Foresee(runs);
    std::stable_sort(findings_.begin(), findings_.end(),
                     [](const Finding& a, const Finding& b) { return a.severity < b.severity; });
    return std::move(findings_);
  }

 private:
  void Add(Severity severity, const std::string& field, std::string what) {
    findings_.push_back({severity, core::Where(rollout_) + ": " + field, std::move(what)});
  }

  // "spec.canary.steps[2]", at its line.
  void AddStep(Severity severity, size_t step, std::string what) {
    const core::List& steps = rollout_.body.ListAt("spec", "canary", "steps");
    if (step >= steps.size()) return Add(severity, "spec.blueGreen", std::move(what));
    findings_.push_back(
        {severity,
         fmt::format("{}: spec.canary.steps[{}]", core::Where(rollout_, steps[step]), step),
         std::move(what)});
  }

  // Every gated workload needs requests of its own, or it would be promoted unseen.
  void CheckTraffic() {
    const routers::Variants services = ServicesOf(bundle_, spec_);
    const routers::Router& router = routers::RouterFor(spec_.traffic);
    std::set<std::string> behind;
    for (const core::Object& object : bundle_) {
      if (routers::IsRoute(object.body, spec_)) behind = router.ServicesBehind(object.body);
    }
    for (const core::Object* workload : GatedOf(bundle_, spec_)) {
      std::vector<std::string> its;
      bool reached = false;
      for (const core::Object& object : bundle_) {
        if (!core::IsKind(object.body, "", "Service") ||
            !SelectsPods(object.body, PodLabelsOf(workload->body)))
          continue;
        its.push_back(core::NameOf(object.body));
        reached = reached || !router.RouteType() || behind.contains(its.back());
      }
      if (reached) continue;
      const std::string name = core::NameOf(workload->body);
      Add(Severity::kError, "spec.workloads",
          fmt::format("Deployment {} gets no request from the route ({}), so it would be promoted "
                      "unseen; lead a rule of the route to it, or take it out of spec.workloads",
                      name,
                      its.empty() ? "no Service selects its pods"
                                  : fmt::format("its Services are {}", fmt::join(its, ", "))));
    }
  }

  void CheckScalers() {
    if (spec_.traffic.by != core::Traffic::By::kReplicas) return;
    for (const core::Object& object : bundle_) {
      const bool scaler = object.body.StringAt("kind") == "HorizontalPodAutoscaler";
      const bool budget = core::IsKind(object.body, "policy", "PodDisruptionBudget");
      if (!scaler && !budget) continue;
      for (const core::Object* workload : GatedOf(bundle_, spec_)) {
        const bool its = scaler ? object.body.StringAt("spec", "scaleTargetRef", "name") ==
                                      core::NameOf(workload->body)
                                : SelectsPods(object.body, PodLabelsOf(workload->body));
        if (its)
          Add(Severity::kWarning, "spec.traffic.replicas",
              fmt::format("{} {} counts the canary's pods too, because without a router they carry "
                          "stable's labels; name a router in spec.traffic",
                          object.body.StringAt("kind"), core::NameOf(object.body)));
      }
    }
  }

  // A port of the node is taken by stable's pod: the canary's needs another node.
  void CheckHostPorts() {
    for (const core::Object* workload : GatedOf(bundle_, spec_)) {
      const core::Value* pods = core::PodTemplateOf(workload->body);
      if (!pods) continue;
      bool taken = pods->BoolAt(false, "spec", "hostNetwork");
      for (const core::Value& container : pods->ListAt("spec", "containers")) {
        for (const core::Value& port : container.ListAt("ports"))
          taken = taken || port.IntAt(0, "hostPort") > 0;
      }
      if (taken)
        Add(Severity::kWarning, "spec.workloads",
            fmt::format("the pods of Deployment {} take ports of their node, so a canary pod needs "
                        "a node that has none of stable's; without one the trial ends as not ready "
                        "after {}; take hostPort and hostNetwork out, or keep nodes free",
                        core::NameOf(workload->body), core::Show(kProgressDeadline)));
    }
  }

  void CheckBaseline() {
    bool met = false;
    for (size_t i = 0; i < spec_.steps.size(); ++i) {
      const auto* baseline = std::get_if<core::SetBaseline>(&spec_.steps[i]);
      met = met || WeightAt(spec_, static_cast<int64_t>(i)) > 0;
      if (baseline && baseline->enabled && met)
        AddStep(Severity::kWarning, i,
                "the canary's pods are older than the baseline's by then; put setBaseline before "
                "the first setWeight");
    }
  }

  void CheckSteps() {
    bool analyzes = false;
    for (size_t i = 0; i < spec_.steps.size(); ++i) {
      const core::Step& step = spec_.steps[i];
      if (const auto* weight = std::get_if<core::SetWeight>(&step)) CheckWeight(i, weight->percent);
      const auto* scale = std::get_if<core::SetCanaryScale>(&step);
      const int needed = PodsPercentFor(spec_, WeightAt(spec_, static_cast<int64_t>(i)));
      if (scale && scale->by == core::SetCanaryScale::By::kWeight && scale->amount < needed)
        AddStep(Severity::kWarning, i,
                fmt::format("{} is less than the weight needs, so there will be {} %",
                            core::Show(step), needed));
      analyzes = analyzes || std::holds_alternative<core::Analyze>(step);
    }
    if (spec_.analysis.metrics.empty())
      Add(Severity::kWarning, "spec.analysis",
          "has no metrics, so nothing but pods that do not run sends a candidate back; name one");
    if (!spec_.analysis.metrics.empty() && !analyzes)
      Add(Severity::kWarning, "spec.canary.steps",
          "has no analyze: metrics can send a candidate back, but none has to pass; add one");
  }

  // By replicas a weight is a share of pods, and pods are whole.
  void CheckWeight(size_t step, int wanted) {
    if (spec_.traffic.by != core::Traffic::By::kReplicas) return;
    for (const core::Object* workload : GatedOf(bundle_, spec_)) {
      const auto stable = static_cast<int>(workload->body.IntAt(1, "spec", "replicas"));
      const int canary = CanaryReplicas(stable, PodsPercentFor(spec_, wanted));
      const int held = (100 * canary + (canary + stable) / 2) / std::max(1, canary + stable);
      if (wanted == 0 || std::abs(held - wanted) <= kOffMax) continue;
      AddStep(
          Severity::kWarning, step,
          fmt::format("setWeight {} % is out of reach: with {} pods of {} one track's pods are "
                      "{} of {}, which is {} %; run more pods, or name a router",
                      wanted, stable, core::NameOf(workload->body), canary, canary + stable, held));
    }
  }

  // When each analysis has the requests that it asks for.
  void CheckEvidence() {
    for (size_t i = 0; i < spec_.steps.size(); ++i) {
      const auto* analyze = std::get_if<core::Analyze>(&spec_.steps[i]);
      if (!analyze || spec_.analysis.metrics.empty()) continue;
      const int weight = WeightAt(spec_, static_cast<int64_t>(i));
      const double rate = truth_.requests_per_second * weight / 100;
      if (weight == 0) {
        AddStep(Severity::kInfo, i,
                "sees only what a preview, a header route or a mirror brings to the candidate");
        continue;
      }
      const auto needed = static_cast<double>(spec_.analysis.min_requests);
      if (rate <= 0) {
        AddStep(Severity::kError, i, "never passes: there is no traffic");
        continue;
      }
      const core::Duration time = Seconds(needed / rate);
      const core::Policy& hold = spec_.analysis.on_hold;
      if (time > analyze->duration + hold.after) {
        AddStep(
            Severity::kError, i,
            fmt::format("cannot pass at {:.3g} requests/s: {} % of them bring the {} of "
                        "minRequests after {}, but onHold will {} after {}; raise the weight or "
                        "onHold.after, or lower minRequests",
                        truth_.requests_per_second, weight, spec_.analysis.min_requests,
                        core::Show(time), core::Show(hold.action), core::Show(hold.after)));
      } else {
        AddStep(
            Severity::kInfo, i,
            fmt::format("has its evidence {} after the weight is seen ({} requests at {:.3g}/s)",
                        core::Show(std::max(time, analyze->duration)), spec_.analysis.min_requests,
                        rate));
      }
    }
  }

  // What the policy makes of a healthy candidate, and of one with errors.
  void Foresee(int64_t runs) {
    simulation::Truth truth = truth_;
    truth.approves = true;
    const auto gated = GatedOf(bundle_, spec_);
    if (!gated.empty())
      truth.replicas = static_cast<int>(
          std::clamp<int64_t>(gated.front()->body.IntAt(1, "spec", "replicas"), 1, 50));
    truth.canary_bad = truth.stable_bad;
    const simulation::Summary healthy = simulation::SimulateMany(spec_, truth, runs);
    const std::string as_stable =
        fmt::format("a candidate with stable's {:.3g} % of errors", 100 * truth.stable_bad);
    Add(healthy.held > 0 ? Severity::kWarning : Severity::kInfo, "spec",
        fmt::format("{} is promoted in {} of {} simulated rollouts (half of them decided within "
                    "{}), held in {}, paused in {}{}",
                    as_stable, healthy.promoted, healthy.runs, core::Show(healthy.median),
                    healthy.held, healthy.paused + healthy.unfinished,
                    healthy.why.empty() ? "" : "; such as: " + healthy.why));
    if (spec_.analysis.metrics.empty()) return;
    truth.canary_bad = std::max(kErrorsOfABadOne, std::min(1.0, truth.stable_bad * 3));
    const simulation::Summary bad = simulation::SimulateMany(spec_, truth, runs);
    Add(bad.promoted > 0 ? Severity::kWarning : Severity::kInfo, "spec",
        fmt::format("a candidate with {:.3g} % of errors is sent back in {} of {} simulated "
                    "rollouts (half of them within {}, after {:.3g} bad answers on average), "
                    "promoted in {}",
                    100 * truth.canary_bad, bad.held, bad.runs, core::Show(bad.median),
                    bad.mean_bad, bad.promoted));
  }

  const core::Objects& bundle_;
  const core::Object& rollout_;
  const core::RolloutSpec& spec_;
  const simulation::Truth& truth_;
  std::vector<Finding> findings_;
};

constexpr const char* kSeverities[] = {"error", "warning", "info"};

}  // namespace

std::string Show(const Finding& finding) {
  return fmt::format("{}: {}{}{}", kSeverities[static_cast<size_t>(finding.severity)],
                     finding.where, finding.where.empty() ? "" : ": ", finding.what);
}

std::vector<Finding> Lint(const core::Objects& bundle, const simulation::Truth& truth,
                          int64_t runs) {
  const core::Result<std::optional<core::RolloutSpec>> spec = FindRollout(bundle);
  if (!spec) return {{Severity::kError, "", spec.error().text()}};
  if (!*spec) return {{Severity::kError, "", "there is no Rollout among the objects"}};
  for (const core::Object& object : bundle) {
    if (core::IsKind(object.body, core::kGroup, "Rollout"))
      return Linter(bundle, object, **spec, truth).Run(runs);
  }
  return {};
}

core::Value ToValue(const std::vector<Finding>& findings) {
  core::List list;
  for (const Finding& finding : findings)
    list.push_back(core::Map{{"severity", kSeverities[static_cast<size_t>(finding.severity)]},
                             {"where", finding.where},
                             {"what", finding.what}});
  return core::Map{{"findings", std::move(list)}};
}

bool HasErrors(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.severity == Severity::kError; });
}

}  // namespace headgate::rollout
