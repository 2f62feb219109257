#include <gtest/gtest.h>

#include "core/application.h"
#include "rollout/compose.h"
#include "rollout/routers/router.h"
#include "rollout/steps.h"
#include "tests/unit/rollout/objects.h"
#include "tests/unit/rollout/world.h"

// The baseline: what is composed of it, and where it cannot be. The stories are scenarios.
namespace headgate::rollout {
namespace {

const core::Object* Find(const core::Stages& stages, std::string_view kind, std::string_view name) {
  for (const core::Stage& stage : stages) {
    for (const core::Object& object : stage.objects) {
      if (object.body.StringAt("kind") == kind && core::NameOf(object.body) == name) return &object;
    }
  }
  return nullptr;
}

core::RolloutSpec Spec() {
  return SpecOf(
      {core::SetBaseline{}, core::SetWeight{20}, core::SetBaseline{false}, core::SetWeight{60}});
}

core::Result<core::Stages> ComposeAt(const core::RolloutSpec& spec, const core::Trial& trial) {
  static const core::BundleRecord stable{1, BundleOf({"1111111aaaa"}), "s", true, {}, ""};
  static const core::BundleRecord candidate{
      0, BundleOf({"2222222bbbb", "v2", "other"}), "g", true, {}, ""};
  core::Trial at = trial;
  at.candidate = {"2222222bbbb", candidate.bundle.hash, "g"};
  return Compose({&stable, &candidate, &spec, at, {}, {}});
}

TEST(Baseline, IsStablesPodsWithASelectorOfTheirOwn) {
  const core::RolloutSpec spec = Spec();
  core::Trial trial;
  trial.step = 1;
  trial.part = core::Trial::Part::kObserving;
  trial.weight = trial.scale = 20;
  trial.routed = 2;
  trial.baseline = true;
  const core::Result<core::Stages> stages = ComposeAt(spec, trial);
  ASSERT_TRUE(stages);
  const core::Object* workload = Find(*stages, "Deployment", "web-baseline");
  const core::Object* canary = Find(*stages, "Deployment", "web-canary");
  ASSERT_NE(workload, nullptr);
  ASSERT_NE(canary, nullptr);
  const core::Value& pods = *core::PodTemplateOf(workload->body);
  EXPECT_EQ(workload->body.StringAt("spec", "selector", "matchLabels", "app"), "web-baseline");
  EXPECT_EQ(core::LabelOf(pods, "app"), "web-baseline");
  EXPECT_EQ(core::LabelOf(pods, core::kTrackLabel), "baseline");
  EXPECT_EQ(pods.ListAt("spec", "containers").front().StringAt("image"), "shop:good");
  EXPECT_EQ(workload->body.IntAt(0, "spec", "replicas"),
            canary->body.IntAt(-1, "spec", "replicas"));
  EXPECT_EQ(core::AnnotationOf(workload->body, core::kGatedHashAnnotation), "s");
  const core::Object* service = Find(*stages, "Service", "web-baseline");
  ASSERT_NE(service, nullptr);
  EXPECT_EQ(service->body.StringAt("spec", "selector", "app"), "web-baseline");
  // It sees stable's configuration, by the copy that stable's pods use.
  const auto config = [](const core::Object& object) {
    return core::PodTemplateOf(object.body)
        ->ListAt("spec", "containers")
        .front()
        .ListAt("envFrom")
        .front()
        .StringAt("configMapRef", "name");
  };
  EXPECT_EQ(config(*workload), config(*Find(*stages, "Deployment", "web")));
  EXPECT_NE(config(*workload), config(*canary));
}

TEST(Baseline, GetsAsMuchAsTheCanary) {
  const core::RolloutSpec spec = Spec();
  core::Trial trial;
  trial.step = 1;
  trial.part = core::Trial::Part::kObserving;
  trial.weight = trial.scale = 20;
  trial.routed = 2;
  trial.baseline = true;
  const core::Result<core::Stages> stages = ComposeAt(spec, trial);
  ASSERT_TRUE(stages);
  const core::Object* route = Find(*stages, "HTTPRoute", "web");
  ASSERT_NE(route, nullptr);
  const core::List& to = route->body.ListAt("spec", "rules").front().ListAt("backendRefs");
  ASSERT_EQ(to.size(), 3);
  EXPECT_EQ(to[0].IntAt(0, "weight"), 60);
  EXPECT_EQ(to[1].StringAt("name"), "web-canary");
  EXPECT_EQ(to[1].IntAt(0, "weight"), 20);
  EXPECT_EQ(to[2].StringAt("name"), "web-baseline");
  EXPECT_EQ(to[2].IntAt(0, "weight"), 20);
  // What is read back of it is the canary's share of all three.
  const auto live = std::make_shared<const core::Value>(route->body);
  const RouteSeen seen =
      routers::RouterFor(spec.traffic).See(spec, [&](const core::ObjectRef&) { return live; });
  EXPECT_EQ(seen.weight, 20);
  EXPECT_EQ(seen.extras, "baseline");
}

TEST(Baseline, StaysUntilTheRouteNoLongerNamesIt) {
  const core::RolloutSpec spec = Spec();
  EXPECT_TRUE(BaselineAt(spec, 1));
  EXPECT_FALSE(BaselineAt(spec, 2));
  core::Trial trial;
  trial.step = 2;  // takes it away
  trial.part = core::Trial::Part::kShifting;
  trial.weight = trial.scale = 20;
  trial.routed = 3;
  trial.baseline = true;
  const core::Result<core::Stages> stages = ComposeAt(spec, trial);
  ASSERT_TRUE(stages);
  EXPECT_NE(Find(*stages, "Deployment", "web-baseline"), nullptr);
  EXPECT_EQ(Find(*stages, "HTTPRoute", "web")
                ->body.ListAt("spec", "rules")
                .front()
                .ListAt("backendRefs")
                .size(),
            2);
}

TEST(Baseline, IsRefusedWhereRequestsAreNotSplitThreeWays) {
  core::RolloutSpec spec = Spec();
  spec.traffic = {core::Traffic::By::kReplicas, "", {}, ""};
  const core::Status checked = CheckBundle(BundleOf({"1111111aaaa"}).objects,
                                           SpecOf({core::SetBaseline{}, core::SetWeight{20}}));
  EXPECT_TRUE(checked) << checked.error().text();
  spec.steps = {core::SetBaseline{}, core::SetWeight{20}};
  const core::Status refused = CheckBundle(BundleOf({"1111111aaaa"}).objects, spec);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text().find("setBaseline cannot be done with spec.traffic.replicas"),
            std::string::npos)
      << refused.error().text();
}

}  // namespace
}  // namespace headgate::rollout
