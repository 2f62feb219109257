#include "deploy/plan/plan.h"

#include <gtest/gtest.h>

#include "core/application.h"
#include "tests/unit/deploy/parsed.h"

namespace headgate::deploy {
namespace {

const ApplySet kSet = {"applyset-ours-v1", "shop/shop"};

core::Value ConfigMap(const std::string& name, const std::string& value,
                      const std::string& part_of = "applyset-ours-v1") {
  return Parsed("{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'" + name +
                "','namespace':'shop','labels':{'" + core::kPartOfLabel + "':'" + part_of +
                "'}},'data':{'k':'" + value + "'}}");
}

void Put(LiveObjects* live, core::Value body) {
  const core::ObjectRef ref = core::RefOf(body);
  live->emplace(ref, std::make_shared<const core::Value>(std::move(body)));
}

Inventory InventoryWith(std::initializer_list<const char*> names) {
  Inventory inventory;
  for (const char* name : names) inventory.push_back({{"", "ConfigMap", "shop", name}, "v1"});
  return inventory;
}

struct World {
  core::Objects wanted = {{ConfigMap("new", "1"), "a.yaml"},
                          {ConfigMap("changed", "2"), "b.yaml"},
                          {ConfigMap("same", "1"), "c.yaml"}};
  LiveObjects live;
  Inventory inventory =
      InventoryWith({"changed", "same", "left", "foreign", "guarded", "gone_already"});

  World() {
    Put(&live, ConfigMap("changed", "1"));
    Put(&live, ConfigMap("same", "1"));
    Put(&live, ConfigMap("left", "1"));
    Put(&live, ConfigMap("foreign", "1", "applyset-theirs-v1"));
    core::Value guarded = ConfigMap("guarded", "1");
    core::SetAnnotation(&guarded, core::kPruneAnnotation, "disabled");
    Put(&live, guarded);
  }
};

TEST(PlanTest, SaysWhatIsDoneToEachObjectAndWhy) {
  const World world;
  EXPECT_EQ(Show(PlanChanges(world.wanted, world.live, world.inventory, {.set = kSet})),
            "+ create ConfigMap shop/new: not in the cluster\n"
            "~ update ConfigMap shop/changed: 1 field differs\n"
            "    data.k: \"1\" -> \"2\"\n"
            "- prune ConfigMap shop/left: no longer wanted\n"
            "= keep ConfigMap shop/foreign: not ours: its label applyset.kubernetes.io/part-of is "
            "applyset-theirs-v1\n"
            "= keep ConfigMap shop/guarded: its annotation headgate.dev/prune says disabled\n"
            "1 to create, 1 to update, 1 to prune, 1 unchanged, 2 kept\n");
}

TEST(PlanTest, KeepsAllWhenPruningIsOff) {
  const World world;
  const Plan plan =
      PlanChanges(world.wanted, world.live, world.inventory, {.set = kSet, .prune = false});
  EXPECT_EQ(plan.Count(ChangeKind::kPrune), 0u);
  EXPECT_EQ(plan.Count(ChangeKind::kKeep), 3u);
}

TEST(PlanTest, AnEmptyRenderingPrunesNothingUnlessToldTo) {
  const World world;
  const Plan guarded = PlanChanges({}, world.live, world.inventory, {.set = kSet});
  EXPECT_TRUE(guarded.empty());
  EXPECT_EQ(guarded.warning.substr(0, 32), "nothing is wanted any more, but ");
  const Plan allowed =
      PlanChanges({}, world.live, world.inventory, {.set = kSet, .allow_empty = true});
  EXPECT_EQ(allowed.Count(ChangeKind::kPrune), 3u);
}

TEST(PlanTest, TrustsTheServersDryRunOverItsOwnComparison) {
  const World world;
  LiveObjects dry_run;
  Put(&dry_run, ConfigMap("changed", "1"));  // a webhook would put it back
  const Plan plan = PlanChanges(world.wanted, world.live, {}, {.set = kSet, .dry_run = &dry_run});
  EXPECT_EQ(plan.changes[1].kind, ChangeKind::kUnchanged);
  EXPECT_EQ(plan.changes[1].reason, "the server would change nothing");
}

TEST(PlanTest, MasksSecrets) {
  const char* secret =
      "{'apiVersion':'v1','kind':'Secret','metadata':{'name':'s','namespace':'shop'},'data':{'"
      "password':'%'}}";
  std::string before(secret), after(secret);
  before.replace(before.find('%'), 1, "aHVudGVyMg==");
  after.replace(after.find('%'), 1, "c2VzYW1l");
  LiveObjects live;
  Put(&live, Parsed(before));
  const Plan plan = PlanChanges({{Parsed(after), ""}}, live, {}, {.set = kSet});
  const std::string shown = Show(plan) + core::ToJson(ToValue(plan));
  EXPECT_NE(shown.find("data.password"), std::string::npos);
  EXPECT_EQ(shown.find("c2VzYW1l"), std::string::npos) << shown;
  EXPECT_EQ(shown.find("aHVudGVyMg"), std::string::npos) << shown;
}

TEST(PlanTest, ShowsLongTextsByTheirLines) {
  LiveObjects live;
  Put(&live, ConfigMap("c", "one\\ntwo\\nthree\\n"));
  const Plan plan =
      PlanChanges({{ConfigMap("c", "one\\n2\\nthree\\n"), ""}}, live, {}, {.set = kSet});
  EXPECT_EQ(Show(plan),
            "~ update ConfigMap shop/c: 1 field differs\n    data.k:\n      - two\n      + 2\n"
            "0 to create, 1 to update, 0 to prune, 0 unchanged\n");
}

TEST(PlanTest, IsAValueForPrograms) {
  const World world;
  const core::Value value = ToValue(PlanChanges(world.wanted, world.live, {}, {.set = kSet}));
  EXPECT_EQ(core::ToJson(*value.Find("summary")),
            R"({"create":1,"update":1,"prune":0,"keep":0,"unchanged":1})");
  EXPECT_EQ(
      core::ToJson(value.ListAt("changes")[1]),
      R"({"action":"update","group":"","kind":"ConfigMap","namespace":"shop","name":"changed",)"
      R"("reason":"1 field differs","file":"b.yaml","fields":[{"path":"data.k","from":"1","to":"2"}]})");
}

}  // namespace
}  // namespace headgate::deploy
