#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "core/json.h"
#include "reconciler/metrics.h"

// What Prometheus is told of rollouts, and that the dashboard asks for nothing else.
namespace headgate::reconciler {
namespace {

core::Trial ATrial() {
  core::Trial trial;
  trial.step = 2;
  trial.weight = 10;
  trial.observed_weight = 9.5;
  trial.observed = std::chrono::seconds(90);
  trial.no_verdict = std::chrono::seconds(15);
  core::Evidence evidence;
  evidence.metric = "error-rate";
  evidence.verdict = core::Verdict::kHold;
  evidence.bad = 3;
  evidence.requests = 40;
  trial.evidence = {evidence};
  return trial;
}

bool Has(const Metrics& metrics, const std::string& line) {
  return metrics.Text().find(line + "\n") != std::string::npos;
}

TEST(RolloutMetrics, TellOfATrial) {
  Metrics metrics;
  metrics.Application("prod/shop", true, ATrial());
  for (const char* line :
       {R"(headgate_rollout_phase{application="prod/shop",phase="Trial"} 1)",
        R"(headgate_rollout_phase{application="prod/shop",phase="Held"} 0)",
        R"(headgate_rollout_step{application="prod/shop"} 3)",
        R"(headgate_rollout_weight_percent{application="prod/shop"} 10)",
        R"(headgate_rollout_observed_weight_percent{application="prod/shop"} 9.5)",
        R"(headgate_rollout_step_observed_seconds{application="prod/shop"} 90)",
        R"(headgate_rollout_no_verdict_seconds{application="prod/shop"} 15)",
        R"(headgate_rollout_canary_requests{application="prod/shop",metric="error-rate"} 40)",
        R"(headgate_rollout_canary_bad_requests{application="prod/shop",metric="error-rate"} 3)",
        R"(headgate_rollout_verdict{application="prod/shop",metric="error-rate",verdict="hold"} 1)",
        R"(headgate_rollout_verdict{application="prod/shop",metric="error-rate",verdict="fail"} 0)",
        R"(headgate_rollout_ended_total{application="prod/shop",result="promoted"} 0)"})
    EXPECT_TRUE(Has(metrics, line)) << line << "\n" << metrics.Text();
}

TEST(RolloutMetrics, ForgetEvidenceWithItsTrialAndAllWithTheApplication) {
  Metrics metrics;
  metrics.Application("prod/shop", true, ATrial());
  metrics.Application("prod/other", true, core::Stable{});
  metrics.Application("prod/shop", true, core::Stable{});
  EXPECT_EQ(metrics.Text().find("error-rate"), std::string::npos);
  EXPECT_TRUE(Has(metrics, R"(headgate_rollout_step{application="prod/shop"} 0)"));
  metrics.Application("prod/shop", true, ATrial());
  metrics.Forget("prod/shop");
  EXPECT_EQ(metrics.Text().find("prod/shop"), std::string::npos);
  EXPECT_NE(metrics.Text().find("prod/other"), std::string::npos);
}

TEST(RolloutMetrics, CountHowRolloutsEnd) {
  Metrics metrics;
  core::RollingBack back;
  const core::Position kWay[] = {ATrial(), core::Promoting{}, core::Stable{}, ATrial(),
                                 back,     core::Held{},      core::Held{},   ATrial(),
                                 back,     core::Stable{}};
  for (const core::Position& position : kWay) metrics.Application("a/b", true, position);
  for (const char* result : {"promoted", "rolled_back", "given_up"})
    EXPECT_TRUE(
        Has(metrics, std::string(R"(headgate_rollout_ended_total{application="a/b",result=")") +
                         result + "\"} 1"))
        << result << "\n"
        << metrics.Text();
}

TEST(RolloutMetrics, KeepTheirNumberOverManyRollouts) {
  Metrics metrics;
  metrics.Application("a/b", true, ATrial());
  const size_t size = metrics.Text().size();
  for (int i = 0; i < 100; ++i) {
    core::Trial trial = ATrial();
    trial.candidate.revision = std::to_string(i);
    trial.pods = {"web-canary-" + std::to_string(i)};
    metrics.Application("a/b", true, core::Stable{});
    metrics.Application("a/b", true, trial);
  }
  EXPECT_EQ(metrics.Text().size(), size);
}

core::Value Dashboard() {
  std::ifstream file(HEADGATE_SOURCE_DIR "/install/grafana/rollouts.json");
  std::stringstream text;
  text << file.rdbuf();
  core::Result<core::Value> value = core::ParseJson(text.str());
  EXPECT_TRUE(value);
  return value ? *value : core::Value();
}

TEST(Dashboard, AsksOnlyForWhatTheDaemonExports) {
  Metrics metrics;
  metrics.Looked("ok", std::chrono::seconds(1));
  metrics.Application("prod/shop", true, ATrial());
  const std::string text = metrics.Text();
  const std::regex name("headgate_[a-z_]+");
  std::set<std::string> asked;
  const core::Value dashboard = Dashboard();
  for (const core::Value& panel : dashboard.ListAt("panels")) {
    for (const core::Value& target : panel.ListAt("targets")) {
      const std::string& expr = target.StringAt("expr");
      ASSERT_FALSE(expr.empty()) << panel.StringAt("title");
      for (std::sregex_iterator at(expr.begin(), expr.end(), name), end; at != end; ++at)
        asked.insert(at->str());
    }
  }
  EXPECT_GT(asked.size(), 10);
  for (const std::string& each : asked) {
    const bool exported = text.find("\n" + each + "{") != std::string::npos ||
                          text.find("\n" + each + " ") != std::string::npos;
    EXPECT_TRUE(exported) << each;
  }
  // And nothing of a rollout is left out of it.
  const std::regex help("# HELP (headgate_rollout_[a-z_]+)");
  for (std::sregex_iterator at(text.begin(), text.end(), help), end; at != end; ++at)
    EXPECT_TRUE(asked.contains((*at)[1].str())) << (*at)[1].str();
}

TEST(Dashboard, IsOneThatGrafanaTakes) {
  const core::Value dashboard = Dashboard();
  EXPECT_GE(dashboard.IntAt(0, "schemaVersion"), 36);
  EXPECT_FALSE(dashboard.StringAt("uid").empty());
  std::set<int64_t> ids;
  for (const core::Value& panel : dashboard.ListAt("panels")) {
    EXPECT_TRUE(ids.insert(panel.IntAt(0, "id")).second) << panel.StringAt("title");
    EXPECT_FALSE(panel.StringAt("title").empty());
    EXPECT_FALSE(panel.StringAt("type").empty());
    EXPECT_LE(panel.IntAt(0, "gridPos", "x") + panel.IntAt(99, "gridPos", "w"), 24);
    EXPECT_EQ(panel.StringAt("datasource", "uid"), "${datasource}");
  }
}

}  // namespace
}  // namespace headgate::reconciler
