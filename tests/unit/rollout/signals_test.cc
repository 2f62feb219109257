#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "rollout/analysis/deaths.h"
#include "rollout/analysis/evaluate.h"
#include "rollout/analysis/gauge.h"
#include "rollout/analysis/onset.h"

// What is judged beside one metric's share of bad requests.
namespace headgate::rollout::analysis {
namespace {

using core::Verdict;
using std::chrono::seconds;

const core::Time kOpen = core::HandClock::kStart;

// ---- what became worse for everybody

std::vector<TrackCounts> Times(size_t n, int64_t canary_bad, int64_t stable_bad) {
  return std::vector<TrackCounts>(n, {canary_bad, 100, stable_bad, 1000});
}
std::vector<TrackCounts> Then(std::vector<TrackCounts> a, const std::vector<TrackCounts>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
struct OnsetCase {
  const char* name;
  std::vector<TrackCounts> before, since;
  Onset::What want;
};
const OnsetCase kOnsetCases[] = {
    {"IsNothingWhereAllIsWell", Times(20, 0, 10), Times(20, 1, 10), Onset::What::kNothing},
    {"IsNothingWhereOnlyTheCanaryIsWorse", Times(20, 0, 10), Times(20, 30, 10),
     Onset::What::kNothing},
    {"IsNothingWhereOnlyStableIsWorse", Times(20, 0, 10), Times(20, 1, 300), Onset::What::kNothing},
    {"SaysThatBothAreWorse", Times(20, 0, 10), Times(5, 20, 200), Onset::What::kSince},
    {"WaitsForMoreThanABurst", Times(20, 0, 10), Times(4, 20, 200), Onset::What::kNothing},
    {"IsSoonerWhereHalfIsBad", Times(20, 0, 10), Times(2, 60, 600), Onset::What::kSince},
    {"IsNothingOnceItIsOver", Times(20, 0, 10), Then(Times(9, 20, 200), Times(1, 1, 10)),
     Onset::What::kNothing},
    {"KnowsBurstsFromBefore", Then(Times(19, 0, 10), Times(1, 0, 200)), Times(9, 20, 250),
     Onset::What::kNothing},
    {"IsNothingWithoutAPast", Times(7, 0, 10), Times(9, 60, 600), Onset::What::kNothing},
    {"BlamesNobodyForWhatBeganBefore", Then(Times(17, 0, 10), Times(3, 0, 200)), Times(5, 20, 200),
     Onset::What::kBefore},
    {"ForgetsWhatBeganBeforeOnceItIsOver", Then(Times(17, 0, 10), Times(3, 0, 200)),
     Times(5, 1, 10), Onset::What::kNothing},
};
class OnsetTest : public testing::TestWithParam<OnsetCase> {};
TEST_P(OnsetTest, TellsWhenBothGotWorse) {
  EXPECT_EQ(FindOnset(GetParam().before, GetParam().since).what, GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(Rollout, OnsetTest, testing::ValuesIn(kOnsetCases),
                         [](const auto& test) { return test.param.name; });

// ---- pods that die

TEST(JudgeDeathsTest, FailsWhereOnlyTheCanaryDies) {
  EXPECT_EQ(JudgeDeaths({1, 2}, {10, 0}, 100).verdict, Verdict::kPass);
  EXPECT_EQ(JudgeDeaths({1, 3}, {10, 0}, 100).verdict, Verdict::kFail);
  EXPECT_EQ(JudgeDeaths({1, 3}, {10, 10}, 100).verdict, Verdict::kPass);
  EXPECT_EQ(JudgeDeaths({3, 3}, {3, 0}, 100).verdict, Verdict::kPass);
  EXPECT_EQ(JudgeDeaths({1, 0}, {10, 50}, 100).why, "");
  EXPECT_EQ(JudgeDeaths({3, 1}, {3, 40}, 100).verdict, Verdict::kPass);
}

// Deaths that hit any pod alike: however often one looks, at most 1 % fail.
TEST(JudgeDeathsTest, SeldomBlamesAHealthyCanary) {
  std::mt19937_64 random(7);
  int failed = 0;
  for (int run = 0; run < 1000; ++run) {
    Deaths canary{2, 0};
    Deaths stable{6, 0};
    bool fell = false;
    for (int death = 0; death < 60; ++death) {
      ++(random() % 8 < 2 ? canary : stable).deaths;
      fell = fell || JudgeDeaths(canary, stable, 100).verdict == Verdict::kFail;
    }
    failed += fell;
  }
  EXPECT_LE(failed, 20);
}

// ---- gauges

core::Metric Gauge(std::optional<double> limit, bool compares, double times = 1) {
  core::Metric metric{"memory", "", ""};
  metric.gauge = "m";
  metric.limit = limit;
  if (compares) metric.compare = core::Compare{times, 0, 0.99};
  return metric;
}

// An hour of pods that differ for good by `uneven`, and a little in each interval.
core::Evidence PlayGauge(const core::Metric& metric, double canary_times, double uneven,
                         std::mt19937_64* random) {
  std::normal_distribution<double> normal;
  std::vector<double> levels;
  for (int pod = 0; pod < 12; ++pod) levels.push_back(400 * (1 + uneven * normal(*random)));
  GaugeJudge judge(metric, 100);
  for (int t = 0; t < 240; ++t) {
    std::vector<PodValue> values;
    for (size_t pod = 0; pod < levels.size(); ++pod)
      values.push_back({std::to_string(pod), pod < 2 ? Track::kCanary : Track::kStable,
                        levels[pod] * (pod < 2 ? canary_times : 1) * (1 + 0.01 * normal(*random))});
    judge.Add(values);
  }
  return judge.Now();
}

TEST(GaugeJudgeTest, TellsMoreFromUneven) {
  std::mt19937_64 random(5);
  int healthy = 0;
  int doubled = 0;
  int tolerated = 0;
  for (int run = 0; run < 200; ++run) {
    healthy += PlayGauge(Gauge({}, true), 1, 0.1, &random).verdict == Verdict::kFail;
    doubled += PlayGauge(Gauge({}, true), 2, 0.1, &random).verdict == Verdict::kFail;
    tolerated += PlayGauge(Gauge({}, true, 1.5), 1.3, 0.1, &random).verdict == Verdict::kFail;
  }
  EXPECT_LE(healthy, 6);
  EXPECT_GE(doubled, 198);
  EXPECT_LE(tolerated, 2);
}

TEST(GaugeJudgeTest, KeepsToALimit) {
  const core::Metric metric = Gauge(100, false);
  GaugeJudge judge(metric, 100);
  EXPECT_EQ(judge.Now().why, "memory: no value of the canary's pods yet");
  judge.Add({{"c", Track::kCanary, 90}, {"s", Track::kStable, 500}});
  EXPECT_EQ(judge.Now().verdict, Verdict::kPass);
  judge.Add({{"c", Track::kCanary, 101}});
  EXPECT_EQ(judge.Now().verdict, Verdict::kFail);
  EXPECT_EQ(judge.Now().why, "memory 101 > 100 (1 of 2 intervals)");
}

TEST(GaugeJudgeTest, ClaimsNothingWithFewPeers) {
  const core::Metric metric = Gauge({}, true);
  GaugeJudge judge(metric, 100);
  for (int t = 0; t < 100; ++t)
    judge.Add({{"c", Track::kCanary, 900.0 + t % 3}, {"s", Track::kStable, 400.0 + t % 5}});
  EXPECT_EQ(judge.Now().verdict, Verdict::kHold);
}

TEST(JudgeNumbersTest, CountsFailures) {
  core::Metric metric = Gauge(100, false);
  metric.failure_limit = 1;
  EXPECT_EQ(JudgeNumbers(metric, {}).verdict, Verdict::kHold);
  EXPECT_EQ(JudgeNumbers(metric, {5, 101, 5}).verdict, Verdict::kPass);
  EXPECT_EQ(JudgeNumbers(metric, {5, 101}).verdict, Verdict::kHold);
  EXPECT_EQ(JudgeNumbers(metric, {5, 101, 5, 101}).verdict, Verdict::kFail);
}

// ---- all of it together

// A counter from so long before the window; its growth in each 10 s, before and since.
Series Counter(const std::string& label, const std::string& pod, int before, double usual,
               int since, double now) {
  Series series{{{label, pod}}, {}};
  double value = 1000;
  for (int i = -before; i <= since; ++i) {
    series.samples.push_back({kOpen + seconds(10 * i), value});
    value += i < 0 ? usual : now;
  }
  return series;
}

core::Analysis Rules(std::vector<std::string> metrics) {
  core::Analysis analysis;
  analysis.interval = seconds(10);
  analysis.min_requests = 50;
  for (const std::string& name : metrics) {
    core::Metric metric{name, "bad", "total"};
    metric.compare = core::Compare{};
    analysis.metrics.push_back(metric);
  }
  return analysis;
}

Tracks Pods(int canaries, int stables) {
  Tracks tracks;
  for (int i = 0; i < canaries; ++i) tracks.canary.push_back({fmt::format("c{}", i), kOpen});
  for (int i = 0; i < stables; ++i)
    tracks.stable.push_back({fmt::format("s{}", i), kOpen - seconds(999)});
  return tracks;
}

MetricAnswers Answers(const std::string& metric, const Tracks& tracks, double canary_bad,
                      double stable_bad, int since) {
  MetricAnswers answers{metric};
  std::vector<Series> bad;
  std::vector<Series> total;
  for (const Pod& pod : tracks.canary) {
    bad.push_back(Counter("pod", pod.name, 0, 0, since, canary_bad));
    total.push_back(Counter("pod", pod.name, 0, 0, since, 100));
  }
  for (const Pod& pod : tracks.stable) {
    bad.push_back(Counter("pod", pod.name, 30, 1, since, stable_bad));
    total.push_back(Counter("pod", pod.name, 30, 100, since, 100));
  }
  answers.bad = std::move(bad);
  answers.total = std::move(total);
  return answers;
}

Judgement Judged(const core::Analysis& analysis, const Tracks& tracks,
                 const std::vector<MetricAnswers>& answers, int since) {
  return Evaluate(analysis, {kOpen, kOpen, kOpen + seconds(10 * since), "x"}, tracks, answers);
}

TEST(EvaluateTogetherTest, TakesTheWeightAwayWhereBothGotWorse) {
  const Tracks tracks = Pods(1, 3);
  const Judgement bad =
      Judged(Rules({"errors"}), tracks, {Answers("errors", tracks, 30, 30, 8)}, 8);
  EXPECT_NE(bad.verdict, Verdict::kFail);
  EXPECT_THAT(bad.both_worse,
              testing::HasSubstr("got worse since the weight changed: 1 % -> 30 %"));
  const Judgement well = Judged(Rules({"errors"}), tracks, {Answers("errors", tracks, 1, 1, 8)}, 8);
  EXPECT_EQ(well.both_worse, "");
  EXPECT_EQ(well.verdict, Verdict::kPass);
}

// Alone each would be proof; of ten metrics one is a tenth of it.
TEST(EvaluateTogetherTest, CountsTheMeanOfSeveralMetrics) {
  const Tracks tracks = Pods(1, 10);
  const auto after = [&](int harmed, int metrics) {
    std::vector<std::string> names;
    for (int i = 0; i < metrics; ++i) names.push_back(fmt::format("m{}", i));
    for (int since = 1; since <= 12; ++since) {
      std::vector<MetricAnswers> answers;
      for (int i = 0; i < metrics; ++i)
        answers.push_back(
            Answers(names[static_cast<size_t>(i)], tracks, i < harmed ? 12 : 1, 1, since));
      if (Judged(Rules(names), tracks, answers, since).verdict == Verdict::kFail) return since;
    }
    return 99;
  };
  EXPECT_LE(after(1, 1), after(1, 10));
  EXPECT_LE(after(10, 10), after(1, 10));
  EXPECT_LT(after(1, 10), 99);
}

TEST(EvaluateTogetherTest, ComparesTotalsOfTracks) {
  core::Analysis analysis = Rules({"gateway"});
  analysis.metrics[0].tracks = core::TrackMatchers{"a", "b"};
  MetricAnswers answers{"gateway"};
  answers.by_track = true;
  const int since = 60;
  answers.bad = std::vector{Counter(kTrackLabel, "canary", 0, 0, since, 15),
                            Counter(kTrackLabel, "stable", 30, 9, since, 9)};
  answers.total = std::vector{Counter(kTrackLabel, "canary", 0, 0, since, 100),
                              Counter(kTrackLabel, "stable", 30, 900, since, 900)};
  const Judgement judgement = Judged(analysis, Pods(1, 3), {answers}, since);
  EXPECT_EQ(judgement.verdict, Verdict::kFail);
  EXPECT_THAT(judgement.evidence[0].why, testing::HasSubstr("by totals"));
  EXPECT_NEAR(judgement.observed_weight, 10, 5);
}

TEST(EvaluateTogetherTest, CountsDyingPods) {
  Tracks tracks = Pods(1, 10);
  tracks.canary[0].deaths = 3;
  const Judgement judgement =
      Judged(Rules({"errors"}), tracks, {Answers("errors", tracks, 1, 1, 8)}, 8);
  EXPECT_EQ(judgement.verdict, Verdict::kFail);
  EXPECT_EQ(judgement.evidence.back().metric, "pods");
}

TEST(EvaluateTogetherTest, ReadsGaugesAndNumbers) {
  core::Analysis analysis;
  analysis.interval = seconds(10);
  analysis.metrics = {Gauge(1500, false), Gauge(100, false)};
  analysis.metrics[1].name = "queue";
  analysis.metrics[1].gauge = "";
  analysis.metrics[1].query = "max(q)";
  const Tracks tracks = Pods(1, 3);
  MetricAnswers memory{"memory"};
  memory.total = std::vector{Counter("pod", "c0", 0, 0, 6, 10), Counter("pod", "s0", 9, 0, 6, 900)};
  MetricAnswers queue{"queue"};
  queue.numbers = {{kOpen + seconds(10), 5}, {kOpen + seconds(20), 7}};
  EXPECT_EQ(Judged(analysis, tracks, {memory, queue}, 6).verdict, Verdict::kPass);
  queue.numbers.push_back({kOpen + seconds(30), 170});
  EXPECT_EQ(Judged(analysis, tracks, {memory, queue}, 6).evidence[1].verdict, Verdict::kFail);
  queue.total = core::Unavailable("refused");
  EXPECT_EQ(Judged(analysis, tracks, {memory, queue}, 6).evidence[1].why, "queue: refused");
}

}  // namespace
}  // namespace headgate::rollout::analysis
