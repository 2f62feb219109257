#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json.h"
#include "core/rollout_analysis.h"
#include "core/rollout_templates.h"

namespace headgate::core {
namespace {

// spec.analysis with one metric, and what goes before it.
std::string ReadMetric(const std::string& metric, const std::string& more, Analysis* to) {
  const Result<Value> body = ParseJson("{" + more + "\"metrics\":[" + metric + "]}");
  if (!body) return body.error().text();
  Reading reading{"rollout.yaml", std::nullopt};
  *to = ReadAnalysis(Fields(&*body, "analysis", &reading));
  return reading.error ? reading.error->text() : "";
}

struct Case {
  const char* name;
  const char* metric;
  const char* want;  // part of the error; "" where it is well
};
const Case kCases[] = {
    {"TakesAHistogram",
     R"({"name":"a","slow":{"histogram":"h","over":"300ms"},"compare":{},"weight":2.5})", ""},
    {"TakesATemplate", R"({"name":"a","template":"traefik-errors","max":"10%"})", ""},
    {"TakesATemplateOfLatency", R"({"name":"a","template":"red-latency","over":"1s","compare":{}})",
     ""},
    {"TakesAGauge", R"({"name":"a","gauge":"m","max":"500Mi","compare":{"tolerate":{"times":2}}})",
     ""},
    {"TakesAGaugesMaxAsANumber", R"({"name":"a","gauge":"m","max":100})", ""},
    {"TakesAQuery", R"j({"name":"a","query":"max(q)","max":"100"})j", ""},
    {"TakesTracks",
     R"({"name":"a","bad":"b","total":"t","tracks":{"canary":"x=\"1\"","stable":"x=\"2\""},"max":"1%"})",
     ""},
    {"RefusesAnUnknownTemplate", R"({"name":"a","template":"nope","compare":{}})",
     "\"nope\" is not known; expected one of red-errors"},
    {"RefusesLatencyWithoutABound", R"({"name":"a","template":"red-latency","compare":{}})",
     "over: is missing"},
    {"RefusesABoundOfErrors", R"({"name":"a","template":"red-errors","over":"1s","compare":{}})",
     "is for templates of latency"},
    {"RefusesTwoWays", R"({"name":"a","gauge":"m","bad":"x","max":"1"})",
     "this one has gauge, too"},
    {"RefusesAShareOfAGauge", R"({"name":"a","gauge":"m","max":"10%"})", "is no number"},
    {"RefusesTotalOfAGauge", R"({"name":"a","gauge":"m","total":"x","max":"1"})",
     "goes with bad, not with gauge"},
    {"RefusesToCompareAQuery", R"({"name":"a","query":"q","compare":{}})", "name a gauge"},
    {"RefusesPointsOfAGauge", R"({"name":"a","gauge":"m","compare":{"tolerate":{"points":"1%"}}})",
     "points are for shares"},
    {"RefusesToBeSlowAtOnce", R"({"name":"a","slow":{"histogram":"h","over":"0s"},"compare":{}})",
     "such as 300ms"},
    {"RefusesNoWeight", R"({"name":"a","gauge":"m","compare":{},"weight":0})", "above 0"},
    {"RefusesHalfOfTracks",
     R"({"name":"a","bad":"b","total":"t","tracks":{"canary":"x"},"max":"1%"})", "stable"},
    {"RefusesNoBound", R"({"name":"a","bad":"b","total":"t"})", "or compare with stable"},
};
class MetricTest : public testing::TestWithParam<Case> {};
TEST_P(MetricTest, IsReadOrRefused) {
  Analysis analysis;
  const std::string error = ReadMetric(GetParam().metric, "", &analysis);
  if (!*GetParam().want) {
    EXPECT_EQ(error, "");
  } else {
    EXPECT_THAT(error, testing::HasSubstr(GetParam().want));
  }
}
INSTANTIATE_TEST_SUITE_P(Core, MetricTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

TEST(AnalysisTest, ReadsHowPrometheusIsAsked) {
  const char* metric = R"({"name":"a","bad":"b","total":"t","max":"1%"})";
  Analysis analysis;
  EXPECT_EQ(ReadMetric(metric, R"("prometheus":{"secretRef":{"name":"prom"},"timeout":"5s"},)",
                       &analysis),
            "");
  EXPECT_EQ(analysis.prometheus_secret, "prom");
  EXPECT_EQ(analysis.timeout, std::chrono::seconds(5));
  EXPECT_THAT(ReadMetric(metric, R"("prometheus":{"secretRef":{}},)", &analysis),
              testing::HasSubstr("name"));
  EXPECT_THAT(ReadMetric(metric, R"("prometheus":{"timeout":"10m"},)", &analysis),
              testing::HasSubstr("expected 1s to 2m"));
}

TEST(ParseAmountTest, KnowsSuffixes) {
  EXPECT_EQ(ParseAmount("100"), 100);
  EXPECT_EQ(ParseAmount("1.5Gi"), 1.5 * 1024 * 1024 * 1024);
  EXPECT_EQ(ParseAmount("2k"), 2000);
  for (const char* wrong : {"", "Mi", "10%", "1e999", "x", "1 Gi", "nan"})
    EXPECT_FALSE(ParseAmount(wrong)) << wrong;
}

}  // namespace
}  // namespace headgate::core
