#include <gtest/gtest.h>

#include "rollout/compose.h"
#include "rollout/decide.h"

// Counters go on judging a candidate while stable's pods become its.
namespace headgate::rollout {
namespace {

using std::chrono::seconds;

constexpr core::Time kNow = core::HandClock::kStart + std::chrono::hours(1);
constexpr const char* kHash = "c0ffee0c0ffee0";

core::RolloutSpec Spec() {
  core::RolloutSpec spec;
  spec.workloads = {{"Deployment", "web"}};
  spec.steps = {core::SetWeight{10}};
  spec.analysis.interval = seconds(5);
  spec.analysis.metrics.resize(1);
  spec.analysis.metrics[0].name = "error-rate";
  spec.analysis.metrics[0].max = 0.1;
  return spec;
}

core::RolloutStatus Updating() {
  core::Promoting promoting;
  promoting.candidate = {"1111111", "bundle", kHash};
  promoting.part = core::Promoting::Part::kUpdating;
  promoting.weight = 100;
  promoting.since = kNow - seconds(60);
  core::RolloutStatus status;
  status.position = promoting;
  return status;
}

// Two stable pods of which one is updated, two canary pods; so many of 100 requests in 5 s are bad.
Observation Seen(int stable_serving, int bad) {
  Observation seen;
  seen.now = kNow;
  seen.wanted = core::Candidate{"1111111", "bundle", kHash};
  seen.stable_gated_hash = "stable";
  WorkloadSeen stable{.ref = {"Deployment", "web"}, .exists = true, .gated_hash = kHash};
  stable.replicas = 2;
  stable.ready = 1;
  stable.serving.ready = stable_serving;
  stable.why = "1 of 2 updated";
  WorkloadSeen canary = stable;
  canary.healthy = true;
  canary.ready = canary.serving.ready = 2;
  seen.metrics.emplace(1);
  analysis::MetricAnswers& answers = seen.metrics->front();
  answers.metric = "error-rate";
  for (const char* name : {"web-canary-a", "web-canary-b"}) {
    PodSeen pod;
    pod.name = name;
    pod.candidate = CandidateLabelValue(kHash);
    pod.ready = true;
    pod.started = kNow - seconds(300);
    canary.pods.push_back(pod);
    analysis::Series total{{{"pod", name}}, {}};
    analysis::Series errors = total;
    for (int i = 0; i <= 14; ++i) {
      total.samples.push_back({kNow - seconds(5 * (14 - i)), 100.0 * i});
      errors.samples.push_back({kNow - seconds(5 * (14 - i)), 1.0 * bad * i});
    }
    answers.total->push_back(total);
    answers.bad->push_back(errors);
  }
  seen.stable = {stable};
  seen.canary = {canary};
  seen.route.exists = seen.route.accepted = true;
  seen.route.weight = 100;
  return seen;
}

TEST(PromotionTest, IsWatched) {
  EXPECT_TRUE(WantsMetrics(Spec(), Updating(), kNow));
  core::RolloutStatus later = Updating();
  std::get<core::Promoting>(later.position).part = core::Promoting::Part::kReturning;
  EXPECT_FALSE(WantsMetrics(Spec(), later, kNow));
}

TEST(PromotionTest, GoesOnWhileCountersAreGood) {
  const Decision decision = Decide(Spec(), Updating(), Seen(1, 1));
  EXPECT_EQ(core::PhaseOf(decision.next.position), "Promoting") << decision.why;
}

TEST(PromotionTest, GoesBackToStableAtOnceWhereItServes) {
  const Decision decision = Decide(Spec(), Updating(), Seen(1, 60));
  const auto* back = std::get_if<core::RollingBack>(&decision.next.position);
  ASSERT_NE(back, nullptr) << decision.why;
  EXPECT_EQ(back->part, core::RollingBack::Part::kRestoring);
  EXPECT_EQ(back->weight, 0);
  EXPECT_NE(decision.why.find("failed its promotion: error-rate"), std::string::npos)
      << decision.why;
}

TEST(PromotionTest, KeepsABadCanaryWhereStableHasNobody) {
  const Decision decision = Decide(Spec(), Updating(), Seen(0, 60));
  const auto* back = std::get_if<core::RollingBack>(&decision.next.position);
  ASSERT_NE(back, nullptr) << decision.why;
  EXPECT_EQ(back->weight, 100);
}

// Without the candidate's record nothing can be released; it does not wait for ever.
TEST(PromotionTest, DoesNotWaitForEverToBeRecorded) {
  core::RolloutStatus status = Updating();
  auto& promoting = std::get<core::Promoting>(status.position);
  promoting.part = core::Promoting::Part::kRecording;
  promoting.since = kNow - std::chrono::minutes(9);
  EXPECT_EQ(core::PhaseOf(Decide(Spec(), status, Seen(2, 0)).next.position), "Promoting");
  promoting.since = kNow - std::chrono::minutes(11);
  EXPECT_EQ(core::PhaseOf(Decide(Spec(), status, Seen(2, 0)).next.position), "RollingBack");
}

}  // namespace
}  // namespace headgate::rollout
