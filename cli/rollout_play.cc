// `headgate rollout lint` and `headgate rollout simulate`: what a policy comes to, without a
// cluster.
#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "cli/commands.h"
#include "cli/directory.h"
#include "cli/session.h"
#include "core/bundle.h"
#include "core/clock.h"
#include "net/http.h"
#include "rollout/compose.h"
#include "rollout/config.h"
#include "rollout/gated.h"
#include "rollout/lint.h"
#include "rollout/metrics/traffic.h"
#include "rollout/simulation/simulate.h"

namespace headgate::cli {
namespace {

namespace simulation = rollout::simulation;

constexpr int64_t kLintRuns = 100;
constexpr int kReplicasMax = 50;  // that are simulated of a workload

core::Result<simulation::Truth> TruthOf(const RolloutPlayOptions& options) {
  simulation::Truth truth;
  core::Result<double> traffic = simulation::ParseTraffic(options.traffic);
  if (!traffic) return traffic.error().In("--traffic");
  truth.requests_per_second = *traffic;
  core::Result<double> stable = simulation::ParseShare(options.stable_errors);
  if (!stable) return stable.error().In("--stable-errors");
  truth.stable_bad = truth.canary_bad = *stable;
  if (!options.canary_errors.empty()) {
    core::Result<double> canary = simulation::ParseShare(options.canary_errors);
    if (!canary) return canary.error().In("--canary-errors");
    truth.canary_bad = *canary;
  }
  for (const std::string& text : options.faults) {
    core::Result<simulation::Fault> fault = simulation::ParseFault(text);
    if (!fault) return fault.error().In("--fault");
    truth.faults.push_back(*fault);
  }
  truth.seed = options.seed;
  truth.approves = !options.nobody;
  return truth;
}

struct Given {
  core::Objects bundle;
  core::RolloutSpec spec;
  simulation::Truth truth;
};

core::Result<Given> GivenBy(const RolloutPlayOptions& options) {
  Given given;
  core::Result<simulation::Truth> truth = TruthOf(options);
  if (!truth) return truth.error();
  given.truth = std::move(*truth);
  core::Result<core::Objects> objects = RenderDirectory(options.directory);
  if (!objects) return objects.error();
  given.bundle = std::move(*objects);
  return given;
}

// The spec of a bundle that can be put on trial.
core::Status ReadSpec(Given* given) {
  core::Result<std::optional<core::RolloutSpec>> spec = rollout::FindRollout(given->bundle);
  if (!spec) return spec.error();
  if (!*spec) return core::Invalid("there is no Rollout among the objects");
  if (core::Status checked = rollout::CheckBundle(given->bundle, **spec); !checked) return checked;
  given->spec = std::move(**spec);
  const auto gated = rollout::GatedOf(given->bundle, given->spec);
  if (!gated.empty())
    given->truth.replicas = static_cast<int>(
        std::clamp<int64_t>(gated.front()->body.IntAt(1, "spec", "replicas"), 1, kReplicasMax));
  return core::Ok();
}

// Traffic and errors as Prometheus has them; said on standard error, for all output is findings.
core::Status AskToday(const RolloutPlayOptions& options, Given* given) {
  core::Result<std::optional<core::RolloutSpec>> spec = rollout::FindRollout(given->bundle);
  if (!spec) return spec.error();
  if (!*spec) return core::Invalid("there is no Rollout among the objects");
  net::Http http;
  const core::RealClock clock;
  const rollout::metrics::Prometheus prometheus(&http, options.prometheus,
                                                {nullptr, {}, (*spec)->analysis.timeout});
  core::Result<rollout::metrics::Traffic> traffic =
      rollout::metrics::AskTraffic(prometheus, **spec, clock.Now());
  if (!traffic) return traffic.error().In("--prometheus");
  given->truth.requests_per_second = traffic->requests_per_second;
  given->truth.stable_bad = given->truth.canary_bad = traffic->bad;
  fmt::print(stderr, "the last hour, by metric {}: {:.3g} requests/s, {:.3g} % of them bad\n",
             traffic->metric, traffic->requests_per_second, 100 * traffic->bad);
  return core::Ok();
}

// What each moment's position has the deployer write, beside the moment before.
class Differences {
 public:
  explicit Differences(const Given& given) : given_(given) {
    stable_.bundle = core::MakeBundle("stable", given.bundle);
    stable_.gated_hash = "stable";
    candidate_.bundle = core::MakeBundle("candidate", given.bundle);
    candidate_.gated_hash = "candidate";
    Take(core::Stable{});
  }

  // "create Deployment web-canary (1 pod); update HTTPRoute web".
  std::string Take(const core::Position& position) {
    rollout::ComposeInput input;
    input.stable = &stable_;
    input.candidate = &candidate_;
    input.spec = &given_.spec;
    input.position = position;
    const core::Result<core::Stages> stages = rollout::Compose(input);
    if (!stages) return stages.error().text();
    std::string text;
    const auto add = [&](std::string_view verb, const core::Object& object) {
      const core::Value* replicas = core::IsKind(object.body, "apps", "Deployment")
                                        ? object.body.Find("spec", "replicas")
                                        : nullptr;
      text += fmt::format("{}{} {} {}{}", text.empty() ? "" : "; ", verb,
                          object.body.StringAt("kind"), core::NameOf(object.body),
                          replicas && replicas->AsInt() && verb != "prune"
                              ? fmt::format(" ({} pods)", *replicas->AsInt())
                              : "");
    };
    std::map<core::ObjectRef, core::Object> now;
    for (const core::Stage& stage : *stages) {
      for (const core::Object& object : stage.objects) {
        const core::ObjectRef ref = core::RefOf(object.body);
        const auto before = live_.find(ref);
        if (!live_.empty() && before == live_.end()) add("create", object);
        if (before != live_.end() && !(before->second.body == object.body)) add("update", object);
        now.emplace(ref, object);
      }
    }
    for (const auto& [ref, object] : live_) {
      if (!now.contains(ref)) add("prune", object);
    }
    live_ = std::move(now);
    return text;
  }

 private:
  const Given& given_;
  core::BundleRecord stable_, candidate_;
  std::map<core::ObjectRef, core::Object> live_;
};

std::string_view Plural(int64_t n) { return n == 1 ? "" : "s"; }

// One rollout, moment by moment.
void Tell(const Given& given, Output output) {
  Differences differences(given);
  core::List moments;
  const auto watch = [&](const simulation::Moment& moment) {
    const std::string applied = differences.Take(moment.status->position);
    const std::string stands = core::Show(moment.status->position);
    if (output == Output::kTable) {
      fmt::print("{:>10}  {}\n", "+" + core::Show(moment.at),
                 moment.text.empty() ? stands : moment.text);
      if (!applied.empty()) fmt::print("{:>10}  applies: {}\n", "", applied);
      return;
    }
    moments.push_back(core::Map{{"seconds", static_cast<double>(moment.at.count()) / 1000},
                                {"position", stands},
                                {"event", moment.text},
                                {"applies", applied}});
  };
  const simulation::Outcome outcome = simulation::Simulate(given.spec, given.truth, watch);
  if (output == Output::kTable) {
    fmt::print("{} after {}: {}\n", simulation::Show(outcome.end), core::Show(outcome.took),
               outcome.why);
    fmt::print("the candidate answered {} request{} before that was decided, {} of them badly\n",
               outcome.canary_requests, Plural(outcome.canary_requests), outcome.canary_bad);
    return;
  }
  fmt::print("{}",
             ShowObject(core::Map{{"end", simulation::Show(outcome.end)},
                                  {"why", outcome.why},
                                  {"seconds", static_cast<double>(outcome.took.count()) / 1000},
                                  {"canaryRequests", outcome.canary_requests},
                                  {"canaryBad", outcome.canary_bad},
                                  {"moments", std::move(moments)}},
                        output));
}

simulation::Summary PlayMany(const Given& given, int64_t runs) {
  const unsigned workers = std::max(1u, std::thread::hardware_concurrency());
  std::vector<simulation::Outcome> outcomes(static_cast<size_t>(runs));
  {
    std::vector<std::jthread> threads;
    for (unsigned worker = 0; worker < workers; ++worker) {
      threads.emplace_back([&, worker] {
        simulation::Truth truth = given.truth;
        for (size_t i = worker; i < outcomes.size(); i += workers) {
          truth.seed = given.truth.seed + i;
          outcomes[i] = simulation::Simulate(given.spec, truth, {});
        }
      });
    }
  }
  return simulation::Summarize(outcomes);
}

void TellMany(const Given& given, const RolloutPlayOptions& options) {
  const core::RealClock clock;
  const core::BootTime from = clock.SinceBoot();
  const simulation::Summary summary = PlayMany(given, options.runs);
  const double seconds =
      std::max(0.001, static_cast<double>((clock.SinceBoot() - from).count()) / 1000);
  if (options.output != Output::kTable) {
    core::Value value = simulation::ToValue(summary);
    value.AsMap()->Set("seed", static_cast<int64_t>(options.seed));
    value.AsMap()->Set("rolloutsPerSecond", static_cast<double>(options.runs) / seconds);
    fmt::print("{}", ShowObject(std::move(value), options.output));
    return;
  }
  fmt::print("{} rollouts: {} promoted, {} held, {} paused, {} unfinished\n", summary.runs,
             summary.promoted, summary.held, summary.paused, summary.unfinished);
  fmt::print(
      "decided after {} (half), {} (nine of ten); {:.3g} bad answers of the candidate each\n",
      core::Show(summary.median), core::Show(summary.slowest_tenth), summary.mean_bad);
  if (!summary.why.empty()) fmt::print("the first that was not promoted: {}\n", summary.why);
  fmt::print("{:.0f} rollouts a second\n", static_cast<double>(options.runs) / seconds);
}

}  // namespace

core::Result<int> RolloutLint(const RolloutPlayOptions& options) {
  core::Result<Given> given = GivenBy(options);
  if (!given) return given.error();
  if (!options.prometheus.empty()) {
    if (core::Status asked = AskToday(options, &*given); !asked) return asked.error();
  }
  const std::vector<rollout::Finding> findings =
      rollout::Lint(given->bundle, given->truth, kLintRuns);
  if (options.output != Output::kTable) {
    fmt::print("{}", ShowObject(rollout::ToValue(findings), options.output));
  } else {
    for (const rollout::Finding& finding : findings) fmt::print("{}\n", rollout::Show(finding));
  }
  return rollout::HasErrors(findings) ? kFailed : kDone;
}

core::Status RolloutSimulate(const RolloutPlayOptions& options) {
  core::Result<Given> given = GivenBy(options);
  if (!given) return given.error();
  if (core::Status read = ReadSpec(&*given); !read) return read;
  if (options.runs > 1) {
    TellMany(*given, options);
  } else {
    Tell(*given, options.output);
  }
  return core::Ok();
}

}  // namespace headgate::cli
