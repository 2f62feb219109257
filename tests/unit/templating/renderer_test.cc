#include "templating/renderer.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "core/json.h"
#include "templating/yaml/yaml.h"

namespace headgate::templating {
namespace {

using Files = std::map<std::string, std::string>;

std::string ConfigMap(const std::string& name) {
  return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + "}\n";
}

// "ConfigMap a (dir/a.yaml:1)" for each object, or the error.
std::string Rendered(const Files& files, const std::string& path,
                     const RenderOptions& options = {}) {
  const core::MemoryTree tree(files);
  const core::Result<core::Objects> objects = RendererFor(tree, path, options)->Render(tree, path);
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
    {"RendersAChart",
     {{"app/Chart.yaml", "apiVersion: v2\nname: x\nversion: 1.0.0"},
      {"app/values.yaml", "a: web"},
      {"app/crds/a.yaml",
       "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: c}"},
      {"app/templates/a.yaml", "{{ .Values.text }}\n---\n# nothing\n---\n" +
                                   ConfigMap("{{ .Release.Name }}-{{ .Values.a }}")},
      {"app/templates/test.yaml",
       "apiVersion: v1\nkind: Pod\nmetadata: {name: t, annotations: {helm.sh/hook: test}}"},
      {"app/templates/hook.yaml",
       "apiVersion: v1\nkind: Pod\nmetadata: {name: h, annotations: {helm.sh/hook: pre-install}}"},
      {"app/templates/NOTES.txt", "thank you"}},
     "CustomResourceDefinition c (app/crds/a.yaml), ConfigMap release-name-web "
     "(app/templates/a.yaml), Pod h (app/templates/hook.yaml)"},
    {"RendersAChartOfAKustomization",
     {{"app/kustomization.yaml", "namePrefix: p-\nhelmCharts: [{name: x, releaseName: r}]"},
      {"app/charts/x/Chart.yaml", "apiVersion: v2\nname: x\nversion: 1.0.0"},
      {"app/charts/x/values.yaml", ""},
      {"app/charts/x/templates/a.yaml", ConfigMap("{{ .Release.Name }}")},
      {"app/charts/x/templates/test.yaml",
       "apiVersion: v1\nkind: Pod\nmetadata: {name: t, annotations: {helm.sh/hook: test}}"}},
     "ConfigMap p-r (what chart app/charts/x renders to:3), Pod p-t (what chart app/charts/x "
     "renders "
     "to:8)"},
    {"RefusesAChartThatHelmRefuses",
     {{"app/Chart.yaml", "name: x"}, {"app/values.yaml", ""}},
     "app: validation: chart.metadata.version is required"},
    {"RendersAKustomizationBelow",
     {{"app/a.yaml", ConfigMap("a")},
      {"app/sub/kustomization.yaml", "namePrefix: p-\nresources: [deep/c.yaml]"},
      {"app/sub/deep/c.yaml", ConfigMap("c")},
      {"app/sub/unused.yaml", ConfigMap("u")}},
     "ConfigMap a (app/a.yaml:1), ConfigMap p-c (app/sub/deep/c.yaml:1)"},
    {"RefusesAChartBelow",
     {{"app/a.yaml", ConfigMap("a")}, {"app/sub/Chart.yaml", "name: x"}},
     "app/sub/Chart.yaml: a chart among plain manifests; an application's path leads to it, or a "
     "kustomization names it"},
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

struct HelmCase {
  std::string name;
  core::Render::Helm helm;
  std::string want;
};

// What spec.render.helm says of a chart whose template prints it.
class RendererHelmTest : public testing::TestWithParam<HelmCase> {};
TEST_P(RendererHelmTest, TakesWhatTheApplicationSays) {
  const Files files = {
      {"app/web/Chart.yaml", "apiVersion: v2\nname: x\nversion: 1.0.0"},
      {"app/web/values.yaml", "a: own\nb: 1"},
      {"app/web/values.schema.json", R"({"properties": {"b": {"type": "integer"}}})"},
      {"app/web/prod.yaml", "a: prod\nb: 2"},
      {"app/all.yaml", "a: all"},
      {"app/web/crds/a.yaml", "apiVersion: v1\nkind: Crd\nmetadata: {name: c}"},
      {"app/web/templates/a.yaml",
       ConfigMap(
           "{{ .Release.Name }}.{{ .Release.Namespace }}.{{ .Values.a }}.{{ .Values.b }}."
           "{{ .Capabilities.KubeVersion.Minor }}.{{ .Capabilities.APIVersions.Has `x/v1` }}")}};
  const RenderOptions options{
      .render = {GetParam().helm}, .release = "shop", .namespace_name = "space"};
  EXPECT_EQ(Rendered(files, "app/web", options), GetParam().want);
}
core::Map ValuesOfB(core::Value value) {
  core::Map map;
  map.Append("b", std::move(value));
  return map;
}
const HelmCase kHelmCases[] = {
    {"Nothing",
     {},
     "Crd c (app/web/crds/a.yaml), ConfigMap shop.space.own.1.35.false (app/web/templates/a.yaml)"},
    {"ReleaseName",
     {.release_name = "r", .skip_crds = true},
     "ConfigMap r.space.own.1.35.false (app/web/templates/a.yaml)"},
    {"ValuesFilesInTheirOrder",
     {.values_files = {"prod.yaml", "../all.yaml"}, .skip_crds = true},
     "ConfigMap shop.space.all.2.35.false (app/web/templates/a.yaml)"},
    {"ValuesOverFiles",
     {.values_files = {"prod.yaml"}, .values = ValuesOfB(7), .skip_crds = true},
     "ConfigMap shop.space.prod.7.35.false (app/web/templates/a.yaml)"},
    {"ValuesThatTheSchemaRefuses",
     {.values = ValuesOfB("x"), .skip_crds = true},
     "x: the values do not fit the schema:\n  x: at /b: integer expected, string found"},
    {"ValuesWithoutTheSchema",
     {.values = ValuesOfB("x"), .skip_crds = true, .skip_schema_validation = true},
     "ConfigMap shop.space.own.x.35.false (app/web/templates/a.yaml)"},
    {"AClusterThatIsNotAsked",
     {.skip_crds = true, .kube_version = "1.29", .api_versions = {"x/v1"}},
     "ConfigMap shop.space.own.1.29.true (app/web/templates/a.yaml)"},
    {"AFileThatIsNotThere",
     {.values_files = {"prod.yaml", "dev.yaml"}},
     "spec.render.helm.valuesFiles[1]: no such file: app/web/dev.yaml"},
    {"AFileOutside",
     {.values_files = {"../../../etc/passwd"}},
     "spec.render.helm.valuesFiles[0]: ../../../etc/passwd leads out of the source tree"},
    {"AnAbsoluteFile",
     {.values_files = {"/etc/passwd"}},
     "spec.render.helm.valuesFiles[0]: /etc/passwd is absolute; paths are relative to the file "
     "that "
     "names them"},
    {"AWrongVersion",
     {.kube_version = "new"},
     "spec.render.helm.kubeVersion: invalid kube version 'new': two numbers or more expected, such "
     "as 1.30"},
};
INSTANTIATE_TEST_SUITE_P(Templating, RendererHelmTest, testing::ValuesIn(kHelmCases),
                         [](const auto& test) { return test.param.name; });

TEST(RendererHelm, IsForChartsOnly) {
  const RenderOptions options{.render = {{.release_name = "r"}}};
  EXPECT_EQ(Rendered({{"app/kustomization.yaml", "resources: []"}}, "app", options),
            "spec.render.helm is for a chart, and app holds a kustomization");
  EXPECT_EQ(Rendered({{"app/a.yaml", ""}}, "app", options),
            "spec.render.helm is for a chart, and app holds no Chart.yaml");
}

TEST(RendererHelm, NamesWhatVaries) {
  const core::MemoryTree tree(
      Files{{"app/Chart.yaml", "apiVersion: v2\nname: x\nversion: 1.0.0"},
            {"app/templates/_names.tpl", "{{ define `password` }}{{ randAlphaNum 20 }}{{ end }}"},
            {"app/templates/a.yaml",
             "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  user: root\n"
             "  password: {{ include `password` . }}"},
            {"app/templates/b.yaml",
             ConfigMap("b") + "data:\n  at: {{ now | date `2006` | quote }}\n  same: x\n"},
            {"app/templates/c.yaml", ConfigMap("c") + "data: {x: {{ randInt 7 8 | quote }}}\n"},
            {"app/templates/d.yaml", ConfigMap("d")}});
  const core::Result<Rendering> rendering = RendererFor(tree, "app")->RenderAndCompare(tree, "app");
  ASSERT_TRUE(rendering.ok()) << rendering.error().text();
  std::string shown;
  for (const VaryingField& field : rendering->varying) shown += Show(field) + "\n";
  EXPECT_EQ(shown,
            "Secret db: stringData.password varies: randAlphaNum in app/templates/a.yaml\n"
            "ConfigMap b: data.at varies: now in app/templates/b.yaml\n");
}

struct KeepCase {
  std::string name;
  std::vector<std::string> path;
  std::string want;
};
class KeepLiveTest : public testing::TestWithParam<KeepCase> {};
TEST_P(KeepLiveTest, TakesWhatIsLive) {
  const auto parse = [](const char* text) { return std::move(ParseYaml(text, "x")->front()); };
  core::Value body = parse("{data: {a: new}, list: [new, other], stringData: {p: new, q: new}}");
  const core::Value live = parse("{data: {a: old, p: b2xk}, list: [old]}");
  const VaryingField field{{"", "Secret", "s", "db"}, "v1", GetParam().path, ""};
  KeepLive(field, live, &body);
  EXPECT_EQ(core::ToJson(body), GetParam().want);
}
const KeepCase kKeepCases[] = {
    {"AField",
     {"data", "a"},
     R"({"data":{"a":"old"},"list":["new","other"],"stringData":{"p":"new","q":"new"}})"},
    {"AnItem",
     {"list", "0"},
     R"({"data":{"a":"new"},"list":["old","other"],"stringData":{"p":"new","q":"new"}})"},
    {"NothingWhereNothingIs",
     {"list", "1"},
     R"({"data":{"a":"new"},"list":["new","other"],"stringData":{"p":"new","q":"new"}})"},
    {"NothingByAnOddPath",
     {"list", "0x"},
     R"({"data":{"a":"new"},"list":["new","other"],"stringData":{"p":"new","q":"new"}})"},
    {"ASecretsText",
     {"stringData", "p"},
     R"({"data":{"a":"new"},"list":["new","other"],"stringData":{"p":"old","q":"new"}})"},
    {"NoTextThatTheSecretLacks",
     {"stringData", "q"},
     R"({"data":{"a":"new"},"list":["new","other"],"stringData":{"p":"new","q":"new"}})"},
    {"NotTheWholeObject",
     {},
     R"({"data":{"a":"new"},"list":["new","other"],"stringData":{"p":"new","q":"new"}})"},
};
INSTANTIATE_TEST_SUITE_P(Templating, KeepLiveTest, testing::ValuesIn(kKeepCases),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace headgate::templating
