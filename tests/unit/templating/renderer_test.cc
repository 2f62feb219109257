#include "templating/renderer.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "templating/yaml/yaml.h"

namespace headgate::templating {
namespace {

using Files = std::map<std::string, std::string>;

std::string ConfigMap(const std::string& name) {
  return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + "}\n";
}

// "ConfigMap a (dir/a.yaml:1)" for each object, or the error.
std::string Rendered(const Files& files, const std::string& path) {
  const core::MemoryTree tree(files);
  const core::Result<core::Objects> objects = RendererFor(tree, path)->Render(tree, path);
  if (!objects) return objects.error().text();
  std::string shown;
  for (const core::Object& object : *objects) {
    if (!shown.empty()) shown += ", ";
    shown += core::Show(core::RefOf(object.body)) + " (" + core::Where(object) + ")";
  }
  return shown;
}

struct Case {
  std::string name;
  Files files;
  std::string want;
  std::string path = "app";
};

class RendererTest : public testing::TestWithParam<Case> {};
TEST_P(RendererTest, GivesTheObjectsOrSaysWhy) {
  EXPECT_EQ(Rendered(GetParam().files, GetParam().path), GetParam().want);
}

const Case kCases[] = {
    {"ReadsManifestsBelowSortedByPath",
     {{"app/z.yaml", ConfigMap("z")},
      {"app/sub/m.yml", ConfigMap("m")},
      {"app/a.json", R"({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}})"},
      {"app/README.md", "no manifest"},
      {"app/.hidden/x.yaml", ConfigMap("x")},
      {"other/o.yaml", ConfigMap("o")}},
     "Secret a (app/a.json:1), ConfigMap m (app/sub/m.yml:1), ConfigMap z (app/z.yaml:1)"},
    {"ReadsTheWholeTree", {{"a.yaml", ConfigMap("a")}}, "ConfigMap a (a.yaml:1)", ""},
    {"ReadsSeveralDocuments",
     {{"app/a.yaml", ConfigMap("a") + "---\n---\n" + ConfigMap("b")}},
     "ConfigMap a (app/a.yaml:1), ConfigMap b (app/a.yaml:6)"},
    {"TakesListsApart",
     {{"app/a.yaml",
       "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: "
       "{name: "
       "a}\n- apiVersion: v1\n  kind: ConfigMapList\n  items:\n  - apiVersion: v1\n    kind: "
       "ConfigMap\n    metadata: {name: b}\n"}},
     "ConfigMap a (app/a.yaml:4), ConfigMap b (app/a.yaml:10)"},
    {"PrefersAKustomization",
     {{"app/a.yaml", ConfigMap("a")},
      {"app/b.yaml", ConfigMap("b")},
      {"app/kustomization.yml", "resources: [b.yaml]\n"}},
     "ConfigMap b (app/b.yaml:1)"},
    {"RefusesAChart",
     {{"app/Chart.yaml", "name: x"}, {"app/values.yaml", ""}},
     "app/Chart.yaml: charts are not rendered yet"},
    {"RendersAKustomizationBelow",
     {{"app/a.yaml", ConfigMap("a")},
      {"app/sub/kustomization.yaml", "namePrefix: p-\nresources: [deep/c.yaml]"},
      {"app/sub/deep/c.yaml", ConfigMap("c")},
      {"app/sub/unused.yaml", ConfigMap("u")}},
     "ConfigMap a (app/a.yaml:1), ConfigMap p-c (app/sub/deep/c.yaml:1)"},
    {"RefusesAChartBelow",
     {{"app/a.yaml", ConfigMap("a")}, {"app/sub/Chart.yaml", "name: x"}},
     "app/sub/Chart.yaml: charts are not rendered yet"},
    {"RefusesANameThatAPrefixMakesTooLong",
     {{"app/a.yaml", ConfigMap("a")},
      {"app/kustomization.yaml", "namePrefix: " + std::string(253, 'p') + "\nresources: [a.yaml]"}},
     "app/a.yaml:1: ConfigMap: metadata.name \"" + std::string(253, 'p') +
         "a\" is no name: at most 253 characters, no '/', '%' or space"},
    {"RefusesAMissingDirectory", {{"a.yaml", ConfigMap("a")}}, "app: no such directory"},
    {"RefusesAFile", {{"app", ConfigMap("a")}}, "app: a directory expected, this is a file"},
    {"NamesBothPlacesOfADuplicate",
     {{"app/a.yaml", ConfigMap("a")}, {"app/b.yaml", "---\n" + ConfigMap("a")}},
     "app/b.yaml:2: ConfigMap a stands in app/a.yaml:1 already; remove or rename one"},
    {"TakesOtherVersionsForTheSameObject",
     {{"app/a.yaml",
       "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n---\napiVersion: "
       "apps/v1beta1\nkind: Deployment\nmetadata: {name: a}\n"}},
     "app/a.yaml:5: Deployment a stands in app/a.yaml:1 already; remove or rename one"},
    {"NamesTheLineOfWhatIsNoObject",
     {{"app/a.yaml", "# first\n\nkind: ConfigMap\nmetadata: {name: a}\n"}},
     "app/a.yaml:3: apiVersion is missing; every object needs one, such as apps/v1"},
    {"NamesTheLineOfAnItemThatIsNoObject",
     {{"app/a.yaml", "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n"}},
     "app/a.yaml:4: ConfigMap: metadata.name is missing"},
    {"PassesOnWhatIsWrongWithTheYaml",
     {{"app/a.yaml", "a: 1\na: 2\n"}},
     "app/a.yaml:2:1: key \"a\" is given twice; it stands in line 1 already"},
};
INSTANTIATE_TEST_SUITE_P(Templating, RendererTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace headgate::templating
