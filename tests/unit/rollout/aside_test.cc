#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rollout/compose.h"
#include "rollout/decide.h"

// What counters and pods say of both tracks, decided.
namespace headgate::rollout {
namespace {

using std::chrono::seconds;

constexpr core::Time kOpen = core::HandClock::kStart + std::chrono::hours(1);
constexpr int kScrapes = 12;
constexpr core::Time kNow = kOpen + seconds(5 * kScrapes);
constexpr const char* kHash = "c0ffee0c0ffee0";

core::RolloutSpec Spec() {
  core::RolloutSpec spec;
  spec.workloads = {{"Deployment", "web"}};
  spec.steps = {core::SetWeight{10}, core::Analyze{std::chrono::minutes(10)}};
  spec.analysis.interval = seconds(5);
  spec.analysis.metrics = {{"error-rate", "bad", "total"}};
  spec.analysis.metrics[0].compare = core::Compare{};
  return spec;
}

core::RolloutStatus Observing() {
  core::Trial trial;
  trial.candidate = {"1111111", "bundle", kHash};
  trial.part = core::Trial::Part::kObserving;
  trial.step = 1;
  trial.weight = 10;
  trial.scale = 10;
  trial.routed = 2;
  trial.since = trial.looked_at = kOpen;
  trial.window_open = kOpen;
  core::RolloutStatus status;
  status.position = trial;
  return status;
}

analysis::Series Counter(const std::string& pod, int before, double usual, double now) {
  analysis::Series series{{{"pod", pod}}, {}};
  double value = 0;
  for (int i = -before; i <= kScrapes; ++i) {
    series.samples.push_back({kOpen + seconds(5 * i), value});
    value += i < 0 ? usual : now;
  }
  return series;
}

// A canary pod and three of stable; of 100 requests a pod and scrape so many are bad.
Observation Seen(double canary_bad, double stable_bad) {
  Observation seen;
  seen.now = kNow;
  seen.watching_since = kOpen - std::chrono::hours(1);
  seen.wanted = core::Candidate{"1111111", "bundle", kHash};
  seen.stable_gated_hash = "stable";
  seen.route.exists = seen.route.accepted = true;
  seen.route.weight = 10;
  seen.route.accepted_since = kOpen - seconds(60);
  seen.metrics.emplace(1);
  analysis::MetricAnswers& answers = seen.metrics->front();
  answers.metric = "error-rate";
  WorkloadSeen stable{.ref = {"Deployment", "web"}, .exists = true, .gated_hash = "stable"};
  stable.healthy = true;
  WorkloadSeen canary = stable;
  canary.gated_hash = kHash;
  for (int i = 0; i < 4; ++i) {
    PodSeen pod;
    pod.name = fmt::format("web-{}", i);
    pod.ready = true;
    pod.started = i == 0 ? kOpen - seconds(30) : kOpen - std::chrono::hours(9);
    if (i == 0) pod.candidate = CandidateLabelValue(kHash);
    (i == 0 ? canary : stable).pods.push_back(pod);
    answers.bad->push_back(Counter(pod.name, i ? 40 : 0, 1, i ? stable_bad : canary_bad));
    answers.total->push_back(Counter(pod.name, i ? 40 : 0, 100, 100));
  }
  stable.replicas = stable.ready = stable.serving.ready = 3;
  canary.replicas = canary.ready = canary.serving.ready = 1;
  seen.stable = {stable};
  seen.canary = {canary};
  return seen;
}

TEST(StepAsideTest, TakesAllWeightAwayAndPausesWhereBothGotWorse) {
  const Decision decision = Decide(Spec(), Observing(), Seen(40, 40));
  const auto* trial = std::get_if<core::Trial>(&decision.next.position);
  ASSERT_TRUE(trial) << decision.why;
  EXPECT_EQ(trial->weight, 0);
  EXPECT_TRUE(trial->paused);
  EXPECT_FALSE(trial->window_open);
  EXPECT_THAT(decision.why, testing::HasSubstr("weight 10 % -> 0 and paused"));
  EXPECT_THAT(trial->paused_why, testing::HasSubstr("got worse since the weight changed"));

  // It stays so until somebody resumes; then the weight comes back, and a new window.
  Observation later = Seen(1, 1);
  later.metrics.reset();
  later.route.weight = 0;
  const Decision stays = Decide(Spec(), decision.next, later);
  EXPECT_EQ(std::get<core::Trial>(stays.next.position).weight, 0);
  later.request = core::Request{"1", "resume", "1111111", "", "alice"};
  const Decision resumed = Decide(Spec(), decision.next, later);
  later.request.reset();
  const Decision back = Decide(Spec(), resumed.next, later);
  EXPECT_EQ(std::get<core::Trial>(back.next.position).weight, 10);
  EXPECT_FALSE(std::get<core::Trial>(back.next.position).window_open);
}

TEST(StepAsideTest, LeavesTheWeightWhereNothingGotWorse) {
  const Decision decision = Decide(Spec(), Observing(), Seen(1, 1));
  EXPECT_EQ(std::get<core::Trial>(decision.next.position).weight, 10);
}

TEST(StepAsideTest, SendsBackWhatIsWorseAlone) {
  const Decision decision = Decide(Spec(), Observing(), Seen(40, 1));
  EXPECT_TRUE(std::holds_alternative<core::RollingBack>(decision.next.position)) << decision.why;
}

TEST(DyingTest, SendsBackACanaryWhosePodsRestartAndComeBack) {
  Observation seen = Seen(1, 1);
  seen.canary[0].pods[0].died = kNow - seconds(7);
  seen.canary[0].pods[0].restarts = 5;
  const Decision decision = Decide(Spec(), Observing(), seen);
  EXPECT_TRUE(std::holds_alternative<core::RollingBack>(decision.next.position)) << decision.why;
  EXPECT_THAT(decision.why, testing::HasSubstr("restarted or lost readiness 5 times"));
}

TEST(DyingTest, DoesNotCountWarmingUp) {
  Observation seen = Seen(1, 1);
  seen.canary[0].pods[0].died = kOpen - seconds(7);
  seen.canary[0].pods[0].restarts = 5;
  const Decision decision = Decide(Spec(), Observing(), seen);
  EXPECT_TRUE(std::holds_alternative<core::Trial>(decision.next.position)) << decision.why;
}

}  // namespace
}  // namespace headgate::rollout
