#include "deploy/ignored.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "deploy/apply.h"
#include "environment.h"

namespace headgate::deploy {
namespace {

const Type kDeployments = {"apps/v1", "Deployment"};

class IgnoredApplyTest : public ClusterTest {
 protected:
  IgnoredApplyTest() {
    options_.set = ApplySetOf({"headgate.dev", "Application", namespace_name_, "shop"});
    options_.namespace_name = namespace_name_;
  }

  core::Object Deployment(std::optional<int> replicas, const std::string& image = "web:1") const {
    core::Value body = Parsed(
        "{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web','namespace':'NS'},"
        "'spec':{'selector':{'matchLabels':{'app':'web'}},"
        "'template':{'metadata':{'labels':{'app':'web'}},"
        "'spec':{'containers':[{'name':'web'}]}}}}");
    if (replicas) body.Find("spec")->AsMap()->Set("replicas", *replicas);
    (*body.Find("spec", "template", "spec", "containers")->AsList())[0].AsMap()->Set("image",
                                                                                     image);
    return {body, "web.yaml"};
  }
  core::Object Autoscaler() const {
    return {Parsed("{'apiVersion':'autoscaling/v2','kind':'HorizontalPodAutoscaler','metadata':{"
                   "'name':'web','namespace':'NS'},'spec':{'maxReplicas':10,'scaleTargetRef':{"
                   "'apiVersion':'apps/v1','kind':'Deployment','name':'web'}}}"),
            "hpa.yaml"};
  }
  // As the deployment of a commit would: what somebody else wrote over meanwhile is seen anew.
  void Apply(const core::Objects& objects, std::vector<core::IgnoreRule> rules = {}) {
    for (core::IgnoreRule& rule : ScaledByOthers(objects)) rules.push_back(rule);
    options_.ignored = std::make_shared<const Ignored>(rules);
    ApplyOutcome outcome = Must(deployer_.Apply(objects, options_));
    for (int i = 0; i < 10 && !outcome.ok(); ++i) {
      if (outcome.status().error().fault() != core::Fault::kConflict) break;
      outcome = Must(deployer_.Apply(objects, options_));
    }
    EXPECT_TRUE(outcome.ok()) << outcome.status().error().text();
  }
  void Scale(int replicas) {
    Must(client_.Patch(kDeployments, namespace_name_, "web",
                       core::Map{{"spec", core::Map{{"replicas", replicas}}}},
                       {.subresource = "scale"}));
  }
  core::Value Live() const { return Must(client_.Get(kDeployments, namespace_name_, "web")); }
  int64_t Replicas() const { return Live().IntAt(0, "spec", "replicas"); }
  std::string Image() const {
    return Live().ListAt("spec", "template", "spec", "containers")[0].StringAt("image");
  }
  static core::IgnoreRule ReplicasRule() {
    core::IgnoreRule rule;
    rule.kind = "Deployment";
    rule.json_pointers = {"/spec/replicas"};
    return rule;
  }

  ApplyOptions options_;
  Applied applied_;
  Deployer deployer_{client_, &applied_};
};

TEST_F(IgnoredApplyTest, LeavesTheReplicasToAnAutoscalerThatComes) {
  Apply({Deployment(7)});
  Apply({Deployment(std::nullopt), Autoscaler()});  // git gives them up
  EXPECT_EQ(Replicas(), 7);
  Scale(9);
  Apply({Deployment(std::nullopt, "web:2"), Autoscaler()});
  EXPECT_EQ(Replicas(), 9);
  EXPECT_EQ(Image(), "web:2");
}

TEST_F(IgnoredApplyTest, LeavesTheReplicasAloneThatGitStillNames) {
  Apply({Deployment(7)});
  Apply({Deployment(3), Autoscaler()});
  EXPECT_EQ(Replicas(), 7);
  Apply({Deployment(3)});  // the autoscaler is gone from git
  EXPECT_EQ(Replicas(), 3);
}

TEST_F(IgnoredApplyTest, HandsOverWhatIsIgnoredAndTakesItBack) {
  Apply({Deployment(7)});
  Apply({Deployment(2)}, {ReplicasRule()});
  EXPECT_EQ(Replicas(), 7);
  EXPECT_FALSE(IsEmptyTree(AppliedTree(Live(), kReleasedManager)));
  Scale(5);
  Apply({Deployment(2)}, {ReplicasRule()});
  EXPECT_EQ(Replicas(), 5);
  options_.live = [live = std::make_shared<const core::Value>(Live())](const auto&) {
    return live;
  };
  const uint64_t before = client_.requests_sent();
  Apply({Deployment(2)}, {ReplicasRule()});
  EXPECT_EQ(client_.requests_sent(), before) << "nothing changed, so nothing is sent";
  options_.live = nullptr;
  Apply({Deployment(2)});
  EXPECT_EQ(Replicas(), 2);
  EXPECT_TRUE(IsEmptyTree(AppliedTree(Live(), kReleasedManager)));
}

TEST_F(IgnoredApplyTest, GivesUpASecondFieldWithoutLosingTheFirst) {
  core::Object web = Deployment(7);
  core::SetAnnotation(&web.body, "example.org/note", "mine");
  Apply({web});
  Apply({web}, {ReplicasRule()});
  core::IgnoreRule both = ReplicasRule();
  both.jq_paths = {".metadata.annotations[\"example.org/note\"]"};
  core::Object other = Deployment(1, "web:2");
  core::SetAnnotation(&other.body, "example.org/note", "theirs");
  Apply({other}, {both});
  EXPECT_EQ(Replicas(), 7);
  EXPECT_EQ(core::AnnotationOf(Live(), "example.org/note"), "mine");
  EXPECT_EQ(Image(), "web:2");
}

TEST_F(IgnoredApplyTest, AppliesWhatIsIgnoredWhenItIsMade) {
  Apply({Deployment(4)}, {ReplicasRule()});
  EXPECT_EQ(Replicas(), 4);
}

TEST_F(IgnoredApplyTest, PlansNothingForWhatIsIgnored) {
  Apply({Deployment(7)});
  options_.ignored = std::make_shared<const Ignored>(std::vector{ReplicasRule()});
  const Plan plan = Must(Deployer(client_, nullptr).PlanFor({Deployment(2)}, {}, options_));
  EXPECT_EQ(plan.Count(ChangeKind::kUnchanged), 1U) << Show(plan);
}

}  // namespace
}  // namespace headgate::deploy
