#include <gtest/gtest.h>

#include <map>
#include <string>

#include "templating/helm/chart/manifest.h"
#include "templating/helm/chart/render.h"

namespace headgate::templating::helm {
namespace {

std::string ShowSplit(std::string_view text) {
  std::string shown;
  for (const std::string_view piece : SplitManifests(text)) shown += "[" + std::string(piece) + "]";
  return shown;
}

TEST(HelmManifestTest, PartsDocumentsAsHelmDoes) {
  EXPECT_EQ(ShowSplit(""), "");
  EXPECT_EQ(ShowSplit("a"), "[a]");
  EXPECT_EQ(ShowSplit("---\na\n---\nb\n"), "[a][b]");
  EXPECT_EQ(ShowSplit("a\n \n---   \n\nb"), "[a][b]");
  EXPECT_EQ(ShowSplit("a\n---b"), "[a][b]");
  EXPECT_EQ(ShowSplit("a\n----\nb"), "[a][-\nb]");
  EXPECT_EQ(ShowSplit("a ---\nb"), "[a ---\nb]");
  EXPECT_EQ(ShowSplit("a\n  ---\nb"), "[a\n  ---\nb]");
  // What the first separator took with it cannot begin the second.
  EXPECT_EQ(ShowSplit("---\n---\na"), "[---\na]");
  EXPECT_EQ(ShowSplit("a\r\n---\r\nb"), "[a][b]");
  EXPECT_EQ(ShowSplit("a\n---\n# only a comment\n---\nb"), "[a][# only a comment][b]");
}

std::string ShowSorted(const std::map<std::string, std::string>& files) {
  core::Result<Manifests> sorted = SortManifests(files, {});
  if (!sorted) return sorted.error().text();
  std::string shown;
  for (const Manifest& each : sorted->ordinary) shown += each.path + ":" + each.kind + " ";
  for (const Hook& hook : sorted->hooks) {
    shown += "hook " + hook.manifest.path + (hook.test ? " test " : " ");
  }
  return shown;
}

std::string Hooked(const std::string& events) {
  return "kind: Job\nmetadata: {annotations: {helm.sh/hook: '" + events + "'}}";
}

TEST(HelmManifestTest, SortsByKindAndKeepsTheOrderOfFilesWithin) {
  EXPECT_EQ(ShowSorted({{"c/b", "kind: Deployment\n---\nkind: Zebra\n---\nkind: Apple"},
                        {"c/a", "kind: Service"},
                        {"c/c", "kind: Deployment"},
                        {"c/_d", "kind: Namespace"},
                        {"c/e", " \n"},
                        {"c/f", "just: something\n---\nKind: Namespace"}}),
            "c/f:Namespace c/a:Service c/b:Deployment c/c:Deployment c/f: c/b:Apple c/b:Zebra ");
}

TEST(HelmManifestTest, TellsHooksApart) {
  EXPECT_EQ(ShowSorted({{"a", Hooked("pre-install, Post-Upgrade ")},
                        {"b", Hooked("test-success")},
                        {"c", Hooked("pre-install,unheard-of")},
                        {"d", Hooked("")},
                        {"e", "kind: Job\nmetadata: {annotations: {other: 1}}"}}),
            "e:Job hook a hook b test ");
}

TEST(HelmManifestTest, SaysWhereADocumentIsNoYaml) {
  EXPECT_EQ(ShowSorted({{"c/templates/a.yaml", "a: 1\n---\n\nb: 2\nc: [\n"}}),
            "rendered file: c/templates/a.yaml:5:5: an item or \"]\" expected, the end of the text "
            "found");
  EXPECT_EQ(ShowSorted({{"a", "kind: [x]"}}),
            "rendered file: a: kind: a text expected, a list found");
  EXPECT_EQ(ShowSorted({{"a", "metadata: x"}}),
            "rendered file: a: metadata: a map expected, string found");
  EXPECT_EQ(ShowSorted({{"a", "metadata: {annotations: {x: {}}}"}}),
            "rendered file: a: metadata.annotations: a text expected, a map found");
  EXPECT_EQ(ShowSorted({{"a", "- x"}}),
            "rendered file: a: the document: a map expected, a list found");
  EXPECT_EQ(ShowSorted({{"a", "x: .inf"}}), "rendered file: a:1:4: json: unsupported value: +Inf");
}

RenderedChart Rendered() {
  RenderedChart chart;
  chart.crds = {{"c/crds/x.yaml", "kind: CustomResourceDefinition\n", ""}};
  chart.manifests.ordinary = {{"c/templates/a.yaml", "kind: A", "A"},
                              {"c/templates/b/c.yaml", "kind: C", "C"}};
  chart.manifests.hooks = {{{"c/templates/h.yaml", "kind: H", "H"}, false},
                           {{"c/templates/t.yaml", "kind: T", "T"}, true}};
  return chart;
}

TEST(HelmShowTest, PrintsWhatHelmTemplatePrints) {
  EXPECT_EQ(*ShowChart(Rendered()),
            "---\n# Source: c/crds/x.yaml\nkind: CustomResourceDefinition\n\n"
            "---\n# Source: c/templates/a.yaml\nkind: A\n"
            "---\n# Source: c/templates/b/c.yaml\nkind: C\n"
            "---\n# Source: c/templates/h.yaml\nkind: H\n"
            "---\n# Source: c/templates/t.yaml\nkind: T\n");
  RenderedChart few = Rendered();
  few.crds.clear();
  few.manifests.ordinary.clear();
  EXPECT_EQ(*ShowChart(few, {.tests = false}), "\n---\n# Source: c/templates/h.yaml\nkind: H\n");
  EXPECT_EQ(*ShowChart(few, {.hooks = false}), "\n");
}

TEST(HelmShowTest, PicksTemplates) {
  EXPECT_EQ(*ShowChart(Rendered(), {.only = {"templates/b/*.yaml", "templates/h.yaml"}}),
            "---\n# Source: c/templates/b/c.yaml\nkind: C\n"
            "---\n# Source: c/templates/h.yaml\nkind: H\n");
  EXPECT_EQ(ShowChart(Rendered(), {.only = {"templates/x.yaml"}}).error().text(),
            "could not find template templates/x.yaml in chart");
}

}  // namespace
}  // namespace headgate::templating::helm
