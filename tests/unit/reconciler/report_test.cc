#include "reconciler/report.h"

#include <gtest/gtest.h>

#include "core/json.h"

namespace headgate::reconciler {
namespace {

const core::Candidate kCandidate{"3f2a91c0000", "b", "g"};

Report Released() {
  Report report;
  report.observed_generation = 3;
  report.revision = "8be01d2ffff";
  report.release.emplace();
  report.release->number = 4;
  report.release->bundle.revision = "8be01d2ffff";
  return report;
}

Report With(core::Position position, std::string why = "") {
  Report report = Released();
  report.position = std::move(position);
  report.rollout_why = std::move(why);
  return report;
}

Report In(Trouble trouble, core::Fault fault, std::string message) {
  Report report = Released();
  report.trouble = trouble;
  report.fault = fault;
  report.message = std::move(message);
  return report;
}

Report Sick(deploy::HealthCode code, std::string why) {
  Report report = Released();
  report.health = {code, std::move(why)};
  return report;
}

Report Overdue() {
  Report report = Sick(deploy::HealthCode::kProgressing, "Deployment web: 1 of 2");
  report.overdue = true;
  return report;
}

Report Unreleased() {
  Report report = Released();
  report.release.reset();
  return report;
}

// "Ready=True" and its like, of a whole status.
std::string Conditions(const core::Value& status) {
  std::string text;
  for (const core::Value& condition : status.ListAt("conditions")) {
    text += condition.StringAt("type") + "=" + condition.StringAt("status") + " ";
  }
  return text + status.ListAt("conditions").at(0).StringAt("reason");
}

struct Case {
  const char* name;
  Report report;
  std::string summary, conditions;
};

class ReportTest : public testing::TestWithParam<Case> {};

TEST_P(ReportTest, SaysHowItStands) {
  EXPECT_EQ(Summary(GetParam().report), GetParam().summary);
  const core::Value status = ToStatus(GetParam().report, nullptr, core::HandClock::kStart);
  EXPECT_EQ(Conditions(status), GetParam().conditions);
  EXPECT_EQ(status.StringAt("summary"), GetParam().summary);
}

INSTANTIATE_TEST_SUITE_P(
    Reconciler, ReportTest,
    testing::Values(
        Case{"Healthy", Released(), "Healthy",
             "Ready=True Reconciling=False Stalled=False Healthy"},
        Case{"FirstDeployment", Unreleased(), "Deploying",
             "Ready=False Reconciling=True Stalled=False Deploying"},
        Case{"Progressing", Sick(deploy::HealthCode::kProgressing, "Deployment web: 1 of 2"),
             "Progressing: Deployment web: 1 of 2",
             "Ready=False Reconciling=True Stalled=False Progressing"},
        Case{"Overdue", Overdue(),
             "Progressing: Deployment web: 1 of 2 (for longer than spec.sync.timeout)",
             "Ready=False Reconciling=False Stalled=True Overdue"},
        Case{"Degraded", Sick(deploy::HealthCode::kDegraded, "Deployment web: crashes"),
             "Degraded: Deployment web: crashes",
             "Ready=False Reconciling=False Stalled=True Degraded"},
        Case{"Held",
             With(core::Held{kCandidate,
                             "failed its canary at 2 %: error-rate 24.8 % > 10 % (n=412)"}),
             "Held: 3f2a91c failed its canary at 2 %: error-rate 24.8 % > 10 % (n=412)",
             "Ready=False Reconciling=False Stalled=True Held"},
        Case{"Trial",
             With(core::Trial{.candidate = kCandidate, .step = 1, .weight = 2}, "observing"),
             "Canary 2 %: 3f2a91c, step 2: observing",
             "Ready=False Reconciling=True Stalled=False Trial"},
        Case{"Promoting", With(core::Promoting{kCandidate}, "stable is updated"),
             "Promoting 3f2a91c: stable is updated",
             "Ready=False Reconciling=True Stalled=False Promoting"},
        Case{"BadFiles",
             In(Trouble::kRenderFailed, core::Fault::kInvalid,
                "web.yaml:3:1: a mapping was expected"),
             "RenderFailed: web.yaml:3:1: a mapping was expected",
             "Ready=False Reconciling=False Stalled=True RenderFailed"},
        Case{"GitIsAway",
             In(Trouble::kSourceFailed, core::Fault::kUnavailable, "connection refused"),
             "SourceFailed: connection refused",
             "Ready=False Reconciling=True Stalled=False SourceFailed"},
        Case{"Adoption",
             In(Trouble::kAdoptionNeeded, core::Fault::kInvalid, "adoption would change x"),
             "Held: adoption would change x",
             "Ready=False Reconciling=False Stalled=True AdoptionNeeded"}),
    [](const auto& test) { return test.param.name; });

TEST(Report, GivesAnEqualStatusWhereNothingMoved) {
  const core::Value first = ToStatus(Released(), nullptr, core::HandClock::kStart);
  const core::Value second =
      ToStatus(Released(), &first, core::HandClock::kStart + std::chrono::hours(1));
  EXPECT_EQ(core::ToJson(first), core::ToJson(second));
  const core::Value moved = ToStatus(Sick(deploy::HealthCode::kDegraded, "x"), &first,
                                     core::HandClock::kStart + std::chrono::hours(1));
  EXPECT_EQ(moved.ListAt("conditions").at(0).StringAt("lastTransitionTime"),
            "2026-01-01T01:00:00Z");  // Ready
  EXPECT_EQ(moved.ListAt("conditions").at(1).StringAt("lastTransitionTime"),
            "2026-01-01T00:00:00Z");  // Reconciling
}

TEST(Report, KeepsALongMessageOutOfTheStatus) {
  const core::Value status =
      ToStatus(In(Trouble::kRenderFailed, core::Fault::kInvalid, std::string(100000, 'x')), nullptr,
               core::HandClock::kStart);
  EXPECT_LT(core::ToJson(status).size(), 20000u);
}

}  // namespace
}  // namespace headgate::reconciler
