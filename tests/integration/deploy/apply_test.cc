#include "deploy/apply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/application.h"
#include "environment.h"
#include "proxy.h"

namespace headgate::deploy {
namespace {

using testing::HasSubstr;

class ApplyTest : public ClusterTest {
 protected:
  ApplyTest() {
    options_.set = ApplySetOf({"headgate.dev", "Application", namespace_name_, "shop"});
    options_.namespace_name = namespace_name_;
  }

  core::Value Deployment(int replicas) const {
    core::Value body = Parsed(
        "{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web'},'spec':{"
        "'selector':{'matchLabels':{'app':'web'}},'template':{'metadata':{'labels':{'app':'web'}},"
        "'spec':{'containers':[{'name':'web','image':'web:1','ports':[{'containerPort':80}],"
        "'resources':{'limits':{'cpu':'1000m'}}}]}}}}");
    body.Find("spec")->AsMap()->Set("replicas", replicas);
    return body;
  }
  core::Objects Shop(const std::string& value = "1") const {
    return {{Deployment(0), "web.yaml"},
            {ConfigMap("settings", value), "settings.yaml"},
            {Parsed("{'apiVersion':'v1','kind':'Service','metadata':{'name':'web'},'spec':{"
                    "'selector':{'app':'web'},'ports':[{'port':80}]}}"),
             "service.yaml"},
            {Parsed("{'apiVersion':'v1','kind':'Secret','metadata':{'name':'key'},"
                    "'stringData':{'password':'hunter2'}}"),
             "secret.yaml"}};
  }
  static std::string Shown(const ApplyOutcome& outcome) {
    std::string text;
    for (const ObjectOutcome& object : outcome.objects) {
      text += (text.empty() ? "" : ", ") + object.ref.kind + " " + std::string(Show(object.result));
    }
    return text;
  }
  bool IsLive(const Type& type, const std::string& name) const {
    const auto live = client_.Get(type, namespace_name_, name);
    return live && live->StringAt("metadata", "deletionTimestamp").empty();
  }

  ApplyOptions options_;
  Applied applied_;
  Deployer deployer_{client_, &applied_};
};

TEST_F(ApplyTest, AppliesInOrderAndLabels) {
  const ApplyOutcome outcome = Must(deployer_.Apply(Shop(), options_));
  EXPECT_EQ(Shown(outcome),
            "ConfigMap created, Secret created, Service created, Deployment created");
  const core::Value secret = Must(client_.Get({"v1", "Secret"}, namespace_name_, "key"));
  EXPECT_EQ(secret.StringAt("data", "password"), "aHVudGVyMg==");
  EXPECT_EQ(core::LabelOf(secret, core::kPartOfLabel), options_.set.id);
  EXPECT_EQ(core::AnnotationOf(secret, kApplicationAnnotation), namespace_name_ + "/shop");
  EXPECT_EQ(outcome.inventory.size(), 4u);
}

TEST_F(ApplyTest, SendsNothingWhenNothingMoved) {
  LiveObjects live;
  for (const ObjectOutcome& object : Must(deployer_.Apply(Shop(), options_)).objects) {
    live[object.ref] = object.live;
  }
  options_.live = [&](const core::ObjectRef& ref) { return live[ref]; };
  const uint64_t before = client_.requests_sent();
  EXPECT_EQ(Must(deployer_.Apply(Shop(), options_)).Count(ApplyResult::kUnchanged), 4u);
  EXPECT_EQ(client_.requests_sent(), before);

  EXPECT_EQ(Shown(Must(deployer_.Apply(Shop("2"), options_))),
            "ConfigMap updated, Secret unchanged, Service unchanged, Deployment unchanged");
  EXPECT_EQ(client_.requests_sent() - before, 1u);
}

TEST_F(ApplyTest, TakesAViewThatLagsBehindItsOwnApplyForNoDrift) {
  LiveObjects lagging;
  for (const ObjectOutcome& object : Must(deployer_.Apply(Shop("1"), options_)).objects) {
    lagging[object.ref] = object.live;
  }
  options_.live = [&](const core::ObjectRef& ref) { return lagging[ref]; };
  EXPECT_EQ(Must(deployer_.Apply(Shop("2"), options_)).Count(ApplyResult::kUpdated), 1u);
  const uint64_t before = client_.requests_sent();
  EXPECT_EQ(Must(deployer_.Apply(Shop("2"), options_)).Count(ApplyResult::kUnchanged), 4u);
  EXPECT_EQ(client_.requests_sent(), before);
}

TEST_F(ApplyTest, SendsNothingAfterARestartWhenAllIsEqual) {
  Must(deployer_.Apply(Shop(), options_));
  Applied nothing_known;
  const Deployer restarted(client_, &nothing_known);
  const core::Objects prepared = Must(restarted.Prepare(Shop(), options_));
  const LiveObjects live = Must(restarted.ReadLive(prepared, {}));
  options_.live = [&](const core::ObjectRef& ref) {
    const auto found = live.find(ref);
    return found == live.end() ? nullptr : found->second;
  };
  const uint64_t before = client_.requests_sent();
  EXPECT_EQ(Shown(Must(restarted.Apply(Shop(), options_))),
            "ConfigMap unchanged, Secret unchanged, Service unchanged, Deployment unchanged");
  EXPECT_EQ(client_.requests_sent(), before);
  EXPECT_EQ(nothing_known.size(), 4u);
}

TEST_F(ApplyTest, HealsWhatWasEditedByHandAndLeavesOthersFields) {
  Must(deployer_.Apply(Shop(), options_));
  Must(client_.Patch({"apps/v1", "Deployment"}, namespace_name_, "web",
                     Parsed("{'spec':{'replicas':3,'revisionHistoryLimit':4}}")));
  const ApplyOutcome healed = Must(deployer_.Apply(Shop(), options_));
  EXPECT_EQ(healed.Count(ApplyResult::kUpdated), 1u);
  const core::Value web = Must(client_.Get({"apps/v1", "Deployment"}, namespace_name_, "web"));
  EXPECT_EQ(web.IntAt(-1, "spec", "replicas"), 0);
  EXPECT_EQ(web.IntAt(-1, "spec", "revisionHistoryLimit"), 4);
  // Somebody else's field and a status move it on; nothing of ours did.
  Must(client_.Patch({"apps/v1", "Deployment"}, namespace_name_, "web",
                     Parsed("{'spec':{'revisionHistoryLimit':5}}")));
  EXPECT_EQ(Must(deployer_.Apply(Shop(), options_)).Count(ApplyResult::kUnchanged), 4u);
}

TEST_F(ApplyTest, RemovesAFieldThatIsNoLongerWantedAlsoAfterARestart) {
  core::Objects two = {{ConfigMap("settings", "1"), ""}};
  two[0].body.Find("data")->AsMap()->Set("second", "2");
  Must(deployer_.Apply(two, options_));
  const Deployer restarted(client_, nullptr);
  const ApplyOutcome outcome = Must(restarted.Apply({{ConfigMap("settings", "1"), ""}}, options_));
  EXPECT_EQ(Shown(outcome), "ConfigMap updated");
  EXPECT_EQ(outcome.objects[0].live->Find("data", "second"), nullptr);
}

TEST_F(ApplyTest, NamesTheOtherManagerWhereConflictsAreKept) {
  Must(client_.Apply(ConfigMap("settings", "theirs"), {.field_manager = "somebody"}));
  options_.force_conflicts = false;
  const ApplyOutcome outcome = Must(deployer_.Apply(Shop(), options_));
  EXPECT_EQ(Shown(outcome),
            "ConfigMap failed, Secret created, Service created, Deployment created");
  EXPECT_EQ(outcome.status().error().fault(), core::Fault::kConflict);
  EXPECT_THAT(outcome.status().error().text(), HasSubstr(R"(conflict with "somebody" (.data.k))"));
}

TEST_F(ApplyTest, GoesOnAfterAFailureAndCountsTheOthers) {
  core::Objects objects = Shop();
  objects[1].body.Find("metadata")->AsMap()->Set("name", "No_Such_Name");
  objects[2].body.Find("spec")->AsMap()->Set("type", "Nonsense");
  const ApplyOutcome outcome = Must(deployer_.Apply(objects, options_));
  EXPECT_EQ(outcome.Count(ApplyResult::kFailed), 2u);
  EXPECT_EQ(outcome.Count(ApplyResult::kCreated), 2u);
  EXPECT_THAT(outcome.status().error().text(), HasSubstr("No_Such_Name"));
  EXPECT_THAT(outcome.status().error().text(), HasSubstr("; and 1 more"));
}

TEST_F(ApplyTest, StopsWritingWhenTheLeaseIsLost) {
  options_.may_write = [] { return core::Conflict("the lease is lost"); };
  const ApplyOutcome outcome = Must(deployer_.Apply(Shop(), options_));
  EXPECT_EQ(outcome.Count(ApplyResult::kSkipped), 4u);
  EXPECT_THAT(outcome.status().error().text(), HasSubstr("the lease is lost"));
  EXPECT_FALSE(IsLive(kConfigMaps, "settings"));
}

TEST_F(ApplyTest, KeepsFences) {
  const ApplyOutcome first = Must(deployer_.Apply(Shop(), options_));
  const core::ObjectRef ref{"", "ConfigMap", namespace_name_, "settings"};
  options_.fences[ref] = first.objects[0].live->StringAt("metadata", "resourceVersion");
  Must(client_.Patch(kConfigMaps, namespace_name_, "settings", Parsed("{'data':{'x':'y'}}")));
  const ApplyOutcome late = Must(deployer_.Apply(Shop("2"), options_));
  EXPECT_EQ(late.objects[0].result, ApplyResult::kFailed);
  EXPECT_EQ(late.objects[0].error->fault(), core::Fault::kConflict);
}

TEST_F(ApplyTest, WaitsForItsOwnNamespaceAndKind) {
  const std::string group = namespace_name_ + ".example.com";
  core::Value definition = Parsed(
      "{'apiVersion':'apiextensions.k8s.io/v1','kind':'CustomResourceDefinition','metadata':{"
      "'name':'toasters.NS.example.com'},'spec':{'group':'NS.example.com','scope':'Namespaced',"
      "'names':{'kind':'Toaster','plural':'toasters'},'versions':[{'name':'v1','served':true,"
      "'storage':true,'schema':{'openAPIV3Schema':{'type':'object','properties':{'spec':{'type':"
      "'object','properties':{'slots':{'type':'integer'}}}}}}}]}}");
  const core::Objects objects = {
      {Parsed("{'apiVersion':'NS.example.com/v1','kind':'Toaster','metadata':{'name':'t',"
              "'namespace':'NS-two'},'spec':{'slots':2}}"),
       ""},
      {definition, ""},
      {Parsed("{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'NS-two'}}"), ""}};
  const Plan plan = Must(deployer_.PlanFor(objects, {}, options_));
  EXPECT_EQ(plan.Count(ChangeKind::kCreate), 3u);
  EXPECT_EQ(plan.warning, "");

  const ApplyOutcome outcome = Must(deployer_.Apply(objects, options_));
  EXPECT_TRUE(outcome.ok()) << outcome.status().error().text();
  EXPECT_EQ(Shown(outcome), "Namespace created, CustomResourceDefinition created, Toaster created");

  PruneOptions prune{.set = options_.set, .allow_empty = true};
  const PruneOutcome pruned = Must(deployer_.Prune(outcome.inventory, {}, prune));
  EXPECT_EQ(pruned.pruned.size(), 3u);
  EXPECT_EQ(core::Show(pruned.pruned[0]), "Toaster." + group + " " + namespace_name_ + "-two/t");
  EXPECT_TRUE(pruned.remaining.empty());
}

TEST_F(ApplyTest, SkipsWhatALostNamespaceWouldHold) {
  const core::Objects objects = {
      {Parsed("{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'NS_bad'}}"), ""},
      {Parsed(
           "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'x','namespace':'NS_bad'}}"),
       ""},
      {ConfigMap("settings", "1"), ""}};
  const ApplyOutcome outcome = Must(deployer_.Apply(objects, options_));
  EXPECT_EQ(Shown(outcome), "Namespace failed, ConfigMap skipped, ConfigMap created");
}

TEST_F(ApplyTest, RefusesAKindThatNobodyServesAndNamesTheFile) {
  const auto outcome = deployer_.Apply(
      {{Parsed("{'apiVersion':'example.com/v1','kind':'Teapot','metadata':{'name':'t'}}"),
        "tea.yaml"}},
      options_);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().fault(), core::Fault::kNotFound);
  EXPECT_THAT(outcome.error().text(), HasSubstr("tea.yaml"));
  EXPECT_THAT(outcome.error().text(), HasSubstr("no kind Teapot"));
}

TEST_F(ApplyTest, WritesOnBehalfOfTheAccountAndReadsAsItself) {
  const std::string user = ServiceAccountUser(namespace_name_, "deployer");
  Grant(user, "", "configmaps", {"patch", "create"});  // not get
  const Deployer deployer(client_.As(user), nullptr);
  EXPECT_TRUE(Eventually([&] {
    return Must(deployer.Apply({{ConfigMap("settings", "1"), ""}}, options_)).ok();
  }));
  const ApplyOutcome refused = Must(deployer.Apply(Shop("2"), options_));
  EXPECT_EQ(Shown(refused), "ConfigMap updated, Secret failed, Service failed, Deployment failed");
  EXPECT_EQ(refused.status().error().fault(), core::Fault::kForbidden);
}

TEST_F(ApplyTest, PrunesOnlyWhatIsOursAndUnguarded) {
  const ApplyOutcome all = Must(deployer_.Apply(Shop(), options_));
  Must(client_.Apply(ConfigMap("foreign", "1")));
  Must(client_.Patch({"v1", "Secret"}, namespace_name_, "key",
                     Parsed("{'metadata':{'annotations':{'headgate.dev/prune':'disabled'}}}")));
  Inventory inventory = all.inventory;
  inventory.push_back({{"", "ConfigMap", namespace_name_, "foreign"}, "v1"});
  inventory.push_back({{"", "ConfigMap", namespace_name_, "gone"}, "v1"});
  inventory.push_back({{"example.com", "Teapot", namespace_name_, "gone"}, "v1"});

  const core::Objects left = {{Deployment(0), ""}};
  const Inventory wanted = InventoryOf(Must(deployer_.Prepare(left, options_)));
  const PruneOutcome outcome = Must(deployer_.Prune(inventory, wanted, {.set = options_.set}));
  EXPECT_TRUE(outcome.status().ok());
  EXPECT_EQ(outcome.pruned.size(), 4u);  // settings, web Service, and two that were gone
  ASSERT_EQ(outcome.kept.size(), 2u);
  EXPECT_FALSE(IsLive(kConfigMaps, "settings"));
  EXPECT_FALSE(IsLive({"v1", "Service"}, "web"));
  EXPECT_TRUE(IsLive(kConfigMaps, "foreign"));
  EXPECT_TRUE(IsLive({"v1", "Secret"}, "key"));
  EXPECT_TRUE(IsLive({"apps/v1", "Deployment"}, "web"));
  ASSERT_EQ(outcome.remaining.size(), 2u);  // the Deployment, and the guarded Secret
  EXPECT_EQ(outcome.remaining[0].ref.kind, "Secret");
}

TEST_F(ApplyTest, PrunesNothingForAnEmptyRendering) {
  const ApplyOutcome all = Must(deployer_.Apply(Shop(), options_));
  const PruneOutcome outcome = Must(deployer_.Prune(all.inventory, {}, {.set = options_.set}));
  EXPECT_TRUE(outcome.pruned.empty());
  EXPECT_EQ(outcome.kept.size(), 4u);
  EXPECT_EQ(outcome.remaining, all.inventory);
  EXPECT_TRUE(IsLive(kConfigMaps, "settings"));
}

TEST_F(ApplyTest, PlansWhatTheServerWouldDoAndWritesNothing) {
  Must(deployer_.Apply(Shop(), options_));
  core::Objects next = Shop("2");
  next[0].body = Deployment(3);
  next.pop_back();  // the Secret leaves
  next.push_back({ConfigMap("more", "1"), "more.yaml"});
  const core::Objects before = Must(deployer_.Prepare(Shop(), options_));
  const Plan plan = Must(deployer_.PlanFor(next, InventoryOf(before), options_));
  const std::string ns = namespace_name_;
  EXPECT_EQ(Show(plan), "~ update ConfigMap " + ns + "/settings: 1 field differs\n" +
                            "    data.k: \"1\" -> \"2\"\n" + "+ create ConfigMap " + ns +
                            "/more: not in the cluster\n" + "~ update Deployment " + ns +
                            "/web: 1 field differs\n    spec.replicas: 0 -> 3\n" +
                            "- prune Secret " + ns + "/key: no longer wanted\n" +
                            "1 to create, 2 to update, 1 to prune, 1 unchanged\n");
  EXPECT_FALSE(IsLive(kConfigMaps, "more"));
  EXPECT_TRUE(IsLive({"v1", "Secret"}, "key"));
}

TEST_F(ApplyTest, PlansARefusal) {
  core::Objects objects = Shop();
  objects[2].body.Find("spec")->AsMap()->Set("type", "Nonsense");
  const Plan plan = Must(deployer_.PlanFor(objects, {}, options_));
  EXPECT_THAT(Show(plan), HasSubstr("would be refused: patch Service"));
  EXPECT_EQ(plan.warning, "the server would refuse 1 of these objects");
}

TEST_F(ApplyTest, AppliesThroughFaults) {
  Proxy proxy;
  std::atomic<int> n = 0;
  proxy.SetFault([&](const std::string& request) -> std::optional<Proxy::Answer> {
    if (!request.starts_with("PATCH") || ++n % 2 == 0) return std::nullopt;
    return Proxy::Answer{n % 3 == 0 ? 500 : 429, "", {}};
  });
  ClientOptions quick;
  quick.pause_first = std::chrono::milliseconds(5);
  quick.attempts_max = 10;
  const Deployer deployer(Client(proxy.cluster(), &TestHttp(), quick), nullptr);
  const ApplyOutcome outcome = Must(deployer.Apply(Shop(), options_));
  EXPECT_TRUE(outcome.ok()) << outcome.status().error().text();
}

}  // namespace
}  // namespace headgate::deploy
