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

std::string StepsOf(const RolloutSpec& spec) {
  std::string steps;
  for (const Step& step : spec.steps) steps += Show(step) + "; ";
  return steps;
}

TEST(RolloutSpec, ReadsStepsThatShapePodsAndRequests) {
  const Result<RolloutSpec> spec = ParseRolloutSpec(RolloutWith(
      R"([{"setCanaryScale":{"replicas":3}},
          {"setHeaderRoute":{"name":"beta","match":[{"headerName":"X-Beta","headerValue":{"prefix":"y"}}]}},
          {"setMirror":{"percentage":20}},{"setHeaderRoute":{"name":"beta"}},
          {"pause":{"until":"2026-11-23T09:00:00Z"}},{"setCanaryScale":{"matchTrafficWeight":true}}])"));
  ASSERT_TRUE(spec.ok()) << spec.error().text();
  EXPECT_EQ(StepsOf(*spec),
            "setCanaryScale 3 pods; setHeaderRoute beta; setMirror 20 %; setHeaderRoute beta away; "
            "pause until 2026-11-23T09:00:00Z; setCanaryScale matchTrafficWeight; ");
}

TEST(RolloutSpec, ReadsGatesAndJobs) {
  const Result<RolloutSpec> spec = ParseRolloutSpec(RolloutWith(
      R"([{"gate":{"url":"http://gates.ops/"}},
          {"gate":{"name":"freeze","url":"https://g/","timeout":"5s","onRefusal":"wait","deadline":"1h",
                   "metadata":{"team":"web"}}},
          {"job":{"name":"smoke","spec":{"template":{"spec":{"containers":[{"name":"a"}]}}}}}])"));
  ASSERT_TRUE(spec.ok()) << spec.error().text();
  EXPECT_EQ(StepsOf(*spec), "gate gate; gate freeze; job smoke; ");
  const Gate& gate = std::get<Gate>(spec->steps[1]);
  EXPECT_EQ(gate.timeout, std::chrono::seconds(5));
  EXPECT_EQ(gate.deadline, Duration(std::chrono::hours(1)));
  EXPECT_EQ(gate.metadata.StringAt("team"), "web");
  EXPECT_FALSE(std::get<Gate>(spec->steps[0]).deadline);
}

TEST(RolloutSpec, RefusesGatesAndJobsThatCannotBe) {
  const std::string job =
      R"([{"job":{"name":"smoke","spec":{"template":{"spec":{"containers":[{"name":"a"}]}})";
  const struct {
    std::string steps, want;
  } kCases[] = {
      {R"([{"gate":{}}])", "gate.url: is missing"},
      {R"([{"gate":{"url":"gates.ops"}}])", "expected http://HOST/PATH"},
      {R"([{"gate":{"url":"ftp://gates.ops"}}])", "expected http://HOST/PATH"},
      {R"([{"gate":{"url":"http://"}}])", "names no host"},
      {R"([{"gate":{"url":"http://a b/"}}])", "characters that no URL has"},
      {R"([{"gate":{"url":"http://me:secret@gates.ops/"}}])", "has a user or a password"},
      {R"([{"gate":{"url":"http://localhost:8080/"}}])", "localhost is Headgate's own machine"},
      {R"([{"gate":{"url":"http://127.0.0.1/"}}])", "127.0.0.1 is Headgate's own machine"},
      {R"([{"gate":{"url":"http://[::1]:80/"}}])", "[::1] is Headgate's own machine"},
      {R"([{"gate":{"url":"http://169.254.169.254/latest"}}])",
       "169.254.169.254 is Headgate's own"},
      {R"([{"gate":{"url":"http://g/","timeout":"31s"}}])", "gate.timeout: expected 1s to 30s"},
      {R"([{"gate":{"url":"http://g/","onRefusal":"retry"}}])", "\"retry\" is not known"},
      {R"([{"gate":{"url":"http://g/","onRefusal":"rollback","deadline":"1h"}}])",
       "gate.deadline:"},
      {R"([{"gate":{"url":"http://g/","metadata":{"a":1}}}])", "a is no string"},
      {R"([{"gate":{"url":"http://g/","retries":3}}])", "gate.retries: no such field"},
      {R"([{"setBaseline":{}},{"setWeight":60}])", "setBaseline is in force at 60 %"},
      {R"([{"setWeight":60},{"setBaseline":{}}])", "setBaseline is in force at 60 %"},
      {R"([{"setBaseline":{"enabled":false}}])", "before any step has set it"},
      {R"([{"job":{"name":"smoke"}}])", "job.spec: is missing"},
      {R"([{"job":{"name":"Smoke","spec":{}}}])", "job.name: \"Smoke\" is no name"},
      {R"([{"job":{"name":"smoke","spec":{"template":{}}}}])",
       "template.spec.containers is missing"},
      {job + R"(,"suspend":true}}}])", "suspend: it would never run"},
      {job + R"(,"ttlSecondsAfterFinished":1}}}])",
       "ttlSecondsAfterFinished would have it run again"},
      {job + R"(,"selector":{}}}}])", "selector is made by the cluster"},
  };
  for (const auto& c : kCases) {
    const Result<RolloutSpec> spec = ParseRolloutSpec(RolloutWith(c.steps));
    ASSERT_FALSE(spec.ok()) << c.steps;
    EXPECT_NE(spec.error().text().find(c.want), std::string::npos) << spec.error().text();
  }
}

// A good Rollout with another strategy and traffic.
Result<RolloutSpec> ParseWith(const std::string& strategy, const std::string& traffic) {
  const std::string text =
      R"({"kind":"Rollout","metadata":{"name":"shop"},"spec":{"workloads":[{"kind":"Deployment","name":"web"}],)" +
      strategy + R"(,"traffic":)" + traffic +
      R"(,"analysis":{"metrics":[{"name":"error-rate","bad":"a","total":"b","max":"10%"}]}}})";
  Result<Value> body = ParseJson(text);
  EXPECT_TRUE(body.ok()) << text;
  return ParseRolloutSpec({*body, "rollout.yaml"});
}

TEST(RolloutSpec, TakesBlueGreenForItsSteps) {
  const Result<RolloutSpec> spec = ParseWith(
      R"("blueGreen":{"previewService":"web-preview","autoPromotionEnabled":false,
          "prePromotionAnalysis":{"duration":"1m"},"postPromotionAnalysis":{"duration":"2m"},
          "scaleDownDelaySeconds":30})",
      R"({"gatewayAPI":{"httpRoute":"web"}})");
  ASSERT_TRUE(spec.ok()) << spec.error().text();
  EXPECT_EQ(spec->preview_service, "web-preview");
  EXPECT_EQ(StepsOf(*spec),
            "setCanaryScale 100 %; analyze 1m; approve; setWeight 100 %; analyze 2m; pause 30s; ");
}

TEST(RolloutSpec, KnowsTheRouters) {
  const struct {
    std::string traffic, field, route;
  } kCases[] = {
      {R"({"gatewayAPI":{"grpcRoute":"a"}})", "spec.traffic.gatewayAPI.grpcRoute", "a"},
      {R"({"istio":{"virtualService":{"name":"b","routes":["x"]}}})",
       "spec.traffic.istio.virtualService", "b"},
      {R"({"nginx":{"stableIngress":"c"}})", "spec.traffic.nginx.stableIngress", "c"},
      {R"({"traefik":{"weightedTraefikServiceName":"d"}})",
       "spec.traffic.traefik.weightedTraefikServiceName", "d"},
      {R"({"replicas":{}})", "spec.traffic.replicas", ""},
  };
  for (const auto& c : kCases) {
    const Result<RolloutSpec> spec =
        ParseWith(R"("canary":{"steps":[{"setWeight":10}]})", c.traffic);
    ASSERT_TRUE(spec.ok()) << spec.error().text();
    EXPECT_EQ(FieldOf(spec->traffic.by), c.field);
    EXPECT_EQ(spec->traffic.route, c.route);
  }
  for (const char* wrong : {R"({})", R"({"replicas":{},"nginx":{"stableIngress":"c"}})"}) {
    const Result<RolloutSpec> spec = ParseWith(R"("canary":{"steps":[{"setWeight":10}]})", wrong);
    ASSERT_FALSE(spec.ok());
    EXPECT_NE(spec.error().text().find("spec.traffic: expected exactly one of gatewayAPI"),
              std::string::npos)
        << spec.error().text();
  }
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
      {R"([{"approve":{}}])", R"(,"blueGreen":{})", "spec.blueGreen: stands beside canary"},
      {R"([{"approve":{}}])", R"(,"greenBlue":{})", "spec.greenBlue: no such field"},
      {R"([{"setCanaryScale":{}}])", "",
       "spec.canary.steps[0].setCanaryScale: expected exactly one of replicas, weight"},
      {R"([{"setHeaderRoute":{"name":"beta"}}])", "",
       "spec.canary.steps[0].setHeaderRoute: takes beta away, which no step before it set"},
      {R"([{"setHeaderRoute":{"name":"beta","match":[{"headerName":"x"}]}}])", "",
       "spec.canary.steps[0].setHeaderRoute.match[0].headerValue: expected exactly one of exact"},
      {R"([{"setMirror":{"percentage":101}}])", "",
       "spec.canary.steps[0].setMirror.percentage: 101 is no whole number from 0 to 100"},
      {R"([{"pause":{"until":"noon"}}])", "",
       "spec.canary.steps[0].pause.until: expected a time such as"},
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

TEST(Application, SaysHowAChartIsRendered) {
  const auto parse = [](const std::string& helm) {
    return ParseApplication(*ParseJson(
        R"({"metadata":{"name":"shop","namespace":"headgate-system"},"spec":{"source":{"url":"https://x/y.git"},"render":{"helm":)" +
        helm + "}}}"));
  };
  const Result<Application> app = parse(
      R"({"releaseName":"r","valuesFiles":["a.yaml","../b.yaml"],"values":{"x":{"y":1}},"skipCrds":true,
          "skipSchemaValidation":true,"kubeVersion":"1.33","apiVersions":["x/v1"],
          "random":"keep"})");
  ASSERT_TRUE(app.ok()) << app.error().text();
  const Render::Helm& helm = app->render.helm;
  EXPECT_EQ(helm.release_name, "r");
  EXPECT_EQ(helm.values_files, (std::vector<std::string>{"a.yaml", "../b.yaml"}));
  EXPECT_EQ(*helm.values.Find("x", "y")->AsInt(), 1);
  EXPECT_TRUE(helm.skip_crds && helm.skip_schema_validation && helm.keep_random);
  EXPECT_EQ(helm.kube_version, "1.33");
  EXPECT_EQ(helm.api_versions, std::vector<std::string>{"x/v1"});

  const std::pair<const char*, const char*> kWrong[] = {
      {R"({"values":"a: b"})", "spec.render.helm.values: expected a mapping"},
      {R"({"valueFiles":[]})", "spec.render.helm.valueFiles"},
      {R"({"random":"old"})", "spec.render.helm.random: expected new or keep"},
      {R"({"skipCrds":"yes"})", "spec.render.helm.skipCrds: expected true or false"}};
  for (const auto& [text, want] : kWrong) {
    EXPECT_NE(parse(text).error().text().find(want), std::string::npos)
        << parse(text).error().text();
  }
}

}  // namespace
}  // namespace headgate::core
