#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "rollout/analysis/counters.h"
#include "rollout/analysis/evaluate.h"

namespace headgate::rollout::analysis {
namespace {

using core::Verdict;
using std::chrono::seconds;

const core::Time kOpen = core::HandClock::kStart;
core::Time At(int64_t second) { return kOpen + seconds(second); }

// "-5:100 10:120": seconds from the window's opening and values.
Series Of(const std::string& pod, const std::string& text) {
  Series series{{{"pod", pod}}, {}};
  std::istringstream words(text);
  std::string word;
  while (words >> word) {
    const size_t colon = word.find(':');
    series.samples.push_back(
        {At(std::stol(word.substr(0, colon))), std::stod(word.substr(colon + 1))});
  }
  return series;
}

struct Case {
  const char* name;
  const char* samples;
  Start start;
  double want;
};
const Case kCases[] = {
    {"CountsFromTheLastSampleBeforeTheWindow", "-20:90 -5:100 10:120 25:130", Start::kZero, 30},
    {"TakesASampleAtTheOpeningAsBefore", "0:100 10:120", Start::kZero, 20},
    {"CountsFromZeroWhereTheCounterIsYoung", "10:22 25:40", Start::kZero, 40},
    {"LeavesOutWhatAnOldCounterHadBefore", "10:1000 25:1040", Start::kFirstSample, 40},
    {"CountsFromZeroAfterARestart", "-5:100 10:120 25:7 40:9", Start::kZero, 29},
    {"SeesARestartAcrossTheOpening", "-5:100 10:30", Start::kZero, 30},
    {"CountsADoubledSampleOnce", "-5:0 10:20 10:20 25:30", Start::kZero, 30},
    {"PutsSamplesInOrder", "25:30 10:20 -5:0", Start::kZero, 30},
    {"CountsAcrossAGap", "-5:0 10:20 300:50", Start::kZero, 50},
    {"LeavesOutWhatNoCounterHas", "-5:0 10:nan 15:-4 20:inf 25:8", Start::kZero, 8},
    {"IsNothingWithoutSamples", "", Start::kZero, 0},
    {"IsNothingBeforeTheWindow", "-25:0 -5:90", Start::kZero, 0},
};
class IncrementsTest : public testing::TestWithParam<Case> {};
TEST_P(IncrementsTest, CountTheWindowOnly) {
  const Series series = Of("a", GetParam().samples);
  EXPECT_EQ(SumOf(IncrementsOf(series, kOpen, GetParam().start)), GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(Rollout, IncrementsTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

std::vector<core::Time> Times(std::initializer_list<int> all) {
  std::vector<core::Time> times;
  for (int second : all) times.push_back(At(second));
  return times;
}

TEST(CoverageTest, CountsScrapedTimeAndNoGaps) {
  EXPECT_EQ(Coverage({Times({-5, 5, 15, 25})}, At(0), At(30)), seconds(25));
  EXPECT_EQ(Coverage({Times({0, 10, 20, 100, 110})}, At(0), At(200)), seconds(30));
  EXPECT_EQ(Coverage({Times({0, 10, 20, 60, 70})}, At(0), At(200)), seconds(70));
  EXPECT_EQ(Coverage({Times({0, 10, 20}), Times({15, 25, 35})}, At(0), At(200)), seconds(35));
  EXPECT_EQ(Coverage({Times({10})}, At(0), At(200)), seconds(0));
  EXPECT_EQ(Coverage({}, At(0), At(200)), seconds(0));
}

TEST(ShowShareTest, ReadsWell) {
  EXPECT_EQ(ShowShare(0.248), "24.8 %");
  EXPECT_EQ(ShowShare(0.1), "10 %");
  EXPECT_EQ(ShowShare(1), "100 %");
  EXPECT_EQ(ShowShare(0.0005), "0.05 %");
  EXPECT_EQ(ShowShare(0), "0 %");
}

// One canary pod c and one of stable s; scraped every 10 s for a minute. Per scrape so many bad of
// so many requests.
struct Load {
  double canary_bad = 0, canary = 10, stable_bad = 0, stable = 90;
};
std::vector<MetricAnswers> AnswersOf(const Load& load, int scrapes = 6) {
  MetricAnswers answers;
  answers.metric = "error-rate";
  const auto counter = [&](const char* pod, double each, double before) {
    Series series{{{"pod", pod}}, {}};
    for (int i = 0; i <= scrapes; ++i) series.samples.push_back({At(10 * i), before + each * i});
    return series;
  };
  answers.total = std::vector{counter("c", load.canary, 5), counter("s", load.stable, 1e6)};
  std::vector<Series> bad;
  if (load.canary_bad > 0) bad.push_back(counter("c", load.canary_bad, 0));
  if (load.stable_bad > 0) bad.push_back(counter("s", load.stable_bad, 1e4));
  answers.bad = bad;
  return {answers};
}

core::Analysis Rules(int failure_limit = 0, int64_t min_requests = 50) {
  core::Analysis analysis;
  analysis.interval = seconds(10);
  analysis.metrics = {{"error-rate", "bad", "total", 0.1, failure_limit}};
  analysis.min_requests = min_requests;
  return analysis;
}

std::string ShowJudgement(const Judgement& judgement) {
  return fmt::format("{}; {}; {}s; {} %", core::Show(judgement.verdict),
                     judgement.evidence.empty() ? "" : judgement.evidence.front().why,
                     std::chrono::duration_cast<seconds>(judgement.observed).count(),
                     judgement.observed_weight);
}

std::string Judged(const core::Analysis& analysis, const std::vector<MetricAnswers>& answers) {
  return ShowJudgement(Evaluate(analysis, {kOpen, kOpen, At(60)},
                                {{{"c", std::nullopt}}, {{"s", At(-500)}}}, answers));
}

TEST(EvaluateTest, GivesAVerdict) {
  EXPECT_EQ(Judged(Rules(), AnswersOf({})), "pass; error-rate 0 % <= 10 % (n=60); 60s; 10 %");
  EXPECT_EQ(Judged(Rules(), AnswersOf({.canary_bad = 2.5})),
            "fail; error-rate 25 % > 10 % (n=20); 60s; 10 %");
  EXPECT_EQ(Judged(Rules(0, 100), AnswersOf({})),
            "hold; error-rate: 60 of 100 requests; 60s; 10 %");
  EXPECT_EQ(Judged(Rules(9), AnswersOf({.canary_bad = 2.5})),
            "hold; error-rate 25 % > 10 % (n=60), 3 of 9 failures allowed; 60s; 10 %");
}

TEST(EvaluateTest, ActsAtOnceWhereHalfFailUnlessStableDoesToo) {
  EXPECT_EQ(Judged(Rules(9), AnswersOf({.canary_bad = 6})),
            "fail; error-rate 60 % > 10 % (n=20); 60s; 10 %");
  EXPECT_EQ(Judged(Rules(9), AnswersOf({.canary_bad = 6, .stable_bad = 45})),
            "hold; error-rate 60 % > 10 % (n=60), 3 of 9 failures allowed; 60s; 10 %");
}

TEST(EvaluateTest, IsUnknownWhereNobodyAnswers) {
  std::vector<MetricAnswers> answers = AnswersOf({.canary_bad = 9});
  answers[0].bad = core::Unavailable("connection refused");
  EXPECT_EQ(Judged(Rules(), answers), "unknown; error-rate: connection refused; 0s; -1 %");
  EXPECT_EQ(Judged(Rules(), {}), "unknown; error-rate: nobody was asked; 0s; -1 %");
}

TEST(EvaluateTest, HoldsWithoutSeries) {
  MetricAnswers none;
  none.metric = "error-rate";
  EXPECT_EQ(Judged(Rules(), {none}), "hold; error-rate: 0 of 50 requests; 0s; -1 %");
}

TEST(EvaluateTest, DoesNotCountPodsThatItDoesNotKnow) {
  std::vector<MetricAnswers> answers = AnswersOf({});
  Series stranger = answers[0].total->front();
  stranger.labels = {{"pod", "of-another-candidate"}};
  answers[0].total->push_back(stranger);
  EXPECT_EQ(Judged(Rules(), answers), "pass; error-rate 0 % <= 10 % (n=60); 60s; 10 %");
}

TEST(EvaluateTest, CountsTheCanarysFirstErrorsBeforeItsFirstScrape) {
  MetricAnswers answers;
  answers.metric = "error-rate";
  answers.total = std::vector{Of("c", "15:78 25:78"), Of("c", "15:22 25:22")};
  answers.bad = std::vector{Of("c", "15:22 25:22")};
  EXPECT_EQ(Judged(Rules(), {answers}).substr(0, 43),
            "fail; error-rate 22 % > 10 % (n=100); 10s; ");
}

TEST(EvaluateTest, SaysTheSameAgainOnTheSameSamples) {
  const auto answers = AnswersOf({.canary_bad = 1});
  EXPECT_EQ(Judged(Rules(1), answers), Judged(Rules(1), answers));
}

TEST(EvaluateTest, PassesWithoutMetrics) {
  EXPECT_EQ(Judged(core::Analysis{}, {}), "pass; ; 0s; -1 %");
}

}  // namespace
}  // namespace headgate::rollout::analysis
