#include "deploy/plan/guards.h"

#include <gtest/gtest.h>

#include "deploy/plan/immutable.h"
#include "deploy/plan/plan.h"
#include "tests/unit/deploy/parsed.h"

namespace headgate::deploy {
namespace {

InventoryItem Item(const std::string& kind, const std::string& name,
                   const std::string& group = "") {
  return {{group, kind, kind == "Namespace" ? "" : "shop", name}, "v1"};
}

LiveLookUp LiveWith(const std::string& labels, const std::string& annotations) {
  const auto body = std::make_shared<const core::Value>(
      Parsed("{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'c','labels':{" + labels +
             "},'annotations':{" + annotations + "}}}"));
  return [body](const core::ObjectRef&) { return body; };
}

Inventory Maps(int from, int to) {
  Inventory items;
  for (int i = from; i < to; ++i) items.push_back(Item("ConfigMap", "c" + std::to_string(i)));
  return items;
}

std::string Shown(const std::map<core::ObjectRef, std::string>& waiting) {
  std::string text;
  for (const auto& [ref, why] : waiting) text += core::Show(ref) + ": " + why + "\n";
  return text;
}

TEST(GuardsTest, HoldsWhatTakesMoreThanItself) {
  const Inventory leaving = {Item("Namespace", "shop"), Item("ConfigMap", "c"),
                             Item("PersistentVolumeClaim", "data"),
                             Item("StatefulSet", "db", "apps"),
                             Item("CustomResourceDefinition", "toasters", "apiextensions.k8s.io")};
  EXPECT_EQ(Shown(WaitingForConfirmation(leaving, leaving, core::ConfirmPrunes::kRisky,
                                         LiveWith("", ""))),
            "Namespace shop: a namespace takes all in it along\n"
            "PersistentVolumeClaim shop/data: a volume claim may take its data along\n"
            "CustomResourceDefinition shop/toasters: a definition takes all its objects along\n"
            "StatefulSet shop/db: a stateful set holds data\n");
}

TEST(GuardsTest, HoldsAllWhereMoreThanHalfOfTenWouldGo) {
  const LiveLookUp live = LiveWith("", "");
  const auto waiting = [&](int gone, int all) {
    return WaitingForConfirmation(Maps(0, gone), Maps(0, all), core::ConfirmPrunes::kRisky, live)
        .size();
  };
  EXPECT_EQ(waiting(5, 10), 0u);
  EXPECT_EQ(waiting(6, 10), 6u);
  EXPECT_EQ(waiting(9, 9), 0u);
  EXPECT_EQ(waiting(500, 1000), 0u);
}

TEST(GuardsTest, LetsVariantsGo) {
  const LiveLookUp live = LiveWith("'headgate.dev/variant':'canary'", "");
  EXPECT_TRUE(
      WaitingForConfirmation(Maps(0, 10), Maps(0, 10), core::ConfirmPrunes::kAll, live).empty());
}

TEST(GuardsTest, FollowsTheApplicationsPolicy) {
  const LiveLookUp live = LiveWith("", "");
  const Inventory one = {Item("ConfigMap", "c")};
  const Inventory claim = {Item("PersistentVolumeClaim", "data")};
  EXPECT_EQ(WaitingForConfirmation(one, one, core::ConfirmPrunes::kAll, live).size(), 1u);
  EXPECT_EQ(WaitingForConfirmation(one, one, core::ConfirmPrunes::kRisky, live).size(), 0u);
  EXPECT_EQ(WaitingForConfirmation(claim, claim, core::ConfirmPrunes::kNone, live).size(), 0u);
  const LiveLookUp confirm = LiveWith("", "'argocd.argoproj.io/sync-options':'Prune=confirm'");
  EXPECT_EQ(WaitingForConfirmation(one, one, core::ConfirmPrunes::kRisky, confirm).size(), 1u);
}

TEST(GuardsTest, NamesASetWhateverItsOrder) {
  const core::ObjectRef a = Item("ConfigMap", "a").ref, b = Item("ConfigMap", "b").ref;
  EXPECT_EQ(TokenOf({a, b}), TokenOf({b, a}));
  EXPECT_NE(TokenOf({a, b}), TokenOf({a}));
  EXPECT_EQ(TokenOf({}), "");
}

TEST(GuardsTest, DeletesInReverse) {
  const auto rank = [](const std::string& kind, const std::string& annotations) {
    return RankOf({"", kind, "shop", "x"}, LiveWith("", annotations)({}).get());
  };
  EXPECT_LT(rank("Service", ""), rank("ConfigMap", ""));
  EXPECT_LT(rank("ConfigMap", ""), rank("Namespace", ""));
  EXPECT_LT(rank("ConfigMap", "'argocd.argoproj.io/sync-wave':'2'"), rank("Service", ""));
  EXPECT_LT(rank("Namespace", ""),
            rank("Service", "'argocd.argoproj.io/sync-options':'PruneLast=true'"));
}

TEST(ImmutableTest, FindsTheField) {
  struct Case {
    const char* text;
    const char* field;  // nullptr: nothing of the kind
  };
  const Case cases[] = {
      {"patch Deployment shop/web: Deployment.apps \"web\" is invalid: spec.selector: Invalid "
       "value: "
       "{\"matchLabels\":{}}: field is immutable",
       "spec.selector"},
      {"StatefulSet.apps \"db\" is invalid: spec: Forbidden: updates to statefulset spec for "
       "fields "
       "other than 'replicas' are forbidden",
       "spec"},
      {"Service \"web\" is invalid: spec.clusterIPs[0]: Invalid value: [\"1.2.3.4\"]: may not "
       "change "
       "once set",
       "spec.clusterIPs[0]"},
      {"RoleBinding.rbac.authorization.k8s.io \"x\" is invalid: roleRef: Invalid value: {}: cannot "
       "change roleRef",
       "roleRef"},
      {"Deployment.apps \"web\" is invalid: spec.replicas: Invalid value: -1: must be greater",
       nullptr},
  };
  for (const Case& each : cases) {
    const auto field = ImmutableField(core::Invalid(each.text));
    EXPECT_EQ(field.has_value(), each.field != nullptr) << each.text;
    if (field && each.field) {
      EXPECT_EQ(*field, each.field);
    }
  }
  EXPECT_FALSE(ImmutableField(core::Unavailable("field is immutable")));
}

TEST(PlanGuardsTest, SaysWhatWaitsAndWhatIsLeftAlone) {
  const ApplySet set = {"applyset-ours-v1", "shop/shop"};
  LiveObjects live;
  const auto put = [&](const std::string& text) {
    core::Value body = Parsed(text);
    const core::ObjectRef ref = core::RefOf(body);
    live[ref] = std::make_shared<const core::Value>(std::move(body));
  };
  put("{'apiVersion':'v1','kind':'PersistentVolumeClaim','metadata':{'name':'data','namespace':"
      "'shop','labels':{'applyset.kubernetes.io/part-of':'applyset-ours-v1'}}}");
  put("{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'c','namespace':'shop'},'data':{'k'"
      ":"
      "'live'}}");
  const core::Value wanted = Parsed(
      "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'c','namespace':'shop',"
      "'annotations':{'headgate.dev/apply':'IfNotPresent'}},'data':{'k':'git'}}");
  EXPECT_EQ(Show(PlanChanges({{wanted, ""}}, live, {Item("PersistentVolumeClaim", "data")},
                             {.set = set, .confirm = core::ConfirmPrunes::kRisky})),
            "= keep PersistentVolumeClaim shop/data: no longer wanted; waits for `headgate prune "
            "--confirm`: a volume claim may take its data along\n"
            "0 to create, 0 to update, 0 to prune, 1 unchanged, 1 kept\n");
}

}  // namespace
}  // namespace headgate::deploy
