#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "judgement/truths.h"
#include "rollout/analysis/bounds.h"
#include "rollout/analysis/comparison.h"
#include "rollout/analysis/draw.h"
#include "rollout/analysis/evidence.h"
#include "rollout/analysis/judge.h"

// The statistics of docs/judgement.md, at a size of seconds; benchmarks/judgement has the table.

namespace headgate::rollout::analysis {
namespace {

using core::Verdict;

core::Analysis Rules(core::Compare compare, int64_t min_requests = 100) {
  core::Analysis rules;
  rules.min_requests = min_requests;
  core::Metric metric{"errors", "bad", "total"};
  metric.compare = compare;
  rules.metrics = {metric};
  return rules;
}

struct Outcome {
  Verdict verdict = Verdict::kHold;
  int intervals = 0;  // until it was decided
};
Outcome Play(const core::Analysis& rules, const std::vector<Interval>& hour, int run) {
  Judge judge(rules.metrics.front(), rules, std::to_string(run));
  Comparison::Scratch scratch;
  Outcome outcome;
  for (const Interval& interval : hour) {
    judge.Add(interval, &scratch);
    ++outcome.intervals;
    if (judge.verdict() == Verdict::kFail) break;
  }
  outcome.verdict = judge.verdict();
  return outcome;
}

// Share of runs that fail, and the median of their intervals.
struct Shares {
  double failed = 0;
  int median = 0;
};
Shares PlayAll(const benchmarks::Truth& truth, double per_minute, const core::Analysis& rules,
               int runs) {
  std::mt19937_64 random(HashOf(truth.name) + static_cast<uint64_t>(per_minute));
  std::vector<int> fell;
  for (int run = 0; run < runs; ++run) {
    const Outcome outcome = Play(rules, benchmarks::HourOf(truth, per_minute, &random), run);
    if (outcome.verdict == Verdict::kFail) fell.push_back(outcome.intervals);
  }
  std::sort(fell.begin(), fell.end());
  return {static_cast<double>(fell.size()) / runs, fell.empty() ? 0 : fell[fell.size() / 2]};
}

struct HealthyCase {
  const char* name;
  benchmarks::Truth truth;
};
const HealthyCase kHealthy[] = {
    {"Bursts", {.name = "bursts", .correlation = 0.1}},
    {"CommonShocks", {.name = "shocks", .shock = 0.1}},
    {"CanaryBusier", {.name = "busier", .exposure = 0.1}},
    {"LostScrapes", {.name = "lost", .lost = 0.2}},
    {"Restarts", {.name = "restarts", .restarts = 0.02}},
};
class HealthyTest : public testing::TestWithParam<HealthyCase> {};
TEST_P(HealthyTest, IsSeldomRolledBack) {
  // At 1 % more than 6 of 150 are rolled back in less than one of a thousand tries.
  EXPECT_LE(PlayAll(GetParam().truth, 100, Rules({}), 150).failed, 6.0 / 150);
}
INSTANTIATE_TEST_SUITE_P(Judgement, HealthyTest, testing::ValuesIn(kHealthy),
                         [](const auto& test) { return test.param.name; });

struct BadCase {
  const char* name;
  benchmarks::Truth truth;
  double per_minute;
  int median_max;  // intervals of 15 s; what `fitted` of the original study needs
};
const BadCase kBad[] = {
    {"ThreePercent", {.name = "three", .canary = 0.03}, 1000, 4},
    {"ThreePercentWithFewRequests", {.name = "few", .canary = 0.03}, 100, 22},
    {"ThreePercentInBursts", {.name = "3b", .canary = 0.03, .correlation = 0.1}, 1000, 34},
    {"AQuarterWithHardlyAny", {.name = "quarter", .canary = 0.25}, 12, 7},
};
class BadTest : public testing::TestWithParam<BadCase> {};
TEST_P(BadTest, IsRolledBackSoon) {
  const Shares shares = PlayAll(GetParam().truth, GetParam().per_minute, Rules({}), 100);
  EXPECT_GE(shares.failed, 0.97);
  EXPECT_LE(shares.median, GetParam().median_max);
}
INSTANTIATE_TEST_SUITE_P(Judgement, BadTest, testing::ValuesIn(kBad),
                         [](const auto& test) { return test.param.name; });

TEST(JudgementTest, ToleratesWhatItIsToldTo) {
  const benchmarks::Truth margin{.name = "margin", .canary = 0.015};
  const benchmarks::Truth beyond{.name = "beyond", .canary = 0.03};
  for (const core::Compare& tolerance :
       {core::Compare{1.5, 0}, core::Compare{1, 0.005}, core::Compare{1.5, 0.005}}) {
    EXPECT_LE(PlayAll(margin, 1000, Rules(tolerance), 100).failed, 0.05);
    EXPECT_GE(PlayAll(beyond, 1000, Rules(tolerance), 50).failed, 0.98);
  }
}

TEST(JudgementTest, ProvesThatACanaryIsWithinTheTolerance) {
  core::Analysis rules = Rules({1.5, 0});
  rules.require = core::Analysis::Require::kNonInferiority;
  std::mt19937_64 random(5);
  int healthy = 0;
  int worse = 0;
  for (int run = 0; run < 40; ++run) {
    const auto good = benchmarks::HourOf({.name = "good"}, 1000, &random);
    healthy += Play(rules, good, run).verdict == Verdict::kPass;
    const auto bad = benchmarks::HourOf({.name = "bad", .canary = 0.016}, 1000, &random);
    worse += Play(rules, bad, run).verdict == Verdict::kPass;
  }
  EXPECT_GE(healthy, 38);
  EXPECT_LE(worse, 1);
}

TEST(JudgementTest, GivesTheSameVerdictBitForBit) {
  std::mt19937_64 random(9);
  const auto hour = benchmarks::HourOf({.name = "x", .canary = 0.02}, 100, &random);
  const core::Analysis rules = Rules({});
  const auto e = [&](std::string_view identity) {
    Judge judge(rules.metrics.front(), rules, identity);
    Comparison::Scratch scratch;
    for (size_t i = 0; i < 20; ++i) judge.Add(hour[i], &scratch);
    return judge.EValue();
  };
  EXPECT_EQ(e("a"), e("a"));
  EXPECT_NE(e("a"), e("b"));
}

// The mean of e under exchangeability is 1, whatever the errors are: here one pod of six has them
// all, and each pod is the canary once.
TEST(BetTest, HasMeanOneOverAllChoicesOfTheCanary) {
  for (const size_t canaries : {1U, 2U}) {
    const std::vector<int64_t> bad = {9, 0, 1, 0, 3, 0};
    double sum = 0;
    int choices = 0;
    for (size_t a = 0; a < bad.size(); ++a) {
      for (size_t b = canaries == 1 ? a : a + 1; b < (canaries == 1 ? a + 1 : bad.size()); ++b) {
        Thinned thinned{25, canaries, {bad[a]}};
        if (canaries == 2) thinned.bad.push_back(bad[b]);
        for (size_t j = 0; j < bad.size(); ++j) {
          if (j != a && (canaries == 1 || j != b)) thinned.bad.push_back(bad[j]);
        }
        Bet bet(kWorse);
        Bet::Scratch scratch;
        bet.Play({thinned}, {0.02, 0.05}, &scratch);
        sum += bet.Now().Shown();
        ++choices;
      }
    }
    EXPECT_NEAR(sum / choices, 1, 1e-9);
  }
}

TEST(DrawTest, KeepsTheRightShare) {
  Draw draw(3);
  double kept = 0;
  double squares = 0;
  for (int i = 0; i < 20000; ++i) {
    const auto x = static_cast<double>(DrawKept(&draw, 30, 100, 40));
    kept += x;
    squares += x * x;
  }
  const double mean = kept / 20000;
  EXPECT_NEAR(mean, 12, 0.06);
  EXPECT_NEAR(squares / 20000 - mean * mean, 40 * 0.3 * 0.7 * 60 / 99, 0.25);  // hypergeometric
  EXPECT_EQ(DrawKept(&draw, 7, 100, 100), 7);
  EXPECT_EQ(DrawKept(&draw, 100, 100, 13), 13);
  EXPECT_EQ(DrawKept(&draw, 0, 100, 13), 0);
  const Binomial binomial(5000, 0.05);
  double sum = 0;
  for (int i = 0; i < 5000; ++i) sum += static_cast<double>(binomial(&draw));
  EXPECT_NEAR(sum / 5000, 250, 1);
}

TEST(BoundsTest, HoldTheTruth) {
  const Bounds share = ShareBounds(30, 1000, 0.01);
  EXPECT_LT(share.low, 0.03);
  EXPECT_GT(share.low, 0.01);
  EXPECT_GT(share.high, 0.03);
  EXPECT_LT(share.high, 0.06);
  EXPECT_EQ(ShareBounds(0, 0, 0.01).high, 1);
  const Bounds ratio = RatioBounds(30, 1000, 50, 5000, 0.01);
  EXPECT_GT(ratio.low, 1);
  EXPECT_LT(ratio.low, 3);
  EXPECT_GT(ratio.high, 3);
  EXPECT_EQ(RatioBounds(0, 10, 0, 10, 0.01).high, kRatioMax);
}

Interval Counts(int64_t at_ms, int64_t bad, int64_t total, int64_t stable_bad, int64_t stable) {
  Interval interval{at_ms, {{"c", Track::kCanary, bad, total, ""}}};
  for (const char* pod : {"s1", "s2", "s3"})
    interval.pods.push_back({pod, Track::kStable, stable_bad, stable, ""});
  return interval;
}

TEST(GuardTest, ActsAtOnceWhereHalfFailUnlessStableFaresAsBadly) {
  const core::Analysis rules = Rules({});
  Comparison::Scratch scratch;
  Judge alone(rules.metrics.front(), rules, "1");
  alone.Add(Counts(15000, 10, 20, 0, 20), &scratch);
  EXPECT_EQ(alone.verdict(), Verdict::kFail);
  Judge together(rules.metrics.front(), rules, "1");
  together.Add(Counts(15000, 10, 20, 8, 20), &scratch);
  EXPECT_NE(together.verdict(), Verdict::kFail);
  Judge few(rules.metrics.front(), rules, "1");
  few.Add(Counts(15000, 10, 19, 0, 20), &scratch);
  EXPECT_NE(few.verdict(), Verdict::kFail);
}

TEST(JudgementTest, HoldsWithTooFewRequestsAndWithoutStable) {
  const core::Analysis rules = Rules({}, 50);
  Comparison::Scratch scratch;
  Judge judge(rules.metrics.front(), rules, "1");
  judge.Add(Counts(15000, 0, 49, 0, 100), &scratch);
  EXPECT_EQ(judge.Now().why, "errors: 49 of 50 requests");
  judge.Add(Counts(30000, 0, 1, 0, 100), &scratch);
  EXPECT_EQ(judge.verdict(), Verdict::kPass);
  Judge lonely(rules.metrics.front(), rules, "1");
  lonely.Add({15000, {{"c", Track::kCanary, 1, 100, ""}}}, &scratch);
  EXPECT_EQ(lonely.Now().why, "errors 1 % (n=100), and no requests of stable to compare with");
}

TEST(JudgementTest, SaysSoWhereOnlyTotalsAreKnown) {
  const core::Analysis rules = Rules({});
  Comparison::Scratch scratch;
  Judge judge(rules.metrics.front(), rules, "1");
  for (int t = 1; t <= 240 && judge.verdict() != Verdict::kFail; ++t) {
    judge.Add({15000 * t,
               {{"", Track::kCanary, t % 2 ? 8 : 7, 25, ""}, {"", Track::kStable, 12, 1250, ""}}},
              &scratch);
  }
  EXPECT_EQ(judge.verdict(), Verdict::kFail);
  EXPECT_NE(judge.Now().why.find("by totals"), std::string::npos) << judge.Now().why;
}

struct LineCase {
  const char* name;
  const char* line;
  const char* want;  // "" where it is read
};
const LineCase kLines[] = {
    {"IsRead",
     R"({"run": 1, "t": 15, "pods": [{"pod": "a", "track": "canary", "bad": 1, "total": 2}]})", ""},
    {"MayHaveATextAsRun", R"({"pods":[],"t":1.5,"run":"a\"b"})", ""},
    {"NamesAnUnknownField", R"({"run": 1, "t": 1, "pods": [], "x": 1})",
     "no such field: x; known here: run, t, pods"},
    {"NamesAnUnknownFieldOfAPod", R"({"run":1,"t":1,"pods":[{"pod":"a","tracks":"canary"}]})",
     "pods[0]: no such field: tracks; known of a pod: pod, track, bad, total, workload"},
    {"WantsKnownTracks", R"({"run":1,"t":1,"pods":[{"track":"green","bad":0,"total":0}]})",
     "pods[0]: track \"green\" is not known; expected canary, stable or baseline"},
    {"WantsCounts", R"({"run":1,"t":1,"pods":[{"track":"canary","bad":-1,"total":0}]})",
     "pods[0]: column 50: expected bad to be a count: a whole number from 0 on"},
    {"WantsWholeNumbers", R"({"run":1,"t":1,"pods":[{"track":"canary","bad":0,"total":1.5}]})",
     "pods[0]: column 61: expected total to be a count: a whole number from 0 on"},
    {"WantsNoMoreBadThanTotal", R"({"run":1,"t":1,"pods":[{"track":"canary","bad":3,"total":2}]})",
     "pods[0]: bad, 3, is more than total, 2"},
    {"WantsEachPodOnce",
     R"({"run":1,"t":1,"pods":[{"pod":"a","track":"canary","bad":0,"total":2},{"pod":"a","track":"stable","bad":0,"total":2}]})",
     "pod a stands twice"},
    {"WantsARun", R"({"t": 1, "pods": []})", "run is missing"},
    {"WantsNothingBehind", R"({"run":1,"t":1,"pods":[]} {})",
     "column 27: expected nothing after the closing }"},
    {"WantsJson", "run 1", "column 1: expected {"},
    {"WantsAFiniteTime", R"({"run":1,"t":1e999,"pods":[]})",
     "column 14: expected t to be a number of seconds"},
};
class EvidenceLineTest : public testing::TestWithParam<LineCase> {};
TEST_P(EvidenceLineTest, SaysWhatIsWrong) {
  std::string run;
  Interval interval;
  const core::Status status = ReadEvidence(GetParam().line, &run, &interval);
  EXPECT_EQ(status ? "" : status.error().text(), GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(Judgement, EvidenceLineTest, testing::ValuesIn(kLines),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace headgate::rollout::analysis
