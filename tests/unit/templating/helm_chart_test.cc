#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "core/file_tree.h"
#include "templating/helm/chart/release_name.h"
#include "templating/helm/chart/render.h"

namespace headgate::templating::helm {
namespace {

using Files = std::map<std::string, std::string>;

std::string Meta(const std::string& name, const std::string& more = "") {
  return "apiVersion: v2\nname: " + name + "\nversion: 1.0.0\n" + more;
}

// A chart with one template, which shows an expression.
Files Showing(const std::string& expression, Files more = {}) {
  Files files = {{"Chart.yaml", Meta("c")}, {"templates/x.yaml", "x: " + expression}};
  for (auto& [name, text] : more) files[name] = text;
  return files;
}

std::string Show(const Files& files, const ChartOptions& options = {}) {
  const core::Result<RenderedChart> rendered = RenderChart(core::MemoryTree(files), "", options);
  if (!rendered) return rendered.error().text();
  std::string shown;
  for (const Manifest& each : rendered->manifests.ordinary) shown += each.text + "\n";
  return shown;
}

TEST(HelmChartTest, RendersWithItsObjects) {
  ChartOptions options;
  options.release = "r";
  options.namespace_name = "n";
  EXPECT_EQ(Show(Showing("{{ .Release.Name }}/{{ .Release.Namespace }}/{{ .Chart.Name }}/{{ "
                         ".Template.Name }}/{{ .Template.BasePath }}/{{ .Release.IsInstall }}"),
                 options),
            "x: r/n/c/c/templates/x.yaml/c/templates/true\n");
  EXPECT_EQ(Show(Showing("{{ .Files.Get \"a.txt\" }}{{ .Files.Get \"../Chart.yaml\" }}{{ range "
                         "$p, $_ := .Files.Glob \"*.txt\" }}{{ $p }}{{ end }}",
                         {{"a.txt", "hi"}})),
            "x: hia.txt\n");
  EXPECT_EQ(Show(Showing("{{ .Capabilities.KubeVersion }} {{ .Capabilities.APIVersions.Has "
                         "\"apps/v1\" }} {{ .Capabilities.KubeVersion.Minor }}")),
            "x: v1.35.0 true 35\n");
}

TEST(HelmChartTest, MergesValuesInOrder) {
  ChartOptions options;
  options.values_files = {{"1.yaml", "a: {b: 1, c: 1}\n---\na: {d: 2}"},
                          {"2.yaml", "a: {c: null}"}};
  options.set = {"a.e=5"};
  options.set_string = {"a.f=6"};
  const Files files = Showing("{{ .Values.a }}", {{"values.yaml", "a: {c: 0, z: 9}"}});
  EXPECT_EQ(Show(files, options), "x: map[b:1 d:2 e:5 f:6 z:9]\n");
}

TEST(HelmChartTest, GivesSubchartsTheirValues) {
  const Files files = {
      {"Chart.yaml", Meta("c")},
      {"values.yaml", "global: {g: 1}\nsub: {a: 1, n: null}"},
      {"charts/sub/Chart.yaml", Meta("sub")},
      {"charts/sub/values.yaml", "a: 0\nb: 2\nn: 3\nglobal: {h: 2}"},
      {"charts/sub/templates/x.yaml", "x: {{ .Values }} {{ .Chart.IsRoot }}"},
      {"templates/x.yaml", "y: {{ .Values.sub.b }} {{ .Subcharts.sub.Values.a }}"}};
  EXPECT_EQ(Show(files), "x: map[a:1 b:2 global:map[g:1 h:2]] false\ny: 2 1\n");
}

TEST(HelmChartTest, ObeysConditionsTagsAndAliases) {
  const Files files = {
      {"Chart.yaml", Meta("c",
                          "dependencies:\n"
                          "- {name: one, version: '*', condition: 'one.enabled,other.enabled'}\n"
                          "- {name: two, version: '>=1', tags: [back]}\n"
                          "- {name: two, version: '1.x', alias: three}\n")},
      {"values.yaml", "tags: {back: false}\none: {enabled: true}"},
      {"charts/one/Chart.yaml", Meta("one")},
      {"charts/one/templates/x.yaml", "x: {{ .Chart.Name }}"},
      {"charts/two/Chart.yaml", Meta("two")},
      {"charts/two/templates/x.yaml", "x: {{ .Chart.Name }} {{ .Template.Name }}"}};
  EXPECT_EQ(Show(files), "x: one\nx: three c/charts/three/templates/x.yaml\n");
  ChartOptions options;
  options.set = {"one.enabled=false,tags.back=true"};
  EXPECT_EQ(Show(files, options),
            "x: three c/charts/three/templates/x.yaml\nx: two c/charts/two/templates/x.yaml\n");
}

TEST(HelmChartTest, ImportsValues) {
  const Files files = {
      {"Chart.yaml", Meta("c",
                          "dependencies:\n"
                          "- {name: sub, version: 1.0.0, import-values: [data, {child: deep.er, "
                          "parent: here.too}]}\n")},
      {"values.yaml", "a: mine"},
      {"templates/x.yaml", "x: {{ .Values.a }} {{ .Values.b }} {{ .Values.here }}"},
      {"charts/sub/Chart.yaml", Meta("sub")},
      {"charts/sub/values.yaml", "exports: {data: {a: 1, b: 2}}\ndeep: {er: {c: 3}}"}};
  EXPECT_EQ(Show(files), "x: mine 2 map[too:map[c:3]]\n");
}

TEST(HelmChartTest, TakesDependenciesOfOldCharts) {
  const Files files = {
      {"Chart.yaml", "apiVersion: v1\nname: c\nversion: 1.0.0\n"},
      {"requirements.yaml", "dependencies: [{name: sub, version: 1.0.0, condition: sub.enabled}]"},
      {"values.yaml", "sub: {enabled: false}"},
      {"templates/x.yaml", "x: {{ len .Chart.Dependencies }} {{ len .Files }}"},
      {"charts/sub/Chart.yaml", Meta("sub")},
      {"charts/sub/templates/x.yaml", "x: sub"}};
  EXPECT_EQ(Show(files), "x: 0 1\n");
}

TEST(HelmChartTest, SharesWhatHelmShares) {
  // A template that changes its values changes them for all that are rendered later.
  const Files files = {{"Chart.yaml", Meta("c")},
                       {"values.yaml", "sub: {a: 1}"},
                       {"templates/b.yaml", "b: {{ set .Values.sub \"a\" 2 | len }}"},
                       {"templates/a.yaml", "a: {{ .Values.sub.a }}"},
                       {"charts/sub/Chart.yaml", Meta("sub")},
                       {"charts/sub/templates/x.yaml", "x: {{ .Values.a }}"}};
  EXPECT_EQ(Show(files), "x: 1\na: 2\nb: 2\n");
}

struct Wrong {
  const char* name;
  Files files;
  const char* want;
};
class HelmWrongChartTest : public testing::TestWithParam<Wrong> {};
TEST_P(HelmWrongChartTest, IsRefused) { EXPECT_EQ(Show(GetParam().files), GetParam().want); }

const Wrong kWrong[] = {
    {"NoChartFile", {{"values.yaml", ""}}, ".: Chart.yaml: no such file; a chart has one"},
    {"NameWithSlash",
     {{"Chart.yaml", Meta("../up")}},
     ".: validation: chart.metadata.name \"../up\" is invalid"},
    {"NameUp",
     {{"Chart.yaml", Meta("'..'")}},
     ".: validation: chart.metadata.name \"..\" is not allowed"},
    {"NoVersion",
     {{"Chart.yaml", "apiVersion: v2\nname: c"}},
     ".: validation: chart.metadata.version is required"},
    {"NoSemver",
     {{"Chart.yaml", "apiVersion: v2\nname: c\nversion: one"}},
     ".: validation: chart.metadata.version \"one\" is invalid"},
    {"ListForName",
     {{"Chart.yaml", "apiVersion: v2\nname: [c]\nversion: 1"}},
     ".: Chart.yaml: name: a text expected, a list found"},
    {"OtherVersion",
     {{"Chart.yaml", "apiVersion: v9\nname: c\nversion: 1"}},
     ".: Chart.yaml: apiVersion: v1 or v2 expected, v9 found"},
    {"Library",
     {{"Chart.yaml", Meta("c", "type: library")}},
     "c: library charts are not installable"},
    {"BadValues", Showing("1", {{"values.yaml", "a: 1\nb: [\n"}}),
     ".: values.yaml:3:1: an item or \"]\" expected in what begins in line 2, the end of the text "
     "found"},
    {"ValuesAreAList", Showing("1", {{"values.yaml", "- a"}}),
     ".: values.yaml:1: a map of values expected, []interface {} found"},
    {"TextBehindSeparator", Showing("1", {{"values.yaml", "a: 1\n--- b"}}),
     ".: values.yaml:2: nothing expected behind \"---\", b found"},
    {"BadLock", Showing("1", {{"Chart.lock", "generated: yesterday"}}),
     ".: Chart.lock: generated: a time of RFC 3339 expected"},
    {"MissingDependency",
     {{"Chart.yaml", Meta("c", "dependencies: [{name: gone, version: 1.0.0}]")}},
     "c: found in Chart.yaml, but missing in charts/ directory: gone; `helm dependency update` "
     "puts them there, and they are fetched only where that is allowed"},
    {"TwoOfOneName",
     {{"Chart.yaml", Meta("c", "dependencies: [{name: a}, {name: b, alias: a}]")}},
     ".: validation: more than one dependency with name or alias \"a\""},
    {"BadAlias",
     {{"Chart.yaml", Meta("c", "dependencies: [{name: a, alias: a/b}]")}},
     ".: validation: dependency \"a\" has disallowed characters in the alias"},
    {"SubchartValuesAreAText",
     Showing("1", {{"values.yaml", "sub: text"}, {"charts/sub/Chart.yaml", Meta("sub")}}),
     "c: values of the subchart sub: a map expected, string found"},
    {"StrayFile", Showing("1", {{"charts/README.md", "hi"}}),
     ".: subchart README.md in c: Chart.yaml file is missing"},
    {"NoArchive", Showing("1", {{"charts/a.tgz", "hi"}}),
     ".: subchart a.tgz in c: no gzip archive"},
    {"KubeVersion",
     {{"Chart.yaml", Meta("c", "kubeVersion: '>=99'")}},
     "chart requires kubeVersion: >=99 which is incompatible with Kubernetes v1.35.0"},
    {"Template", Showing("{{ .Values.a.b }}"),
     "c/templates/x.yaml:1:13\n  executing \"c/templates/x.yaml\" at <.Values.a.b>:\n    nil "
     "pointer evaluating interface {}.b; a is not there"},
    {"Schema", Showing("1", {{"values.schema.json", R"({"required":["a"]})"}}),
     "c: the values do not fit the schema:\n  c: at the top: \"a\" is missing"},
};
INSTANTIATE_TEST_SUITE_P(Helm, HelmWrongChartTest, testing::ValuesIn(kWrong),
                         [](const auto& test) { return test.param.name; });

// A directory that holds itself, as a link makes it.
class LoopTree : public core::FileTree {
 public:
  using FileType = core::FileTree::Type;
  FileType TypeOf(std::string_view path) const override {
    if (path.ends_with("Chart.yaml")) return FileType::kFile;
    return path.ends_with(".helmignore") ? FileType::kNone : FileType::kDirectory;
  }
  core::Result<std::string> Read(std::string_view) const override { return Meta("c"); }
  core::Result<std::vector<Entry>> List(std::string_view) const override {
    return std::vector<Entry>{{"Chart.yaml", FileType::kFile}, {"charts", FileType::kDirectory}};
  }
};

TEST(HelmChartLimitsTest, EndWhatHoldsItself) {
  const core::Result<RenderedChart> rendered = RenderChart(LoopTree(), "", {});
  ASSERT_FALSE(rendered);
  EXPECT_NE(rendered.error().text().find("directories nested deeper than 64"), std::string::npos);
}

TEST(HelmChartLimitsTest, EndChartsInCharts) {
  Files files;
  std::string path;
  for (int i = 0; i < 20; ++i, path += "charts/c/") files[path + "Chart.yaml"] = Meta("c");
  ChartOptions options;
  EXPECT_EQ(Show(files, options), "");
  options.limits.chart_depth = 10;
  EXPECT_NE(Show(files, options).find("charts nested deeper than 10"), std::string::npos);
  options.limits = {};
  options.limits.charts = 5;
  EXPECT_NE(Show(files, options).find("more than 5 charts in the chart"), std::string::npos);
}

TEST(HelmChartLimitsTest, EndAliasesOfAliases) {
  // Each level doubles the charts of the one below.
  Files files;
  std::string path;
  for (int i = 0; i < 16; ++i) {
    files[path + "Chart.yaml"] =
        Meta(fmt::format("c{}", i), fmt::format("dependencies: [{{name: c{0}, version: 1.0.0}}, "
                                                "{{name: c{0}, version: 1.0.0, alias: d{0}}}]",
                                                i + 1));
    path += "charts/c/";
  }
  files[path + "Chart.yaml"] = Meta("c16");
  EXPECT_NE(Show(files).find("more than 1000 charts under aliases"), std::string::npos);
}

TEST(HelmChartLimitsTest, EndHugeValues) {
  ChartOptions options;
  options.values_files = {{"huge.yaml", "a: " + std::string(size_t{100} << 20, 'x')}};
  EXPECT_EQ(Show(Showing("1"), options), "huge.yaml: more than 33554432 bytes of values");
  options = {};
  EXPECT_EQ(Show(Showing("1", {{"values.yaml", std::string(size_t{6} << 20, '#')}}), options),
            ".: chart file values.yaml is larger than the maximum file size 5242880");
}

TEST(HelmChartLimitsTest, EndHugeOutput) {
  ChartOptions options;
  options.limits.output_bytes = 1000;
  EXPECT_EQ(Show(Showing("{{ repeat 2000 \"x\" }}"), options),
            "c/templates/x.yaml: the chart renders to more than 1000 bytes");
  options.limits = {};
  options.limits.manifests = 3;
  EXPECT_EQ(Show(Showing("1\n{{ repeat 10 \"---\\na: 1\\n\" }}"), options),
            "c/templates/x.yaml: more than 3 manifests");
}

TEST(HelmReleaseNameTest, IsWhatHelmTakes) {
  for (const char* name : {"a", "a-b", "a.b", "1", "a--b.c1"}) EXPECT_TRUE(CheckReleaseName(name));
  for (const std::string& name :
       {std::string(), std::string("A"), std::string("a_b"), std::string("-a"), std::string("a-"),
        std::string("a..b"), std::string("a.-b"), std::string("a/b"), std::string(54, 'a')}) {
    EXPECT_FALSE(CheckReleaseName(name)) << name;
  }
  EXPECT_EQ(*RenderReleaseName("{{ \"A\" | lower }}-{{ 1 }}"), "a-1");
}

}  // namespace
}  // namespace headgate::templating::helm
