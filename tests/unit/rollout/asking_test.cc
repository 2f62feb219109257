#include <gtest/gtest.h>

#include "core/application.h"
#include "core/json.h"
#include "rollout/compose.h"
#include "rollout/gate.h"
#include "rollout/job.h"
#include "tests/unit/rollout/objects.h"
#include "tests/unit/rollout/world.h"

// Gates and jobs: what is asked, what an answer means, what is run. The stories are scenarios.
namespace headgate::rollout {
namespace {

TEST(Gate, SendsWhatFlaggersWebhooksSend) {
  core::Gate gate;
  gate.metadata = core::Map{{"team", "web"}};
  core::RolloutSpec spec = SpecOf({gate});
  spec.namespace_name = "prod";
  core::Trial trial;
  trial.candidate = {"2222222bbbb", "b", "g"};
  trial.weight = 10;
  EXPECT_EQ(GateBody(spec, gate, trial),
            R"({"name":"shop","namespace":"prod","phase":"Progressing","checksum":"g",)"
            R"("revision":"2222222bbbb","step":0,"weight":10,"metadata":{"team":"web"}})");
}

TEST(Gate, TakesOnlyAnswersThatSpeakOfTheCandidate) {
  using Says = GateSeen::Says;
  const struct {
    int status;
    Says says;
  } kCases[] = {{200, Says::kGo},      {202, Says::kGo},      {204, Says::kGo},
                {299, Says::kGo},      {301, Says::kUnknown}, {307, Says::kUnknown},
                {400, Says::kRefused}, {403, Says::kRefused}, {404, Says::kRefused},
                {408, Says::kUnknown}, {425, Says::kUnknown}, {429, Says::kUnknown},
                {499, Says::kRefused}, {500, Says::kUnknown}, {503, Says::kUnknown},
                {0, Says::kUnknown},   {100, Says::kUnknown}, {999, Says::kUnknown}};
  for (const auto& c : kCases) EXPECT_EQ(ReadGateAnswer(c.status).says, c.says) << c.status;
  EXPECT_EQ(ReadGateError(core::Unavailable("reset")).says, Says::kUnknown);
}

core::Job Smoke() {
  core::Result<core::Value> spec = core::ParseJson(
      R"({"backoffLimit":0,"template":{"spec":{"containers":[{"name":"a","image":"smoke:1",
          "envFrom":[{"configMapRef":{"name":"web-config"}},{"configMapRef":{"name":"note"}}]}]}}})");
  EXPECT_TRUE(spec);
  return {"smoke", *spec};
}

TEST(Job, IsAVariantWithBoundsOfItsOwn) {
  const core::RolloutSpec spec = SpecOf({Smoke()});
  const core::Bundle bundle = BundleOf({"2222222bbbb", "v2", "other"});
  const core::Object job = MakeJob(spec, Smoke(), core::Trial{}, bundle.objects);
  EXPECT_TRUE(core::IsKind(job.body, "batch", "Job"));
  EXPECT_NE(core::LabelOf(job.body, core::kVariantLabel), "");
  EXPECT_EQ(job.body.IntAt(0, "spec", "activeDeadlineSeconds"), 1800);
  EXPECT_EQ(job.body.StringAt("spec", "template", "spec", "restartPolicy"), "Never");
  // The candidate's copy of what the canary uses too; what only it uses keeps its name.
  const core::List& from =
      job.body.ListAt("spec", "template", "spec", "containers").front().ListAt("envFrom");
  EXPECT_TRUE(from[0].StringAt("configMapRef", "name").starts_with("web-config-"));
  EXPECT_EQ(from[1].StringAt("configMapRef", "name"), "note");
}

TEST(Job, HasAnotherNameForEachRun) {
  core::RolloutSpec spec = SpecOf({Smoke()});
  core::Trial trial;
  trial.candidate.gated_hash = "a";
  const std::string name = JobNameOf(spec, Smoke(), trial);
  EXPECT_TRUE(name.starts_with("shop-smoke-")) << name;
  EXPECT_EQ(JobNameOf(spec, Smoke(), trial), name);
  core::Trial later = trial;
  later.since += std::chrono::milliseconds(1);
  EXPECT_NE(JobNameOf(spec, Smoke(), later), name);
  core::Trial other = trial;
  other.candidate.gated_hash = "b";
  EXPECT_NE(JobNameOf(spec, Smoke(), other), name);
  core::Job changed = Smoke();
  changed.spec.MakeMap().Set("backoffLimit", 1);
  EXPECT_NE(JobNameOf(spec, changed, trial), name);
  spec.name = std::string(63, 'x');
  EXPECT_EQ(JobNameOf(spec, Smoke(), trial).size(), 63);
}

TEST(Job, IsComposedOnlyInItsStepAndAfterTheTraffic) {
  const core::RolloutSpec spec = SpecOf({core::SetWeight{10}, Smoke(), core::SetWeight{50}});
  core::BundleRecord stable{1, BundleOf({"1111111aaaa"}), "", false, {}, ""};
  core::BundleRecord candidate{0, BundleOf({"2222222bbbb", "v2"}), "g", true, {}, ""};
  core::Trial trial;
  trial.candidate = {"2222222bbbb", candidate.bundle.hash, "g"};
  trial.weight = 10;
  trial.scale = 10;
  for (int64_t step = 0; step < 3; ++step) {
    for (const auto part : {core::Trial::Part::kWarming, core::Trial::Part::kShifting,
                            core::Trial::Part::kObserving}) {
      trial.step = step;
      trial.part = part;
      const core::Result<core::Stages> stages =
          Compose({&stable, &candidate, &spec, trial, {}, {}});
      ASSERT_TRUE(stages);
      const bool there = stages->back().name == "job";
      EXPECT_EQ(there, step == 1 && part == core::Trial::Part::kObserving);
      EXPECT_NE(stages->at(stages->size() - 1 - there).name, "job");
    }
  }
}

TEST(Job, IsRefusedWhereAServiceWouldSendToItsPods) {
  core::Job job = Smoke();
  job.spec.MakeMap()["template"].MakeMap().Set("metadata",
                                               core::Map{{"labels", core::Map{{"app", "web"}}}});
  const core::Status checked =
      CheckBundle(BundleOf({"1111111aaaa"}).objects, SpecOf({core::SetWeight{10}, job}));
  ASSERT_FALSE(checked);
  EXPECT_NE(checked.error().text().find("job smoke: Service web (shop.yaml) would send requests"),
            std::string::npos)
      << checked.error().text();
}

TEST(Job, IsSeenAsItStands) {
  using State = JobSeen::State;
  const struct {
    const char* status;
    State state;
    const char* why;
  } kCases[] = {
      {R"({})", State::kRunning, "0 of its pods active"},
      {R"({"active":1,"failed":2})", State::kRunning, "1 of its pods active, 2 failed"},
      {R"({"conditions":[{"type":"Complete","status":"True"}]})", State::kSucceeded, ""},
      {R"({"conditions":[{"type":"Complete","status":"False"}],"active":1})", State::kRunning,
       "1 of its pods active"},
      {R"({"conditions":[{"type":"FailureTarget","status":"True"}],"active":1})", State::kRunning,
       "1 of its pods active"},
      {R"({"conditions":[{"type":"Failed","status":"True","reason":"BackoffLimitExceeded","message":"m"}]})",
       State::kFailed, "BackoffLimitExceeded: m"},
  };
  for (const auto& c : kCases) {
    const core::Value live = core::Map{{"status", *core::ParseJson(c.status)}};
    EXPECT_EQ(SeeJob(&live).state, c.state) << c.status;
    EXPECT_EQ(SeeJob(&live).why, c.why);
  }
  EXPECT_EQ(SeeJob(nullptr).state, State::kAbsent);
}

core::RolloutSpec Strict(std::vector<core::Step> steps) { return SpecOf(std::move(steps)); }

TEST(Governing, TakesAwayNoGateAndNoJob) {
  core::Gate gate;
  gate.name = "freeze";
  const core::RolloutSpec with = Strict({core::SetWeight{10}, gate, Smoke(), core::SetWeight{50}});
  const core::RolloutSpec without = Strict({core::SetWeight{10}, core::SetWeight{50}});
  const core::RolloutSpec later = Strict({core::SetWeight{10}, Smoke(), core::SetWeight{50}, gate});
  EXPECT_TRUE(IsAsStrict(with, with));
  EXPECT_TRUE(IsAsStrict(with, without));
  EXPECT_FALSE(IsAsStrict(without, with));
  EXPECT_FALSE(IsAsStrict(later, with));
}

}  // namespace
}  // namespace headgate::rollout
