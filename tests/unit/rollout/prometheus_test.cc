#include "rollout/metrics/prometheus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <map>
#include <thread>

#include "net/http.h"

// A server on loopback in Prometheus' place.
namespace headgate::rollout::metrics {
namespace {

class PrometheusTest : public testing::Test {
 protected:
  PrometheusTest() {
    server_.Post("/prefix/api/v1/query", [this](const httplib::Request& request,
                                                httplib::Response& response) {
      asked_ += request.get_param_value("query") + " at " + request.get_param_value("time") + "\n";
      response.status = status_;
      const auto of_query = answers_.find(request.get_param_value("query"));
      response.set_content(of_query == answers_.end() ? answer_ : of_query->second,
                           "application/json");
    });
    server_.set_keep_alive_max_count(1);  // a stop would wait for idle connections
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::jthread([this] { server_.listen_after_bind(); });
  }
  ~PrometheusTest() override {
    while (!server_.is_running())
      std::this_thread::yield();  // a stop before its start would be lost
    server_.stop();
  }

  std::string Address() const { return "http://127.0.0.1:" + std::to_string(port_) + "/prefix/"; }

  httplib::Server server_;
  int port_ = 0;
  int status_ = 200;
  std::string answer_ =
      R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{"pod":"a&b"},"values":[[1767225600,"7"]]}]}})";
  std::map<std::string, std::string> answers_;  // by query; else answer_
  std::string asked_;
  net::Http http_;
  std::jthread thread_;
};

const Query kTotal{"error-rate", Query::Which::kTotal, "r{a=\"b&c\"}[90s]",
                   core::HandClock::kStart + std::chrono::milliseconds(250)};
const Query kBad{"error-rate", Query::Which::kBad, "bad[90s]", core::HandClock::kStart};

TEST_F(PrometheusTest, AsksAndReads) {
  const auto answers = Prometheus(&http_, Address()).AskAll({kBad, kTotal});
  EXPECT_EQ(asked_, "bad[90s] at 1767225600.000\nr{a=\"b&c\"}[90s] at 1767225600.250\n");
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].metric, "error-rate");
  ASSERT_TRUE(answers[0].total);
  ASSERT_EQ(answers[0].total->size(), 1u);
  EXPECT_EQ(answers[0].total->front().Label("pod"), "a&b");
  EXPECT_EQ(answers[0].total->front().samples.front().value, 7);
}

TEST_F(PrometheusTest, SaysWhatPrometheusRefuses) {
  status_ = 400;
  answer_ = R"({"status":"error","errorType":"bad_data","error":"parse error"})";
  const auto answer = Prometheus(&http_, Address()).Ask(kBad);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().fault(), core::Fault::kInvalid);
  EXPECT_THAT(answer.error().text(), testing::HasSubstr("bad_data: parse error"));
}

TEST_F(PrometheusTest, IsUnavailableWithTooLargeAnAnswer) {
  answer_ = std::string(kAnswerBytesMax + 1, ' ');
  const auto answer = Prometheus(&http_, Address()).Ask(kBad);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().fault(), core::Fault::kUnavailable);
}

TEST_F(PrometheusTest, IsUnavailableWhereNobodyListensAndKeepsThePassword) {
  const auto answer = Prometheus(&http_, "http://user:sesame@127.0.0.1:1").Ask(kBad);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().fault(), core::Fault::kUnavailable);
  EXPECT_THAT(answer.error().text(), testing::Not(testing::HasSubstr("sesame")));
}

TEST_F(PrometheusTest, FollowsNoRedirectWithWhatItSends) {
  status_ = 302;
  answer_ = "";
  Access access;
  access.headers = {{"X-Scope-OrgID", "shop"}};
  const auto answer = Prometheus(&http_, Address(), access).Ask(kBad);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().fault(), core::Fault::kUnavailable);
  EXPECT_THAT(answer.error().text(), testing::HasSubstr("HTTP 302"));
}

TEST_F(PrometheusTest, RepeatsNothingOfWhatSomebodyElseAnswers) {
  answer_ = "internal-secret-of-another-service";
  const auto answer = Prometheus(&http_, Address()).Ask(kBad);
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().text(), testing::Not(testing::HasSubstr("internal-secret")));
}

TEST_F(PrometheusTest, WaitsNoLongerThanItsDeadline) {
  server_.Post("/slow/api/v1/query", [](const httplib::Request&, httplib::Response& response) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1500));
    response.set_content("{}", "application/json");
  });
  Access access;
  access.deadline = std::chrono::milliseconds(100);
  std::vector<Query> many(30, kBad);
  for (size_t i = 0; i < many.size(); ++i) many[i].metric = "m" + std::to_string(i);
  const auto begin = std::chrono::steady_clock::now();
  const auto answers =
      Prometheus(&http_, "http://127.0.0.1:" + std::to_string(port_) + "/slow", access)
          .AskAll(many);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
  ASSERT_EQ(answers.size(), 30u);
  EXPECT_EQ(answers[0].bad.error().fault(), core::Fault::kUnavailable);
  EXPECT_THAT(answers[29].bad.error().text(), testing::HasSubstr("too slow for all queries"));
}

TEST_F(PrometheusTest, TellsTracksApartByItsQueries) {
  Query canary = kTotal;
  canary.track = "canary";
  Query stable = kTotal;
  stable.track = "stable";
  const auto answers = Prometheus(&http_, Address()).AskAll({canary, stable});
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_TRUE(answers[0].by_track);
  ASSERT_EQ(answers[0].total->size(), 2u);
  EXPECT_EQ(answers[0].total->at(0).Label(analysis::kTrackLabel), "canary");
  EXPECT_EQ(answers[0].total->at(1).Label(analysis::kTrackLabel), "stable");
  EXPECT_EQ(answers[0].total->at(1).Label("pod"), "");  // a label of its own tells nothing
}

TEST_F(PrometheusTest, AsksForNumbersOverTime) {
  std::string asked;
  server_.Post("/prefix/api/v1/query_range", [&](const httplib::Request& request,
                                                 httplib::Response& response) {
    asked = request.get_param_value("query") + " " + request.get_param_value("start") + " " +
            request.get_param_value("end") + " " + request.get_param_value("step");
    response.set_content(answer_, "application/json");
  });
  Query query{"queue", Query::Which::kNumbers, "max(q)",
              core::HandClock::kStart + std::chrono::seconds(60)};
  query.from = core::HandClock::kStart;
  query.step = std::chrono::seconds(15);
  auto answers = Prometheus(&http_, Address()).AskAll({query});
  EXPECT_EQ(asked, "max(q) 1767225600.000 1767225660.000 15s");
  ASSERT_EQ(answers.at(0).numbers.size(), 1u);
  EXPECT_EQ(answers[0].numbers[0].value, 7);
  answer_ =
      R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[]},{"metric":{},"values":[]}]}})";
  answers = Prometheus(&http_, Address()).AskAll({query});
  ASSERT_FALSE(answers.at(0).total);
  EXPECT_THAT(answers[0].total.error().text(), testing::HasSubstr("expected one number"));
}

TEST_F(PrometheusTest, StopsWhenAsked) {
  std::stop_source stop;
  stop.request_stop();
  const auto answer = Prometheus(&http_, Address()).Ask(kBad, stop.get_token());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().fault(), core::Fault::kCancelled);
}

const Query kSlow{"latency", Query::Which::kSlow, "sum by (le) (h_bucket{pod=~\"c\"})",
                  core::HandClock::kStart,
                  Histogram{"h", "pod=~\"c|s\"", std::chrono::seconds(90), 0.3, 0.5}};

std::string Matrix(const std::string& series) {
  return R"({"status":"success","data":{"resultType":"matrix","result":[)" + series + "]}}";
}

TEST_F(PrometheusTest, AsksForSlowRequestsOfAHistogramByItsNearestEdge) {
  answers_[kSlow.promql] =
      R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{"le":"0.1"},"value":[1,"0"]},{"metric":{"le":"0.25"},"value":[1,"990"]},{"metric":{"le":"1"},"value":[1,"1000"]},{"metric":{"le":"+Inf"},"value":[1,"1000"]}]}})";
  answers_["h_bucket{pod=~\"c|s\",le=~\"0\\\\.25\"}[90s]"] =
      Matrix(R"({"metric":{"pod":"c","le":"0.25"},"values":[[1767225600,"990"]]})");
  answers_["h_bucket{pod=~\"c|s\",le=~\"\\\\+Inf\"}[90s]"] =
      Matrix(R"({"metric":{"pod":"c","le":"+Inf"},"values":[[1767225600,"1000"]]})");
  const auto answers = Prometheus(&http_, Address()).AskAll({kSlow});
  ASSERT_EQ(answers.size(), 1u) << asked_;
  ASSERT_TRUE(answers[0].bad) << answers[0].bad.error().text() << asked_;
  EXPECT_EQ(answers[0].bad->front().samples.front().value, 10);
  EXPECT_EQ(answers[0].total->front().samples.front().value, 1000);
  EXPECT_EQ(answers[0].note,
            "p50 between 100 ms and 250 ms; slow is over 250 ms, the bucket's edge nearest to 300 "
            "ms");
}

TEST_F(PrometheusTest, AsksForANativeHistogramWhereThereAreNoBuckets) {
  answers_[kSlow.promql] = R"({"status":"success","data":{"resultType":"vector","result":[]}})";
  answers_["h{pod=~\"c|s\"}[90s]"] = Matrix(
      R"({"metric":{"pod":"c"},"histograms":[[1767225600,{"count":"7","sum":"3","buckets":[[0,"0.2","0.4","5"],[0,"0.4","0.8","2"]]}]]})");
  const auto answers = Prometheus(&http_, Address()).AskAll({kSlow});
  ASSERT_TRUE(answers.at(0).bad) << answers[0].bad.error().text() << asked_;
  EXPECT_EQ(answers[0].bad->front().samples.front().value, 2);
  EXPECT_EQ(answers[0].total->front().samples.front().value, 7);
}

TEST_F(PrometheusTest, DoesNotTakeACounterForAHistogram) {
  answers_[kSlow.promql] = R"({"status":"success","data":{"resultType":"vector","result":[]}})";
  answers_["h{pod=~\"c|s\"}[90s]"] =
      Matrix(R"({"metric":{"pod":"c"},"values":[[1767225600,"7"]]})");
  const auto answers = Prometheus(&http_, Address()).AskAll({kSlow});
  ASSERT_FALSE(answers.at(0).total);
  EXPECT_THAT(answers[0].total.error().text(), testing::HasSubstr("h: is no histogram"));
}

}  // namespace
}  // namespace headgate::rollout::metrics
