// Charts in a kustomization.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "core/file_tree.h"
#include "templating/kustomize/kustomize.h"

namespace headgate::templating::kustomize {
namespace {

using Tree = std::map<std::string, std::string>;

const Tree kChart = {
    {"charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.2.3"},
    {"charts/web/values.yaml", "port: \"80\"\nlist: [a, b]\nmap: {a: 1, b: 2}"},
    {"charts/web/templates/a.yaml",
     "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}, namespace: {{ "
     ".Release.Namespace }}}\ndata:\n  v: {{ toJson .Values | quote }}\n"
     "  k: {{ .Capabilities.KubeVersion }} {{ .Capabilities.APIVersions.Has \"x/v1\" }}\n"},
    {"charts/web/templates/hook.yaml",
     "apiVersion: v1\nkind: Pod\nmetadata: {name: h, annotations: {helm.sh/hook: pre-install}}"},
    {"charts/web/templates/test.yaml",
     "apiVersion: v1\nkind: Pod\nmetadata: {name: t, annotations: {helm.sh/hook: test}}"},
    {"charts/web/crds/c.yaml", "apiVersion: v1\nkind: Crd\nmetadata: {name: c}"},
};

// Names and the ConfigMap's data, or the error.
std::string Built(Tree files, const BuildRules& rules, const std::string& path = "") {
  files.insert(kChart.begin(), kChart.end());
  const auto objects = BuildObjects(core::MemoryTree(std::move(files)), path, rules, nullptr);
  if (!objects) return objects.error().text();
  std::string shown;
  for (const core::Object& object : *objects) {
    const core::Value* data = object.body.Find("data");
    shown +=
        (shown.empty() ? "" : ", ") + std::string(object.body.Find("metadata")->StringAt("name"));
    if (!data) continue;
    shown += " in " + std::string(object.body.Find("metadata")->StringAt("namespace")) + " " +
             std::string(data->StringAt("v")) + " " + std::string(data->StringAt("k"));
  }
  return shown;
}

constexpr const char* kOwn = R"({"list":["a","b"],"map":{"a":1,"b":2},"port":"80"})";

struct Case {
  const char* name;
  std::string entry;  // beside name and releaseName; further fields may follow
  std::string want;
};

class KustomizeCharts : public testing::TestWithParam<Case> {};
TEST_P(KustomizeCharts, RenderTo) {
  const std::string text = "helmCharts:\n- name: web\n  releaseName: r\n" + GetParam().entry;
  const BuildRules rules{.order = Order::kAsRead, .charts = {true, "1.30.0", {}}};
  const Tree files = {{"kustomization.yaml", text}, {"v.yaml", "port: 7"}, {"w.yaml", "list: []"}};
  EXPECT_EQ(Built(files, rules), GetParam().want);
}
const Case kCases[] = {
    {"Plain", "", "r in default " + std::string(kOwn) + " v1.30.0 false, h, t"},
    {"CrdsFirst", "  includeCRDs: true\n  skipHooks: true\n",
     "c, r in default " + std::string(kOwn) + " v1.30.0 false"},
    {"WithoutTests", "  skipTests: true\n",
     "r in default " + std::string(kOwn) + " v1.30.0 false, h"},
    {"ForAClusterOfTheirOwn", "  skipHooks: true\n  kubeVersion: 1.29.1\n  apiVersions: [x/v1]\n",
     "r in default " + std::string(kOwn) + " v1.29.1 true"},
    {"InTheKustomizationsNamespace", "  skipHooks: true\nnamespace: k\n",
     "r in k " + std::string(kOwn) + " v1.30.0 false"},
    {"InANamespaceOfTheirOwn", "  skipHooks: true\n  namespace: own\nnamespace: k\n",
     "r in own " + std::string(kOwn) + " v1.30.0 false"},
    {"ValuesOverTheirOwn",
     "  skipHooks: true\n  valuesInline: {port: 8080, list: [c], map: {a: null}, e: yes}\n",
     R"(r in default {"e":true,"list":["c"],"map":{"a":1,"b":2},"port":8080} v1.30.0 false)"},
    {"ValuesBelowTheirOwn",
     "  skipHooks: true\n  valuesMerge: merge\n  valuesInline: {port: 8080, x: 1}\n",
     R"(r in default {"list":["a","b"],"map":{"a":1,"b":2},"port":"80","x":1} v1.30.0 false)"},
    {"FilesOfValues",
     "  skipHooks: true\n  valuesFile: v.yaml\n  additionalValuesFiles: [w.yaml]\n",
     R"(r in default {"list":[],"map":{"a":1,"b":2},"port":7} v1.30.0 false)"},
    {"NotByAnUnknownMerge", "  valuesMerge: both\n",
     "kustomization.yaml:2: helmCharts[0]: chart web: valuesMerge: merge, override or replace "
     "expected, found both"},
    {"NotWithAFileThatIsNotThere", "  additionalValuesFiles: [x.yaml]\n",
     "kustomization.yaml:2: helmCharts[0]: chart web: additionalValuesFiles: x.yaml: no such file "
     "(did you mean v.yaml?)"},
    {"NotWhatMustBeFetched", "  version: 1.0.0\n  repo: https://example.com\n",
     "kustomization.yaml:2: helmCharts[0]: chart web: charts/web-1.0.0/web: no such directory; a "
     "chart is not fetched from https://example.com: `helm pull --untar` puts it there"},
    {"NotTwiceTheSame", "- name: web\n  releaseName: r\n",
     "kustomization.yaml:4: helmCharts[1]: what chart charts/web renders to:3: v1 ConfigMap "
     "default/r: exists; its behavior must be merge or replace, found \"unspecified\""},
};
INSTANTIATE_TEST_SUITE_P(Templating, KustomizeCharts, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

TEST(KustomizeChartsToo, WantTheirFlag) {
  EXPECT_EQ(
      Built({{"kustomization.yaml", "helmCharts: [{name: web}]"}}, {}),
      "kustomization.yaml:1: helmCharts[0]: chart web: charts of a kustomization are rendered "
      "only with --enable-helm");
}

TEST(KustomizeChartsToo, TakeTheNamespaceOfAnOverlay) {
  const Tree files = {{"base/kustomization.yaml",
                       "helmGlobals: {chartHome: ../charts}\nhelmCharts: [{name: web, releaseName: "
                       "r, skipHooks: true, valuesFile: v.yaml}]"},
                      {"base/v.yaml", "port: 1"},
                      {"middle/kustomization.yaml", "resources: [../base]"},
                      {"over/kustomization.yaml", "namespace: o\nresources: [../middle]"}};
  EXPECT_EQ(Built(files, {.charts = {true, "1.30.0", {}}}, "over"),
            R"(r in o {"list":["a","b"],"map":{"a":1,"b":2},"port":1} v1.30.0 false)");
}

TEST(KustomizeChartsToo, AreGeneratorsInFilesOfTheirOwn) {
  const Tree files = {
      {"kustomization.yaml", "generators: [g.yaml]"},
      {"g.yaml",
       "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: g}\n"
       "name: web\nreleaseName: r\nskipHooks: true\nvaluesInline: {y: yes}"}};
  EXPECT_EQ(
      Built(files, {.charts = {true, "1.30.0", {}}}),
      R"(r in default {"list":["a","b"],"map":{"a":1,"b":2},"port":"80","y":"yes"} v1.30.0 false)");
}

}  // namespace
}  // namespace headgate::templating::kustomize
