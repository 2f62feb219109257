// What annotations do, on a real API server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/application.h"
#include "deploy/apply.h"
#include "environment.h"

namespace headgate::deploy {
namespace {

using testing::HasSubstr;

const Type kJobs = {"batch/v1", "Job"};

class PolicyApplyTest : public ClusterTest {
 protected:
  PolicyApplyTest() {
    options_.set = ApplySetOf({"headgate.dev", "Application", namespace_name_, "shop"});
    options_.namespace_name = namespace_name_;
  }

  core::Object Map(const std::string& value, const std::string& annotations) const {
    core::Value body = ConfigMap("settings", value);
    const core::Value parsed = Parsed("{" + annotations + "}");
    for (const core::Map::Entry& entry : *parsed.AsMap()) {
      core::SetAnnotation(&body, entry.first, *entry.second.AsString());
    }
    return {body, ""};
  }
  // Suspended, so that no controller touches it.
  core::Object Hook(const std::string& name, const std::string& more = "") const {
    return {Parsed("{'apiVersion':'batch/v1','kind':'Job','metadata':{'name':'" + name +
                   "','annotations':{'argocd.argoproj.io/hook':'PreSync'" + more +
                   "}},'spec':{'suspend':true,'template':{'spec':{'restartPolicy':'Never',"
                   "'containers':[{'name':'c','image':'c:1'}]}}}}"),
            ""};
  }
  void Complete(const std::string& name) const {
    Must(client_.Patch(
        kJobs, namespace_name_, name,
        Parsed("{'status':{'startTime':'2026-01-01T00:00:00Z','completionTime':"
               "'2026-01-01T00:00:01Z','conditions':[{'type':'SuccessCriteriaMet','status':'True',"
               "'lastTransitionTime':'2026-01-01T00:00:01Z'},{'type':'Complete','status':'True',"
               "'lastTransitionTime':'2026-01-01T00:00:01Z'}]}}"),
        {.subresource = "status"}));
  }
  std::shared_ptr<const core::Value> Live(const core::ObjectRef& ref) const {
    const Type type = ref.kind == "Job" ? kJobs : kConfigMaps;
    core::Result<core::Value> live = client_.Get(type, ref.namespace_name, ref.name);
    return live ? std::make_shared<const core::Value>(std::move(*live)) : nullptr;
  }
  std::string Step(const core::Objects& bundle, HookRun* run) {
    HookOptions options;
    options.apply = options_;
    options.apply.live = [this](const core::ObjectRef& ref) { return Live(ref); };
    const core::Objects prepared = Must(deployer_.Prepare(bundle, options_));
    const HookMoves moves = Must(deployer_.StepHooks(prepared, HookPhase::kPre, run, options));
    return moves.done() ? "done" : moves.failed + moves.waiting;
  }
  std::string Data() const {
    return Must(client_.Get(kConfigMaps, namespace_name_, "settings")).StringAt("data", "k");
  }

  ApplyOptions options_;
  Applied applied_;
  Deployer deployer_{client_, &applied_};
};

TEST_F(PolicyApplyTest, RunsAHookOnceForABundle) {
  const core::Objects bundle = {Hook("migrate")};
  HookRun run{.bundle = "one"};
  EXPECT_THAT(Step(bundle, &run), HasSubstr("Pre hook Job " + namespace_name_ + "/migrate: "));
  const core::ObjectRef ref{"batch", "Job", namespace_name_, "migrate"};
  ASSERT_TRUE(Live(ref));
  const std::string uid = Live(ref)->StringAt("metadata", "uid");
  Complete("migrate");
  EXPECT_EQ(Step(bundle, &run), "done");
  EXPECT_EQ(Step(bundle, &run), "done");
  EXPECT_EQ(Live(ref)->StringAt("metadata", "uid"), uid);

  HookRun next{.bundle = "two"};  // the Job of the first goes, and is made anew
  EXPECT_TRUE(Eventually([&] {
    Step(bundle, &next);
    const auto live = Live(ref);
    return live && live->StringAt("metadata", "uid") != uid;
  }));
}

TEST_F(PolicyApplyTest, DeletesAHookThatIsDoneWhereItSaysSo) {
  const core::Objects bundle = {
      Hook("migrate", ",'argocd.argoproj.io/hook-delete-policy':'HookSucceeded'")};
  HookRun run{.bundle = "one"};
  Step(bundle, &run);
  Complete("migrate");
  Step(bundle, &run);
  EXPECT_TRUE(Eventually([&] { return !Live({"batch", "Job", namespace_name_, "migrate"}); }));
  EXPECT_EQ(Step(bundle, &run), "done");
}

TEST_F(PolicyApplyTest, LeavesWhatIsThereWithIfNotPresent) {
  Must(client_.Create(ConfigMap("settings", "theirs")));
  const core::Object wanted = Map("ours", "'headgate.dev/apply':'IfNotPresent'");
  EXPECT_EQ(Must(deployer_.Apply({wanted}, options_)).Count(ApplyResult::kUnchanged), 1u);
  EXPECT_EQ(Data(), "theirs");
  // Also where a view of what is ours does not show it.
  options_.live = [](const core::ObjectRef&) { return nullptr; };
  EXPECT_EQ(Must(deployer_.Apply({wanted}, options_)).Count(ApplyResult::kUnchanged), 1u);
  EXPECT_EQ(Data(), "theirs");
}

TEST_F(PolicyApplyTest, LeavesAloneWhatALiveAnnotationProtects) {
  Must(deployer_.Apply({Map("1", "")}, options_));
  Must(client_.Patch(
      kConfigMaps, namespace_name_, "settings",
      Parsed("{'metadata':{'annotations':{'kustomize.toolkit.fluxcd.io/reconcile':'disabled'}}}")));
  Must(deployer_.Apply({Map("2", "")}, options_));
  EXPECT_EQ(Data(), "1");
}

TEST_F(PolicyApplyTest, RefusesWhatBelongsToAnotherApplicationAndNamesIt) {
  Must(client_.Create(
      Parsed("{'apiVersion':'headgate.dev/v1alpha1','kind':'Application','metadata':{'name':'shop',"
             "'namespace':'NS'},'spec':{'source':{'url':'https://git.example.com/shop.git'}}}")));
  Must(deployer_.Apply({Map("first", "")}, options_));
  ApplyOptions second = options_;
  second.set = ApplySetOf({"headgate.dev", "Application", namespace_name_, "thief"});
  const ApplyOutcome refused = Must(deployer_.Apply({Map("second", "")}, second));
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.status().error().text(),
              HasSubstr("belongs to the Application " + namespace_name_ + "/shop"));
  EXPECT_EQ(Data(), "first");
  second.take_over = true;
  EXPECT_TRUE(Must(deployer_.Apply({Map("second", "")}, second)).ok());
  EXPECT_EQ(Data(), "second");
}

TEST_F(PolicyApplyTest, MakesAnewOnlyWhatMayBe) {
  const auto deployment = [&](const std::string& app, const std::string& annotations) {
    return core::Object{
        Parsed(
            "{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web','annotations':{" +
            annotations + "}},'spec':{'replicas':0,'selector':{'matchLabels':{'app':'" + app +
            "'}},'template':{'metadata':{'labels':{'app':'" + app +
            "'}},'spec':{'containers':[{'name':'c','image':'c:1'}]}}}}"),
        ""};
  };
  Must(deployer_.Apply({deployment("a", "")}, options_));
  const ApplyOutcome refused = Must(deployer_.Apply({deployment("b", "")}, options_));
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.status().error().text(), HasSubstr("headgate.dev/apply: Recreate"));
  const core::Object anew = deployment("b", "'headgate.dev/apply':'Recreate'");
  EXPECT_THAT(Show(Must(deployer_.PlanFor({anew}, {}, options_))),
              HasSubstr("! recreate Deployment " + namespace_name_ +
                        "/web: spec.selector cannot be changed"));
  const ApplyOutcome made = Must(deployer_.Apply({anew}, options_));
  EXPECT_TRUE(made.ok()) << made.status().error().text();
}

TEST_F(PolicyApplyTest, HoldsPrunesThatTakeDataAlongUntilSomebodyAgrees) {
  const core::Object claim = {
      Parsed("{'apiVersion':'v1','kind':'PersistentVolumeClaim','metadata':{'name':'data'},'spec':{"
             "'accessModes':['ReadWriteOnce'],'resources':{'requests':{'storage':'1Mi'}}}}"),
      ""};
  const Inventory before = Must(deployer_.Apply({claim, Map("1", "")}, options_)).inventory;
  const Inventory wanted = InventoryOf(Must(deployer_.Prepare({Map("1", "")}, options_)));
  PruneOptions prune;
  prune.set = options_.set;
  prune.confirm = core::ConfirmPrunes::kRisky;
  const PruneOutcome held = Must(deployer_.Prune(before, wanted, prune));
  EXPECT_EQ(held.waiting.size(), 1u);
  EXPECT_EQ(held.remaining, before);
  prune.confirmed = "00000000";  // of something else
  EXPECT_EQ(Must(deployer_.Prune(before, wanted, prune)).waiting.size(), 1u);
  prune.confirmed = held.token;
  const PruneOutcome agreed = Must(deployer_.Prune(before, wanted, prune));
  EXPECT_EQ(agreed.pruned.size(), 1u);
  EXPECT_EQ(agreed.remaining, wanted);
}

}  // namespace
}  // namespace headgate::deploy
