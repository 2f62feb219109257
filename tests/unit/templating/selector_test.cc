#include "templating/kustomize/selector.h"

#include <gtest/gtest.h>

#include <string>

#include "node_text.h"
#include "resources_text.h"

namespace headgate::templating::kustomize {
namespace {

struct LabelCase {
  const char* selector;
  const char* want;  // "yes", "no", or the beginning of an error
};

// Of {app: web, tier: front, n: "5", none: ""}.
const LabelCase kLabels[] = {
    {"", "yes"},
    {"app", "yes"},
    {"!app", "no"},
    {"!other", "yes"},
    {"app=web", "yes"},
    {"app == web,tier!=back", "yes"},
    {"app=web , tier = back", "no"},
    {"app in (api, web)", "yes"},
    {"app notin (web)", "no"},
    {"other notin (web)", "yes"},
    {"other!=x", "yes"},
    {"none=", "yes"},
    {"none in ()", "yes"},
    {"none in (,x)", "yes"},
    {"app=,tier", "no"},
    {"n>4", "yes"},
    {"n<5", "no"},
    {"app>4", "no"},
    {"in", "no"},
    {"app in web", "selector \"app in web\": \"(\" expected, found \"web\""},
    {"app=web,", "selector \"app=web,\": a label after \",\" expected, found the end"},
    {"app=web tier", "selector \"app=web tier\": \",\" or the end expected, found \"tier\""},
    {"app in (a", "selector \"app in (a\": \",\" or \")\" expected, found the end"},
    {"-app", "selector \"-app\": a label's key expected, found \"-app\""},
    {"a/b/c", "selector \"a/b/c\": a label's key expected, found \"a/b/c\""},
    {"A.b/c", "selector \"A.b/c\": a label's key expected"},
    {"app=a/b", "selector \"app=a/b\": a label's value expected, found \"a/b\""},
    {"n>x", "selector \"n>x\": a number expected after \">\", found \"x\""},
    {"=web", "selector \"=web\": a label or \"!\" expected, found \"=\""},
    {"!app=web", "selector \"!app=web\": \",\" or the end expected, found \"=\""},
};

TEST(LabelSelectorTest, ReadsTheGrammarOfKubernetes) {
  yaml::Arena arena;
  const yaml::Node* labels = ReadNode(&arena, "{app: web, tier: front, n: '5', none: ''}");
  for (const LabelCase& test : kLabels) {
    const core::Result<LabelSelector> selector = LabelSelector::Parse(test.selector);
    const std::string found = !selector                ? selector.error().text()
                              : selector->Fits(labels) ? "yes"
                                                       : "no";
    EXPECT_EQ(found.substr(0, std::string(test.want).size()), test.want) << test.selector;
  }
}

struct SelectCase {
  const char* name;
  SelectorFields fields;
  const char* want;  // names, or an error
};

const SelectCase kSelects[] = {
    {"ByKind", {"", "", "Deployment", "", "", "", ""}, "web api"},
    {"ByGroup", {"apps", "", "", "", "", "", ""}, "web api"},
    {"ByPatternOfKind", {"", "", "Deploy.*|Secret", "", "", "", ""}, "web api key"},
    {"ByTheWholeKind", {"", "", "Deploy", "", "", "", ""}, ""},
    {"ByName", {"", "", "", "web", "", "", ""}, "web"},
    {"ByPatternOfName", {"", "", "", "w.b|k.*", "", "", ""}, "web key"},
    {"ByEarlierName", {"", "", "", "old-web", "", "", ""}, "web"},
    {"ByNamespace", {"", "", "", "", "shop", "", ""}, "web"},
    {"ByDefaultNamespace", {"", "", "", "", "default", "", ""}, "api key"},
    {"ByLabels", {"", "", "", "", "", "", "app in (web)"}, "web"},
    {"ByAnnotations", {"", "", "", "", "", "a=b", ""}, "api"},
    {"WithABadPattern",
     {"", "", "", "a(", "", "", ""},
     "name: a regular expression expected, found \"a(\": missing ): ^(?:a()$"},
    {"WithABadLabelThatNobodyAsks", {"", "", "None", "", "", "", "a b"}, ""},
    {"WithABadLabel",
     {"", "", "", "", "", "", "a b"},
     "selector \"a b\": =, ==, !=, in or notin expected, found \"b\""},
};

TEST(SelectorTest, SelectsResources) {
  OwnBuild build;
  ResourceMap all = ReadResources(&build, R"(
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop, labels: {app: web}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: api, annotations: {a: b}}}
---
{apiVersion: v1, kind: Secret, metadata: {name: key}}
)");
  all.all().front()->previous.push_back({"shop", "old-web", "Deployment"});
  for (const SelectCase& test : kSelects) {
    const core::Result<Selector> selector = Selector::Compile(test.fields);
    const auto selected = selector ? Select(*selector, all) : selector.error();
    std::string names;
    if (!selected) {
      names = selected.error().text();
    } else {
      for (const Resource* each : *selected) {
        names += (names.empty() ? "" : " ") + std::string(each->id.name);
      }
    }
    EXPECT_EQ(names, test.want) << test.name;
  }
}

}  // namespace
}  // namespace headgate::templating::kustomize
