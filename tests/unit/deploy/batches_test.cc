#include "deploy/batches.h"

#include <gtest/gtest.h>

#include "tests/unit/deploy/parsed.h"

namespace headgate::deploy {
namespace {

struct Item {
  const char* kind;  // "v1 ConfigMap"
  const char* name;
  const char* annotations;
};

core::Objects ObjectsOf(const std::vector<Item>& items) {
  core::Objects objects;
  for (const Item& item : items) {
    const std::string kind = item.kind;
    const size_t blank = kind.find(' ');
    objects.push_back({Parsed("{'apiVersion':'" + kind.substr(0, blank) + "','kind':'" +
                              kind.substr(blank + 1) + "','metadata':{'name':'" + item.name +
                              "','namespace':'shop','annotations':{" + item.annotations + "}}}"),
                       ""});
  }
  return objects;
}

// "a,b | c": batches, in order.
std::string Shown(const core::Result<std::vector<Batch>>& batches) {
  if (!batches) return "error: " + batches.error().text();
  std::string text;
  for (const Batch& batch : *batches) {
    if (!text.empty()) text += " | ";
    for (size_t i = 0; i < batch.objects.size(); ++i) {
      text += (i ? "," : "") + core::NameOf(batch.objects[i].body);
    }
  }
  return text;
}

#define NEEDS(name) "'config.kubernetes.io/depends-on':'/namespaces/shop/ConfigMap/" name "'"
#define WAVE(n) "'argocd.argoproj.io/sync-wave':'" n "'"

struct Case {
  const char* name;
  std::vector<Item> items;
  const char* want;
};

const Case kCases[] = {
    {"IsOneBatchWhereNobodySaysAnything",
     {{"v1 ConfigMap", "b", ""}, {"v1 ConfigMap", "a", ""}},
     "b,a"},
    {"GoesByWaves",
     {{"v1 ConfigMap", "late", WAVE("2")},
      {"v1 ConfigMap", "plain", ""},
      {"v1 ConfigMap", "early", WAVE("-1")}},
     "early | plain | late"},
    {"KeepsTheOrderOfClassesWithinAWave",
     {{"apps/v1 Deployment", "web", WAVE("1")}, {"v1 Service", "svc", WAVE("1")}},
     "svc,web"},
    {"PutsNamespacesAndDefinitionsBeforeAllWaves",
     {{"v1 ConfigMap", "early", WAVE("-9")},
      {"apiextensions.k8s.io/v1 CustomResourceDefinition", "crd", ""},
      {"v1 Namespace", "ns", ""}},
     "ns,crd | early"},
    {"LeavesANamespaceInItsOwnWave",
     {{"v1 ConfigMap", "early", WAVE("-9")}, {"v1 Namespace", "ns", WAVE("3")}},
     "early | ns"},
    {"GoesByDependencies",
     {{"v1 ConfigMap", "c", NEEDS("b")},
      {"v1 ConfigMap", "b", NEEDS("a")},
      {"v1 ConfigMap", "a", ""},
      {"v1 ConfigMap", "d", NEEDS("a")}},
     "a | b,d | c"},
    {"GoesByKappsRules",
     {{"v1 ConfigMap", "web", "'kapp.k14s.io/change-rule':'upsert after upserting x/db'"},
      {"v1 ConfigMap", "first", "'kapp.k14s.io/change-rule':'upsert before upserting x/db'"},
      {"v1 ConfigMap", "db", "'kapp.k14s.io/change-group':'x/db'"}},
     "first | db | web"},
    {"PrintsACycle",
     {{"v1 ConfigMap", "a", NEEDS("b")},
      {"v1 ConfigMap", "b", NEEDS("c")},
      {"v1 ConfigMap", "c", NEEDS("b")}},
     "error: these objects wait for each other: ConfigMap shop/b -> ConfigMap shop/c -> ConfigMap "
     "shop/b"},
    {"PrintsACycleOfOne",
     {{"v1 ConfigMap", "a", NEEDS("a")}},
     "error: these objects wait for each other: ConfigMap shop/a -> ConfigMap shop/a"},
    {"RefusesToWaitForALaterWave",
     {{"v1 ConfigMap", "a", NEEDS("b")}, {"v1 ConfigMap", "b", WAVE("5")}},
     "error: ConfigMap shop/a (wave 0) depends on ConfigMap shop/b (wave 5), which comes later"},
    {"PassesOverWhatIsNotAmongTheObjects", {{"v1 ConfigMap", "a", NEEDS("elsewhere")}}, "a"},
};

class BatchesTest : public testing::TestWithParam<Case> {};
TEST_P(BatchesTest, Orders) {
  EXPECT_EQ(Shown(InBatches(ObjectsOf(GetParam().items))), GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(Batches, BatchesTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

TEST(CheckOrderTest, NamesWhatIsMissing) {
  const core::Status checked = CheckOrder(ObjectsOf({{"v1 ConfigMap", "a", NEEDS("elsewhere")}}));
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().text(),
            "ConfigMap shop/a: annotation config.kubernetes.io/depends-on: ConfigMap "
            "shop/elsewhere is not among the objects of this application");
  EXPECT_EQ(checked.error().fault(), core::Fault::kInvalid);
}

}  // namespace
}  // namespace headgate::deploy
