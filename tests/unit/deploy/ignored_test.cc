#include "deploy/ignored.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json.h"
#include "deploy/jq_paths.h"
#include "tests/unit/deploy/parsed.h"

namespace headgate::deploy {
namespace {

using testing::HasSubstr;

core::Value Wanted() {
  return Parsed(
      R"({'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web','namespace':'shop',
    'labels':{'applyset.kubernetes.io/part-of':'set','app':'web'},'annotations':{'a/b':'1'}},
    'spec':{'replicas':3,'template':{'spec':{'containers':[
      {'name':'web','image':'web:1','args':['a','b']},{'name':'proxy','image':'proxy:1'}]}}}})");
}

core::Value Live() {
  core::Value live = Wanted();
  live.Find("spec")->AsMap()->Set("replicas", 7);
  core::List& containers = *live.Find("spec", "template", "spec", "containers")->AsList();
  containers[0].Find("args")->MakeList() = {"a", "live"};
  containers[1].AsMap()->Set("image", "proxy:2");
  live.Find("metadata")->AsMap()->Set("managedFields", Parsed(R"([
    {'manager':'headgate','operation':'Apply','fieldsV1':{'f:spec':{'f:replicas':{},'f:template':{'f:spec':{
      'f:containers':{'k:{\"name\":\"web\"}':{'.':{},'f:name':{},'f:image':{},'f:args':{}},
                      'k:{\"name\":\"proxy\"}':{'.':{},'f:name':{}}}}}}}},
    {'manager':'headgate-released','operation':'Apply','fieldsV1':{'f:metadata':{'f:annotations':{'f:a/b':{}}}}},
    {'manager':'injector','operation':'Update','fieldsV1':{'f:spec':{'f:template':{'f:spec':{
      'f:containers':{'k:{\"name\":\"proxy\"}':{'f:image':{}}}}}}}}])"));
  return live;
}

core::IgnoreRule Rule(std::vector<std::string> pointers, std::vector<std::string> jq = {},
                      std::vector<std::string> managers = {}) {
  core::IgnoreRule rule;
  rule.kind = "Deployment";
  rule.json_pointers = std::move(pointers);
  rule.jq_paths = std::move(jq);
  rule.managers = std::move(managers);
  return rule;
}

struct Case {
  std::string name;
  core::IgnoreRule rule;
  void (*edit)(core::Value* wanted);  // makes of Wanted() what is ours
  std::string given_up;               // the values that are handed over
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

core::Value& Container(core::Value* body, size_t i) {
  return (*body->Find("spec", "template", "spec", "containers")->AsList())[i];
}
void NoReplicas(core::Value* v) { v->Find("spec")->AsMap()->Erase("replicas"); }
void NoProxyImage(core::Value* v) { Container(v, 1).AsMap()->Erase("image"); }
void Same(core::Value*) {}

const Case kCases[] = {
    {"AFieldByPointer", Rule({"/spec/replicas"}), NoReplicas, R"({"spec":{"replicas":7}})"},
    {"AnItemsFieldByPointer", Rule({"/spec/template/spec/containers/1/image"}), NoProxyImage, "{}"},
    {"ANameWithASlash", Rule({"/metadata/annotations/a~1b"}),
     [](core::Value* v) { v->Find("metadata")->AsMap()->Erase("annotations"); }, "{}"},
    {"WhatIsNotThere", Rule({"/spec/paused", "/spec/template/spec/containers/9/image"}), Same,
     "{}"},
    {"NeverTheNameNorOurLabel", Rule({"/metadata/name", "/metadata/labels", "/kind"}),
     [](core::Value* v) { v->Find("metadata", "labels")->AsMap()->Erase("app"); }, "{}"},
    {"NeverTheKeyOfAnItem", Rule({"/spec/template/spec/containers/0/name"}), Same,
     R"({"spec":{"template":{"spec":{"containers":[{"name":"web"}]}}}})"},
    {"TheLiveValueInsideAListWithOneOwner", Rule({"/spec/template/spec/containers/0/args/1"}),
     [](core::Value* v) {
       Container(v, 0).Find("args")->MakeList() = {"a", "live"};
     },
     "{}"},
    {"ByJq", Rule({}, {".spec.template.spec.containers[] | select(.name == \"proxy\") | .image"}),
     NoProxyImage, "{}"},
    {"ByJqThatFailsOnThis", Rule({}, {".spec.nothing[].x", ".spec.replicas"}), NoReplicas,
     R"({"spec":{"replicas":7}})"},
    {"ByManager", Rule({}, {}, {"injector"}), NoProxyImage, "{}"},
};

class IgnoredTest : public testing::TestWithParam<Case> {};

TEST_P(IgnoredTest, LeavesOutAndHandsOver) {
  const Ignored ignored({GetParam().rule});
  const core::Result<core::Value> ours = ignored.Ours(Wanted(), Live());
  ASSERT_TRUE(ours.ok()) << ours.error().text();
  core::Value want = Wanted();
  GetParam().edit(&want);
  EXPECT_EQ(core::ToCanonicalJson(*ours), core::ToCanonicalJson(want));
  const core::Result<core::Value> given_up = ignored.GivenUp(Live());
  ASSERT_TRUE(given_up.ok()) << given_up.error().text();
  const core::Value values =
      IsEmptyTree(*given_up) ? core::Value(core::Map{}) : ValuesAt(*given_up, Live());
  EXPECT_EQ(core::ToCanonicalJson(values), GetParam().given_up);
}
INSTANTIATE_TEST_SUITE_P(Cases, IgnoredTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

TEST(Ignored, HandsOverBesideWhatWasHandedOverBefore) {
  const Ignored ignored({Rule({"/spec/replicas"})});
  const core::Value body = HandOver(Live(), *ignored.GivenUp(Live()));
  EXPECT_EQ(
      core::ToCanonicalJson(body),
      core::ToCanonicalJson(Parsed(
          R"({'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web','namespace':'shop',
                'annotations':{'a/b':'1'}},'spec':{'replicas':7}})")));
}

TEST(Ignored, TakesTheWholeLiveValueWhereAPutIsSent) {
  const core::Result<core::Value> ours =
      Ignored({Rule({"/spec/replicas"})}).Ours(Wanted(), Live(), true);
  EXPECT_EQ(ours->IntAt(0, "spec", "replicas"), 7);
}

TEST(Ignored, IsAboutObjectsByGroupKindNameAndNamespace) {
  const core::ObjectRef web{"apps", "Deployment", "shop", "web-1"};
  const auto matches = [&](auto change) {
    core::IgnoreRule rule = Rule({"/spec/replicas"});
    change(&rule);
    return Ignored({rule}).Matches(web);
  };
  EXPECT_TRUE(matches([](core::IgnoreRule*) {}));
  EXPECT_TRUE(matches([](core::IgnoreRule* r) { r->group = "apps"; }));
  EXPECT_TRUE(matches([](core::IgnoreRule* r) { r->kind = "*"; }));
  EXPECT_TRUE(matches([](core::IgnoreRule* r) { r->name = "web-*"; }));
  EXPECT_FALSE(matches([](core::IgnoreRule* r) { r->group = ""; }));
  EXPECT_FALSE(matches([](core::IgnoreRule* r) { r->name = "web"; }));
  EXPECT_FALSE(matches([](core::IgnoreRule* r) { r->namespace_name = "other"; }));
}

TEST(Ignored, KnowsWhatAutoscalersMove) {
  const auto rules = ScaledByOthers(
      {{Parsed(
            R"({'apiVersion':'autoscaling/v2','kind':'HorizontalPodAutoscaler','metadata':{'name':'x',
         'namespace':'shop'},'spec':{'scaleTargetRef':{'apiVersion':'apps/v1','kind':'StatefulSet',
         'name':'db'}}})"),
        ""},
       {Parsed(R"({'apiVersion':'keda.sh/v1alpha1','kind':'ScaledObject','metadata':{'name':'x',
         'namespace':'shop'},'spec':{'scaleTargetRef':{'name':'web'}}})"),
        ""},
       {Wanted(), ""}});
  ASSERT_EQ(rules.size(), 2U);
  EXPECT_EQ(rules[0].kind + " " + *rules[0].group + " " + rules[0].name, "StatefulSet apps db");
  EXPECT_EQ(rules[1].kind + " " + *rules[1].group + " " + rules[1].name, "Deployment apps web");
}

struct JqCase {
  std::string name;
  std::string expression;
  std::string error;  // part of it; "": none
};
void PrintTo(const JqCase& c, std::ostream* out) { *out << c.name; }
const JqCase kJqCases[] = {
    {"Syntax", ".spec[", "jq: .spec["},
    {"NoPath", "1 + 1", ""},
    {"Endless", "def f: f; f", "takes longer"},
    {"Memory", "[range(1e10)]", "jq: [range(1e10)]: "},
    {"LongText", "(\"x\" * 1e9) as $x | .a", "jq: "},
    {"TooManyPlaces", "range(1e6) as $i | .a", "too many places"},
    {"Files", "import \"/etc/passwd\" as $p; .a", "jq: "},
    {"Comment", ".a # all of it", ""},
};
class JqPathsTest : public testing::TestWithParam<JqCase> {};
TEST_P(JqPathsTest, IsBounded) {
  const auto paths = JqPaths({GetParam().expression}, Parsed("{'a':1}"));
  if (GetParam().error.empty()) {
    EXPECT_TRUE(paths.ok()) << paths.error().text();
  } else {
    ASSERT_FALSE(paths.ok());
    EXPECT_THAT(paths.error().text(), HasSubstr(GetParam().error));
  }
}
INSTANTIATE_TEST_SUITE_P(Cases, JqPathsTest, testing::ValuesIn(kJqCases),
                         [](const auto& test) { return test.param.name; });

TEST(JqPathsTest, SeesNoEnvironment) {
  setenv("HEADGATE_SECRET", "a", 1);
  const auto paths = JqPaths({".[(env.HEADGATE_SECRET // \"none\")]"}, Parsed("{'a':1}"));
  ASSERT_TRUE(paths.ok()) << paths.error().text();
  EXPECT_EQ(*paths, (std::vector<FieldPath>{{"none"}}));
}

}  // namespace
}  // namespace headgate::deploy
