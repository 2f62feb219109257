#include "rollout/metrics/histogram.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "core/json.h"
#include "rollout/analysis/quantile.h"

namespace headgate::rollout::metrics {
namespace {

using std::chrono::milliseconds;

TEST(InUnitOfTest, GoesByTheName) {
  EXPECT_DOUBLE_EQ(InUnitOf("http_request_duration_seconds", milliseconds(300)), 0.3);
  EXPECT_DOUBLE_EQ(InUnitOf("istio_request_duration_milliseconds", milliseconds(300)), 300);
  EXPECT_DOUBLE_EQ(InUnitOf("response_latency_ms", milliseconds(300)), 300);
  EXPECT_DOUBLE_EQ(InUnitOf("rpc_us", milliseconds(3)), 3000);
  EXPECT_DOUBLE_EQ(InUnitOf("rpc_ns", milliseconds(3)), 3e6);
  EXPECT_DOUBLE_EQ(InUnitOf("latency", milliseconds(300)), 0.3);
}

struct EdgeCase {
  const char* name;
  std::vector<std::pair<std::string, double>> buckets;
  double over;
  const char* want;  // the edge's spellings, or the error
};
const EdgeCase kEdgeCases[] = {
    {"TakesTheEdge", {{"0.1", 1}, {"0.3", 2}, {"1", 3}, {"+Inf", 3}}, 0.3, "0.3 "},
    {"TakesEachSpelling",
     {{"0.30", 1}, {"0.3", 2}, {"3e-1", 3}, {"+Inf", 3}},
     0.3,
     "0.3 0.30 3e-1 "},
    {"TakesTheNearestByRatio", {{"0.1", 1}, {"0.25", 2}, {"0.5", 3}, {"+Inf", 3}}, 0.3, "0.25 "},
    {"TakesTheNearestAbove", {{"0.1", 1}, {"0.5", 3}, {"+Inf", 3}}, 0.3, "0.5 "},
    {"LeavesOutWhatIsNoNumber", {{"x", 1}, {"NaN", 1}, {"-1", 1}, {"0", 1}, {"2", 3}}, 0.3, "2 "},
    {"IsInvalidWithoutEdges",
     {{"+Inf", 3}},
     0.3,
     "the histogram has no bucket with an edge above 0"},
};
class EdgeTest : public testing::TestWithParam<EdgeCase> {};
TEST_P(EdgeTest, StandsForTheBound) {
  const core::Result<Edge> edge = ChooseEdge(GetParam().buckets, GetParam().over);
  std::string text = edge ? "" : edge.error().text();
  if (edge) {
    for (const std::string& spelling : edge->spellings) text += spelling + " ";
  }
  EXPECT_EQ(text, GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(Rollout, EdgeTest, testing::ValuesIn(kEdgeCases),
                         [](const auto& test) { return test.param.name; });

analysis::Series Of(const char* pod, const char* edge, std::vector<double> values) {
  analysis::Series series{{{"le", edge}, {"pod", pod}}, {}};
  for (double value : values)
    series.samples.push_back(
        {core::HandClock::kStart + std::chrono::seconds(10 * series.samples.size()), value});
  return series;
}

TEST(RestTest, CountsWhatIsNotFast) {
  const std::vector<analysis::Series> all = {Of("a", "+Inf", {10, 20, 5}), Of("b", "+Inf", {7})};
  const auto slow = Rest(all, {Of("b", "0.3", {7}), Of("a", "0.3", {9, 17, 4})});
  ASSERT_TRUE(slow);
  ASSERT_EQ(slow->size(), 2u);
  EXPECT_EQ(slow->front().samples.size(), 3u);
  EXPECT_EQ(slow->front().samples[1].value, 3);
  EXPECT_EQ(slow->front().samples[2].value, 1);
  EXPECT_EQ(slow->back().samples[0].value, 0);
  EXPECT_EQ(slow->back().Label("pod"), "b");
}

TEST(RestTest, LeavesOutSamplesOfOneOnly) {
  const auto slow = Rest({Of("a", "+Inf", {10, 20})}, {Of("a", "0.3", {9})});
  ASSERT_TRUE(slow);
  EXPECT_EQ(slow->front().samples.size(), 1u);
}

TEST(RestTest, IsUnavailableWhereAPodHasOtherBuckets) {
  const auto slow = Rest({Of("a", "+Inf", {10}), Of("b", "+Inf", {9})}, {Of("a", "0.3", {9})});
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().fault(), core::Fault::kUnavailable);
  EXPECT_THAT(slow.error().text(), testing::HasSubstr("pod=\"b\""));
}

TEST(ReadNativeTest, CountsBucketsBeyondTheBound) {
  const auto result = core::ParseJson(R"({"metric":{"pod":"a"},"histograms":[
    [1767225600,{"count":"10","sum":"3","buckets":[[0,"0.1","0.2","5"],[0,"0.2","0.4","3"],[0,"0.4","0.8","2"]]}],
    [1767225615,{"count":"12","sum":"4","buckets":[[0,"0.1","0.2","6"],[0,"0.2","0.4","3"],[0,"0.4","0.8","2"],[0,"0.8","1.6","1"]]}],
    [1767225630,{"count":"0","sum":"0"}],
    [1767225645,{"count":"NaN","sum":"NaN"}],
    [1767225646,{"count":"5","buckets":[["x"]]}], 7, [1]]})");
  ASSERT_TRUE(result);
  const auto text = [&](double over) {
    const auto counts = ReadNative(*result, over);
    std::string shown;
    for (size_t i = 0; counts && i < counts->all.samples.size(); ++i)
      shown += fmt::format("{}/{} ", counts->slow.samples[i].value, counts->all.samples[i].value);
    return shown;
  };
  EXPECT_EQ(text(0.4), "2/10 3/12 0/0 ");
  EXPECT_EQ(text(0.3), "2/10 3/12 0/0 ");   // nearer to 0.4 by ratio: its bucket is fast
  EXPECT_EQ(text(0.25), "5/10 6/12 0/0 ");  // nearer to 0.2
  EXPECT_EQ(ReadNative(*result, 0.4)->slow.Label("pod"), "a");
  EXPECT_FALSE(ReadNative(*core::ParseJson(R"({"metric":{},"values":[]})"), 0.4));
}

// At 1 % error at most a few of 300 runs may ever miss the true p90.
TEST(QuantileBoundsTest, HoldTheTruthAtAllTimes) {
  std::mt19937_64 random(3);
  std::exponential_distribution<double> draw(1);
  const double truth = std::log(10);
  int missed = 0;
  double width = 0;
  for (int run = 0; run < 300; ++run) {
    std::vector<analysis::Bucket> buckets;
    for (int i = 1; i <= 60; ++i) buckets.push_back({i / 10.0, 0});
    buckets.push_back({INFINITY, 0});
    bool held = true;
    for (int n = 1; n <= 2000; ++n) {
      const double x = draw(random);
      for (analysis::Bucket& bucket : buckets) bucket.count += x <= bucket.edge;
      if (n % 20) continue;
      const analysis::Bounds bounds = analysis::QuantileBounds(buckets, 0.9, 0.01);
      held = held && bounds.low <= truth && truth <= bounds.high;
      width = bounds.high - bounds.low;
    }
    missed += !held;
  }
  EXPECT_LE(missed, 9);
  EXPECT_LT(width, 1.5);
  EXPECT_EQ(analysis::QuantileBounds({}, 0.9, 0.01).low, 0);
  EXPECT_TRUE(std::isinf(analysis::QuantileBounds({{1, 1}}, 0.9, 0.01).high));
}

}  // namespace
}  // namespace headgate::rollout::metrics
