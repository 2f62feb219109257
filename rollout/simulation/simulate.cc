#include "rollout/simulation/simulate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rollout/decide.h"
#include "rollout/simulation/world.h"

namespace headgate::rollout::simulation {
namespace {

constexpr core::Duration kLookAgainMin = std::chrono::milliseconds(200);
constexpr core::Duration kUnattended = std::chrono::hours(1);  // a pause that nobody ends
constexpr int64_t kTicksMax = 2'000'000;

// A rollout that is being played.
class Play {
 public:
  Play(const core::RolloutSpec& spec, const Truth& truth, const Watch& watch)
      : spec_(spec), truth_(truth), watch_(watch), world_(spec, truth) {}

  Outcome Run() {
    world_.Pass(spec_.analysis.interval);  // stable has counters before
    start_ = world_.now();
    for (int64_t i = 0; i < kTicksMax && !Ended(); ++i) Tick();
    outcome_.took = Since();
    if (outcome_.end == Outcome::End::kUnfinished && !decided_) Decided();
    return outcome_;
  }

 private:
  core::Duration Since() const { return world_.now() - start_; }

  bool Ended() {
    if (Since() >= truth_.limit) return true;
    if (std::holds_alternative<core::Held>(status_.position)) {
      outcome_.end = Outcome::End::kHeld;
    } else if (started_ && std::holds_alternative<core::Stable>(status_.position)) {
      outcome_.end = Outcome::End::kPromoted;
    } else if (const auto* trial = std::get_if<core::Trial>(&status_.position);
               trial && (trial->paused || (waits_ && !truth_.approves)) &&
               Since() - moved_ >= kUnattended) {
      outcome_.end = Outcome::End::kPaused;
    }
    return outcome_.end != Outcome::End::kUnfinished;
  }

  void Tick() {
    if (truth_.Fails(Fault::What::kController, Since())) {
      world_.Pass(spec_.analysis.interval);
      return;
    }
    Observation seen = world_.Observe(status_);
    AskFor(&seen);
    Decision decision = Decide(spec_, status_, seen);
    world_.TakeBack(std::move(seen));
    Tell(decision);
    waits_ = decision.why == "waits for promote";
    outcome_.why = std::move(decision.why);
    if (decision.next.position.index() != status_.position.index()) Entered(decision.next);
    if (!(decision.next == status_)) status_ = std::move(decision.next);
    started_ = started_ || !std::holds_alternative<core::Stable>(status_.position);
    world_.Apply(status_);
    world_.Pass(std::clamp(decision.look_again, kLookAgainMin, kLookAgainMax_));
  }

  // People say promote where only they can.
  void AskFor(Observation* seen) {
    if (!waits_ || !truth_.approves) return;
    seen->request =
        core::Request{fmt::format("{}", ++asked_), "promote", kCandidate, "", "a person"};
  }

  void Entered(const core::RolloutStatus& next) {
    const bool over = std::holds_alternative<core::Promoting>(next.position) ||
                      std::holds_alternative<core::RollingBack>(next.position);
    if (over && !decided_) Decided();
  }

  void Decided() {
    decided_ = true;
    outcome_.decided = Since();
    outcome_.canary_requests = world_.canary_requests();
    outcome_.canary_bad = world_.canary_bad();
  }

  void Tell(const Decision& decision) {
    const auto* was = std::get_if<core::Trial>(&status_.position);
    const auto* is = std::get_if<core::Trial>(&decision.next.position);
    const bool moved = !was || !is || was->step != is->step || was->part != is->part ||
                       was->paused != is->paused || was->weight != is->weight;
    if (moved) moved_ = Since();
    if (!watch_) return;
    for (const Event& event : decision.events)
      watch_({Since(), &decision.next, event.message, event.warning, world_.CanaryPods()});
    if (decision.events.empty() && moved &&
        core::Show(decision.next.position) != core::Show(status_.position))
      watch_({Since(), &decision.next, "", false, world_.CanaryPods()});
  }

  const core::RolloutSpec& spec_;
  const Truth& truth_;
  const Watch& watch_;
  World world_;
  core::RolloutStatus status_;
  Outcome outcome_;
  core::Time start_{};
  core::Duration moved_{0};
  // Between looks nothing is scraped: the interval bounds them while requests are counted.
  const core::Duration kLookAgainMax_ = spec_.analysis.interval;
  bool started_ = false, decided_ = false, waits_ = false;
  int asked_ = 0;
};

void Count(const Outcome& outcome, Summary* summary, std::vector<core::Duration>* times) {
  ++summary->runs;
  summary->promoted += outcome.end == Outcome::End::kPromoted;
  summary->held += outcome.end == Outcome::End::kHeld;
  summary->paused += outcome.end == Outcome::End::kPaused;
  summary->unfinished += outcome.end == Outcome::End::kUnfinished;
  summary->mean_bad += static_cast<double>(outcome.canary_bad);
  if (outcome.end == Outcome::End::kPromoted || outcome.end == Outcome::End::kHeld)
    times->push_back(outcome.decided);
  if (outcome.end != Outcome::End::kPromoted && summary->why.empty()) summary->why = outcome.why;
}

core::Duration Quantile(const std::vector<core::Duration>& sorted, double share) {
  if (sorted.empty()) return core::Duration(0);
  const auto last = static_cast<double>(sorted.size() - 1);
  return sorted[static_cast<size_t>(share * last + 0.5)];
}

}  // namespace

std::string_view Show(Outcome::End end) {
  constexpr std::array kEnds = {"promoted", "held", "paused", "unfinished"};
  return kEnds[static_cast<size_t>(end)];
}

Outcome Simulate(const core::RolloutSpec& given, const Truth& truth, const Watch& watch) {
  core::RolloutSpec spec = given;
  std::erase_if(spec.analysis.metrics, [](const core::Metric& metric) {
    return !metric.gauge.empty() || !metric.query.empty();
  });
  return Play(spec, truth, watch).Run();
}

Summary Summarize(const std::vector<Outcome>& outcomes) {
  Summary summary;
  std::vector<core::Duration> times;
  for (const Outcome& outcome : outcomes) Count(outcome, &summary, &times);
  std::sort(times.begin(), times.end());
  summary.median = Quantile(times, 0.5);
  summary.slowest_tenth = Quantile(times, 0.9);
  if (summary.runs > 0) summary.mean_bad /= static_cast<double>(summary.runs);
  return summary;
}

Summary SimulateMany(const core::RolloutSpec& spec, const Truth& truth, int64_t runs) {
  std::vector<Outcome> outcomes;
  Truth one = truth;
  for (int64_t i = 0; i < runs; ++i) {
    one.seed = truth.seed + static_cast<uint64_t>(i);
    outcomes.push_back(Simulate(spec, one, {}));
  }
  return Summarize(outcomes);
}

core::Value ToValue(const Summary& summary) {
  core::Map value{{"runs", summary.runs},
                  {"promoted", summary.promoted},
                  {"held", summary.held},
                  {"paused", summary.paused},
                  {"unfinished", summary.unfinished},
                  {"medianSeconds", static_cast<double>(summary.median.count()) / 1000},
                  {"p90Seconds", static_cast<double>(summary.slowest_tenth.count()) / 1000},
                  {"meanBadAnswers", summary.mean_bad}};
  if (!summary.why.empty()) value.Set("firstNotPromoted", summary.why);
  return value;
}

}  // namespace headgate::rollout::simulation
