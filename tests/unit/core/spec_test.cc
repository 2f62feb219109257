#include <gtest/gtest.h>

#include "core/application.h"
#include "core/json.h"
#include "core/rollout_spec.h"

namespace headgate::core {
namespace {

// A good Rollout in which one path is replaced.
Object RolloutWith(const std::string& steps, const std::string& more = "") {
  const std::string text =
      R"({"kind":"Rollout","metadata":{"name":"shop"},"spec":{"workloads":[{"kind":"Deployment","name":"web"}],
          "canary":{"steps":)" +
      steps + R"(},"traffic":{"gatewayAPI":{"httpRoute":"web"}},"analysis":{"metrics":[
          {"name":"error-rate","bad":"a","total":"b","max":"10%"}]})" +
      more + "}}";
  Result<Value> body = ParseJson(text);
  EXPECT_TRUE(body.ok()) << text;
  return {*body, "rollout.yaml"};
}

TEST(RolloutSpec, ReadsStepsInOrder) {
  const Result<RolloutSpec> spec = ParseRolloutSpec(RolloutWith(
      R"([{"setWeight":2},{"analyze":{"duration":"5m"}},{"setWeight":10},{"pause":{}},{"approve":{}}])"));
  ASSERT_TRUE(spec.ok()) << spec.error().text();
  std::string steps;
  for (const Step& step : spec->steps) steps += Show(step) + "; ";
  EXPECT_EQ(steps, "setWeight 2 %; analyze 5m; setWeight 10 %; pause; approve; ");
  EXPECT_DOUBLE_EQ(spec->analysis.metrics[0].max, 0.1);
}

TEST(RolloutSpec, RefusesWithTheField) {
  const struct {
    std::string steps, more, want;
  } kCases[] = {
      {R"([{"setWeight":10},{"setWeight":5}])", "",
       "spec.canary.steps[1].setWeight: 5 is not above 10"},
      {R"([{"setWeight":101}])", "",
       "spec.canary.steps[0].setWeight: 101 is no whole number from 0 to 100"},
      {R"([{"setWeight":1,"approve":{}}])", "", "spec.canary.steps[0]: a step is exactly one of"},
      {R"([{"setWait":1}])", "", "spec.canary.steps[0].setWait: no such field"},
      {"[]", "", "spec.canary.steps: is missing"},
      {R"([{"pause":{"duration":"5"}}])", "",
       "spec.canary.steps[0].pause.duration: \"5\" is no duration"},
      {R"([{"approve":{}}])", R"(,"onNewCommit":"wait")",
       "spec.onNewCommit: \"wait\" is not known"},
      {R"([{"approve":{}}])", R"(,"blueGreen":{})", "spec.blueGreen: no such field"},
  };
  for (const auto& c : kCases) {
    const Result<RolloutSpec> spec = ParseRolloutSpec(RolloutWith(c.steps, c.more));
    ASSERT_FALSE(spec.ok()) << c.want;
    EXPECT_NE(spec.error().text().find("Rollout shop: rollout.yaml: " + c.want), std::string::npos)
        << spec.error().text();
  }
}

TEST(Application, FillsInDefaults) {
  const Result<Application> app = ParseApplication(*ParseJson(
      R"({"metadata":{"name":"shop","namespace":"headgate-system"},"spec":{"source":{"url":"https://x/y.git"}}})"));
  ASSERT_TRUE(app.ok()) << app.error().text();
  EXPECT_EQ(app->source.branch, "main");
  EXPECT_EQ(app->sync.interval, std::chrono::seconds(30));
  EXPECT_EQ(app->destination.namespace_name, "headgate-system");
  EXPECT_TRUE(app->sync.prune);
}

TEST(Application, OfATenantNamesAServiceAccount) {
  const Result<Application> app = ParseApplication(*ParseJson(
      R"({"metadata":{"name":"shop","namespace":"team"},"spec":{"source":{"url":"https://x/y.git"}}})"));
  ASSERT_FALSE(app.ok());
  EXPECT_NE(app.error().text().find("spec.destination.serviceAccount: is required"),
            std::string::npos);
}

}  // namespace
}  // namespace headgate::core
