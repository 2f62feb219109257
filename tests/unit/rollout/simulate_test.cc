#include "rollout/simulation/simulate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "rollout/simulation/chance.h"
#include "tests/unit/rollout/world.h"

namespace headgate::rollout::simulation {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

core::RolloutSpec Policy() {
  core::RolloutSpec spec = SpecOf({core::SetWeight{10}, core::Analyze{minutes(2)},
                                   core::SetWeight{50}, core::Analyze{minutes(2)}});
  spec.analysis.interval = seconds(10);
  spec.analysis.on_hold = {minutes(5), core::Policy::Action::kPause};
  spec.analysis.on_unknown = {minutes(3), core::Policy::Action::kPause};
  return spec;
}

Truth Busy() {
  Truth truth;
  truth.requests_per_second = 100;
  return truth;
}

TEST(Simulate, PromotesAHealthyCandidate) {
  const Outcome outcome = Simulate(Policy(), Busy(), {});
  EXPECT_EQ(Show(outcome.end), "promoted") << outcome.why;
  EXPECT_GE(outcome.decided, minutes(4));
  EXPECT_LE(outcome.decided, minutes(6));
  EXPECT_GT(outcome.canary_requests, 1000);
}

TEST(Simulate, SendsABadOneBack) {
  Truth truth = Busy();
  truth.canary_bad = 0.3;
  const Outcome outcome = Simulate(Policy(), truth, {});
  EXPECT_EQ(Show(outcome.end), "held") << outcome.why;
  EXPECT_LT(outcome.decided, minutes(2));
}

TEST(Simulate, PausesWithoutTraffic) {
  Truth truth = Busy();
  truth.requests_per_second = 0.01;
  EXPECT_EQ(Show(Simulate(Policy(), truth, {}).end), "paused");
}

TEST(Simulate, BearsAnOutageThatEnds) {
  Truth truth = Busy();
  truth.faults = {*ParseFault("prometheus@30s+1m"), *ParseFault("controller@3m+2m"),
                  *ParseFault("gateway@2m+30s")};
  EXPECT_EQ(Show(Simulate(Policy(), truth, {}).end), "promoted");
}

TEST(Simulate, HoldsOneThatCrashes) {
  Truth truth = Busy();
  truth.faults = {*ParseFault("crash@1m+10h")};
  const Outcome outcome = Simulate(Policy(), truth, {});
  EXPECT_EQ(Show(outcome.end), "held") << outcome.why;
}

TEST(Simulate, WaitsForPeopleOrNot) {
  core::RolloutSpec spec = Policy();
  spec.steps.emplace_back(core::Approve{});
  Truth truth = Busy();
  EXPECT_EQ(Show(Simulate(spec, truth, {}).end), "promoted");
  truth.approves = false;
  EXPECT_EQ(Show(Simulate(spec, truth, {}).end), "paused");
}

TEST(Simulate, GoesThroughEveryKindOfStep) {
  core::RolloutSpec spec = Policy();
  spec.steps = {core::SetCanaryScale{core::SetCanaryScale::By::kReplicas, 3},
                core::SetHeaderRoute{"beta", {{"X-Beta", core::HeaderMatch::How::kExact, "yes"}}},
                core::SetMirror{20},
                core::Analyze{minutes(1)},
                core::SetMirror{0},
                core::SetHeaderRoute{"beta", {}},
                core::SetCanaryScale{},
                core::SetWeight{50},
                core::Pause{minutes(1), {}},
                core::Analyze{minutes(1)}};
  std::vector<int> pods;
  const Outcome outcome = Simulate(spec, Busy(), [&](const Moment& moment) {
    const auto* trial = std::get_if<core::Trial>(&moment.status->position);
    if (trial && trial->part == core::Trial::Part::kObserving) pods.push_back(moment.canary_pods);
  });
  EXPECT_EQ(Show(outcome.end), "promoted") << outcome.why;
  ASSERT_FALSE(pods.empty());
  EXPECT_EQ(pods.front(), 3);
  EXPECT_EQ(pods.back(), 2);
}

TEST(Simulate, CarriesAWeightByReplicas) {
  core::RolloutSpec spec = Policy();
  spec.traffic.by = core::Traffic::By::kReplicas;
  spec.traffic.route = "";
  EXPECT_EQ(Show(Simulate(spec, Busy(), {}).end), "promoted");
  Truth bad = Busy();
  bad.canary_bad = 0.3;
  EXPECT_EQ(Show(Simulate(spec, bad, {}).end), "held");
}

TEST(Simulate, IsTheSameForTheSameSeed) {
  Truth truth = Busy();
  truth.canary_bad = 0.05;
  for (const uint64_t seed : {1, 2, 3}) {
    truth.seed = seed;
    const Outcome a = Simulate(Policy(), truth, {});
    const Outcome b = Simulate(Policy(), truth, {});
    EXPECT_EQ(a.canary_requests, b.canary_requests);
    EXPECT_EQ(a.decided, b.decided);
  }
  truth.seed = 4;
  const Outcome other = Simulate(Policy(), truth, {});
  truth.seed = 5;
  EXPECT_NE(Simulate(Policy(), truth, {}).canary_requests, other.canary_requests);
}

TEST(Simulate, CountsManyOfThem) {
  const Summary summary = SimulateMany(Policy(), Busy(), 50);
  EXPECT_EQ(summary.runs, 50);
  EXPECT_EQ(summary.promoted + summary.held + summary.paused + summary.unfinished, 50);
  EXPECT_GE(summary.promoted, 49);
}

TEST(Truth, RefusesWhatItCannotRead) {
  for (const char* good : {"prometheus@2m+90s", "gateway@0s+1h", "crash@1m+1s"})
    EXPECT_TRUE(ParseFault(good)) << good;
  for (const char* wrong : {"", "prometheus", "prometheus@2m", "sun@1m+1m", "canary@x+1m"})
    EXPECT_FALSE(ParseFault(wrong)) << wrong;
  EXPECT_DOUBLE_EQ(*ParseTraffic("120/m"), 2);
  EXPECT_DOUBLE_EQ(*ParseTraffic("7"), 7);
  for (const char* wrong : {"", "-1/s", "1/d", "x", "1e99/s", "nan"})
    EXPECT_FALSE(ParseTraffic(wrong)) << wrong;
  EXPECT_DOUBLE_EQ(*ParseShare("2%"), 0.02);
  for (const char* wrong : {"", "101%", "1.1", "-1%"}) EXPECT_FALSE(ParseShare(wrong)) << wrong;
}

// Means and variances are what they are said to be, on both sides of the change of method.
TEST(Chance, HasTheMomentsOfItsDistributions) {
  constexpr int kDraws = 20000;
  Chance chance(7);
  for (const double mean : {0.3, 5.0, 80.0}) {
    double sum = 0, squares = 0;
    for (int i = 0; i < kDraws; ++i) {
      const auto drawn = static_cast<double>(chance.Poisson(mean));
      sum += drawn;
      squares += drawn * drawn;
    }
    const double average = sum / kDraws;
    EXPECT_NEAR(average, mean, 5 * std::sqrt(mean / kDraws));
    EXPECT_NEAR(squares / kDraws - average * average, mean, 0.1 * mean);
  }
  for (const auto& [n, share] : {std::pair(20, 0.1), std::pair(20, 0.9), std::pair(5000, 0.3)}) {
    double sum = 0;
    for (int i = 0; i < kDraws; ++i) {
      const int64_t drawn = chance.Binomial(n, share);
      ASSERT_GE(drawn, 0);
      ASSERT_LE(drawn, n);
      sum += static_cast<double>(drawn);
    }
    EXPECT_NEAR(sum / kDraws, n * share, 5 * std::sqrt(n * share * (1 - share) / kDraws));
  }
}

}  // namespace
}  // namespace headgate::rollout::simulation
