#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/rollout_templates.h"
#include "rollout/compose.h"
#include "rollout/metrics/prometheus.h"
#include "rollout/metrics/queries.h"
#include "rollout/metrics/traffic.h"

namespace headgate::rollout::metrics {
namespace {

struct NarrowCase {
  const char* name;
  const char* selector;
  const char* want;  // "" where it is refused
};
const NarrowCase kNarrowCases[] = {
    {"AddsToAName", "requests_total", "requests_total{pod=\"a\"}[90s]"},
    {"AddsToMatchers", "requests_total{code=~\"5..\"}",
     "requests_total{code=~\"5..\",pod=\"a\"}[90s]"},
    {"TakesSpaces", " requests_total { code = '5' , x!~`y` } ",
     "requests_total{code='5',x!~`y`,pod=\"a\"}[90s]"},
    {"TakesATrailingComma", "r{code=\"5\",}", "r{code=\"5\",pod=\"a\"}[90s]"},
    {"TakesNoName", "{__name__=\"r\"}", "{__name__=\"r\",pod=\"a\"}[90s]"},
    {"TakesAQuotedName", "{\"http.requests\"}", "{\"http.requests\",pod=\"a\"}[90s]"},
    {"TakesEmptyBraces", "r{}", "r{pod=\"a\"}[90s]"},
    {"TakesQuotesWithinQuotes", R"(r{a="}\"{"})", R"(r{a="}\"{",pod="a"}[90s])"},
    {"RefusesNothing", "", ""},
    {"RefusesNoMatcherAtAll", "{}", ""},
    {"RefusesFunctions", "sum(r)", ""},
    {"RefusesRanges", "r[5m]", ""},
    {"RefusesOffsets", "r offset 5m", ""},
    {"RefusesOperators", "r / s", ""},
    {"RefusesTwo", "r{a=\"b\"}{c=\"d\"}", ""},
    {"RefusesAnOpenBrace", "r{a=\"b\"", ""},
    {"RefusesAnOpenQuote", "r{a=\"b}", ""},
    {"RefusesNoValue", "r{a=}", ""},
    {"RefusesNumbers", "5", ""},
};
class NarrowTest : public testing::TestWithParam<NarrowCase> {};
TEST_P(NarrowTest, AddsMatchersToASelector) {
  const auto narrowed = Narrow(GetParam().selector, "pod=\"a\"", std::chrono::seconds(90));
  EXPECT_EQ(narrowed ? *narrowed : "", GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(Rollout, NarrowTest, testing::ValuesIn(kNarrowCases),
                         [](const auto& test) { return test.param.name; });

TEST(QuoteTest, EscapesForPromQl) {
  EXPECT_EQ(Quote("a\"b\\c\nd"), R"("a\"b\\c\nd")");
  EXPECT_EQ(AnyOf({"web-1", "a.b"}), R"("web-1|a\\.b")");
}

TEST(QueriesForTest, AsksForBothTracksRawSamples) {
  core::RolloutSpec spec;
  spec.analysis.metrics = {{"error-rate", "r{code=~\"5..\"}", "r", 0.1, 0}};
  core::Trial trial;
  trial.candidate.gated_hash = "abcdef0123456789";
  trial.pods = {"web-canary-gone"};
  Observation seen;
  seen.now = core::HandClock::kStart + std::chrono::seconds(90);
  EXPECT_TRUE(QueriesFor(spec, trial, seen, "shop")->empty());  // no window is open
  trial.window_open = core::HandClock::kStart;
  PodSeen canary, other, stable;
  canary.name = "web-canary-a";
  canary.candidate = CandidateLabelValue(trial.candidate.gated_hash);
  other.name = "web-canary-of-another";
  other.candidate = "another";
  stable.name = "web-b";
  seen.canary = {{.ref = {"Deployment", "web"}, .pods = {canary, other}}};
  seen.stable = {{.ref = {"Deployment", "web"}, .pods = {stable}}};
  const auto queries = QueriesFor(spec, trial, seen, "shop");
  ASSERT_TRUE(queries);
  ASSERT_EQ(queries->size(), 2u);
  EXPECT_EQ(
      queries->front().promql,
      "r{code=~\"5..\",namespace=\"shop\",pod=~\"web-b|web-canary-a|web-canary-gone\"}[390s]");
  core::Metric slow{"latency", "", ""};
  slow.slow = core::Slow{"h_ms_bucket{a=\"b\"}", std::chrono::milliseconds(300)};
  spec.analysis.metrics.push_back(slow);
  const auto more = QueriesFor(spec, trial, seen, "shop");
  ASSERT_TRUE(more);
  EXPECT_EQ(more->back().promql,
            "sum by (le) "
            "(h_ms_bucket{a=\"b\",namespace=\"shop\",pod=~\"web-canary-a|web-canary-gone\"})");
  EXPECT_EQ(
      more->back().histogram,
      (Histogram{"h_ms", "a=\"b\",namespace=\"shop\",pod=~\"web-b|web-canary-a|web-canary-gone\"",
                 std::chrono::seconds(390), 300, 0.99}));
  spec.analysis.metrics[0].total = "rate(r[1m])";
  const auto refused = QueriesFor(spec, trial, seen, "shop");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text(), testing::StartsWith("metric error-rate: total: "));
}

TEST(FillInTest, EscapesWhatItFillsIn) {
  const std::string filled =
      FillIn("a{p=~\"{{pods}}\",n=\"{{ns}}\"}", {{"pods", {"x", "y.z"}}, {"ns", {"shop"}}});
  EXPECT_EQ(filled, R"j(a{p=~"(x|y\\.z)",n="shop"})j");
  const std::string hostile = FillIn("{{a}}", {{"a", {"\"} or x #"}}});
  EXPECT_EQ(hostile, R"j(\\\"\\}\\ or\\ x\\ \\#)j");
  EXPECT_EQ(FillIn("{{pods}} {{other}}", {{"pods", {}}}), "() {{other}}");
  EXPECT_EQ(FillIn("{{a}}", {{"a", {"{{a}}"}}}), R"j(\\{\\{a\\}\\})j");
}

TEST(QueriesForTest, TellsTracksApartByTheGatewaysBackends) {
  core::RolloutSpec spec;
  core::Metric metric{"gateway", "", ""};
  const core::MetricTemplate* known = core::FindTemplate("traefik-errors");
  ASSERT_TRUE(known);
  metric.bad = known->bad;
  metric.total = known->total;
  metric.tracks = known->tracks;
  spec.analysis.metrics = {metric};
  core::Trial trial;
  trial.window_open = core::HandClock::kStart;
  trial.pods = {"web-canary-a"};
  Observation seen;
  seen.now = core::HandClock::kStart;
  EXPECT_THAT(QueriesFor(spec, trial, seen, "shop").error().text(),
              testing::HasSubstr("no Service behind the route is known"));
  seen.canary = {{.ref = {"Deployment", "web"}}};
  seen.canary[0].services = {"web-canary"};
  seen.stable = {{.ref = {"Deployment", "web"}}};
  seen.stable[0].services = {"web"};
  const auto queries = QueriesFor(spec, trial, seen, "shop");
  ASSERT_TRUE(queries);
  ASSERT_EQ(queries->size(), 4u);
  EXPECT_EQ(
      queries->at(0).promql,
      "traefik_service_requests_total{code=~\"5..\",service=~\"shop-web-canary(-(http|grpc))?-"
      "[a-z0-9]+@kubernetes.*\"}[300s]");
  EXPECT_EQ(
      queries->at(3).promql,
      "traefik_service_requests_total{service=~\"shop-web(-(http|grpc))?-[a-z0-9]+@kubernetes."
      "*\"}[300s]");
}

// Every template asks for something that can be asked.
TEST(QueriesForTest, KnowsEveryTemplate) {
  for (const char* name : {"red-errors", "red-latency", "traefik-errors", "traefik-latency",
                           "istio-errors", "istio-latency", "linkerd-errors", "linkerd-latency",
                           "nginx-errors", "nginx-latency", "envoy-errors"}) {
    const core::MetricTemplate* known = core::FindTemplate(name);
    ASSERT_TRUE(known) << name;
    for (const std::string& selector : {known->bad, known->total, known->histogram,
                                        known->tracks ? "x{" + known->tracks->canary + "}" : "",
                                        known->tracks ? "x{" + known->tracks->stable + "}" : ""}) {
      if (selector.empty()) continue;
      EXPECT_TRUE(Narrow(selector, "", std::chrono::seconds(1))) << selector;
    }
    EXPECT_THAT(core::ShowTemplates(), testing::HasSubstr(name));
  }
}

TEST(TrafficQueriesTest, AskForTheWorkloadsOfToday) {
  core::RolloutSpec spec;
  spec.namespace_name = "shop";
  spec.workloads = {{"Deployment", "web"}, {"Deployment", "cart"}};
  EXPECT_FALSE(TrafficQueriesOf(spec));
  spec.analysis.metrics = {{"errors", "r{code=~\"5..\"}", "r"}};
  const auto queries = TrafficQueriesOf(spec);
  ASSERT_TRUE(queries);
  EXPECT_EQ(queries->requests, "sum(rate(r{namespace=\"shop\",pod=~\"(web|cart)-.+\"}[3600s]))");
  EXPECT_EQ(queries->bad,
            "sum(rate(r{code=~\"5..\",namespace=\"shop\",pod=~\"(web|cart)-.+\"}[3600s]))");
}

struct AnswerCase {
  const char* name;
  int status;
  const char* body;
  const char* want;  // series as text, or the error with its fault
};
const AnswerCase kAnswerCases[] = {
    {"ReadsAMatrix", 200,
     R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{"pod":"a"},"values":[[1767225600.5,"1"],[1767225610,"2"]]}]}})",
     "a 500:1 10000:2;"},
    {"ReadsNothing", 200, R"({"status":"success","data":{"resultType":"matrix","result":[]}})", ""},
    {"LeavesOutWhatIsNoNumber", 200,
     R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{"pod":"a"},"values":[[1767225600,"NaN"],[1767225601,"+Inf"],["x","1"],[1],[1767225602,5],[1767225603,"7x"],[1e300,"3"],[1767225604,"4"]]}]}})",
     "a 4000:4;"},
    {"IsUnavailableForHtml", 200, "<html>Log in</html>",
     "unavailable: the answer is no JSON object (HTTP 200, 19 bytes, HTML: is the address that of "
     "Prometheus, and not of a login page?)"},
    {"IsUnavailableForNothing", 200, "",
     "unavailable: the answer is no JSON object (HTTP 200, 0 bytes)"},
    {"IsUnavailableForAList", 200, "[]",
     "unavailable: the answer is no JSON object (HTTP 200, 2 bytes)"},
    {"IsUnavailableForAVector", 200,
     R"({"status":"success","data":{"resultType":"vector","result":[]}})",
     "unavailable: the answer is no matrix (HTTP 200, 63 bytes)"},
    {"IsInvalidForARefusedQuery", 400,
     R"({"status":"error","errorType":"bad_data","error":"1:3: parse error"})",
     "invalid: Prometheus: bad_data: 1:3: parse error"},
    {"IsUnavailableForATimeout", 503,
     R"({"status":"error","errorType":"timeout","error":"query timed out"})",
     "unavailable: Prometheus: timeout: query timed out"},
    {"IsUnavailableWithWarnings", 200,
     R"({"status":"success","warnings":["store x is away"],"data":{"resultType":"matrix","result":[]}})",
     "unavailable: Prometheus warns: store x is away"},
    {"IsUnavailableForASeriesWithoutSamples", 200,
     R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{}}]}})",
     "unavailable: the answer has a series without samples (no \"values\")"},
    {"IsUnavailableForABadGateway", 502, "bad gateway",
     "unavailable: the answer is no JSON object (HTTP 502, 11 bytes)"},
    {"TakesOddTypes", 200,
     R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":"x","values":[]},{"metric":{"pod":3},"values":[]}]}})",
     " ; ;"},
};
std::string ShowAnswer(const core::Result<std::vector<analysis::Series>>& answer) {
  if (!answer)
    return fmt::format("{}: {}", core::Show(answer.error().fault()), answer.error().text());
  std::string text;
  for (const analysis::Series& series : *answer) {
    text += series.Label("pod") + " ";
    for (const analysis::Sample& sample : series.samples)
      text += fmt::format("{}:{} ", (sample.at - core::HandClock::kStart).count(), sample.value);
    text.back() = series.samples.empty() ? ' ' : ';';
    if (series.samples.empty()) text += ";";
  }
  return text;
}
class ParseAnswerTest : public testing::TestWithParam<AnswerCase> {};
TEST_P(ParseAnswerTest, TakesWhateverComes) {
  EXPECT_EQ(ShowAnswer(ParseAnswer(GetParam().status, GetParam().body)), GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(Rollout, ParseAnswerTest, testing::ValuesIn(kAnswerCases),
                         [](const auto& test) { return test.param.name; });

TEST(ParseAnswerBoundsTest, RefusesTooManySeries) {
  std::string body = R"({"status":"success","data":{"resultType":"matrix","result":[)";
  for (size_t i = 0; i <= kSeriesMax; ++i)
    body += std::string(i ? "," : "") + R"({"metric":{},"values":[]})";
  const auto answer = ParseAnswer(200, body + "]}}");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().fault(), core::Fault::kUnavailable);
}

}  // namespace
}  // namespace headgate::rollout::metrics
