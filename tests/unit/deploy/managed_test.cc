#include "deploy/plan/managed.h"

#include <gtest/gtest.h>

#include "core/hash.h"
#include "deploy/plan/plan.h"
#include "tests/unit/deploy/parsed.h"

namespace headgate::deploy {
namespace {

// A live Deployment as an API server shows it after an apply of ours and a status update.
core::Value Live() {
  return Parsed(R"({
    'apiVersion':'apps/v1','kind':'Deployment',
    'metadata':{'name':'web','labels':{'app':'web','other':'x'},'finalizers':['a/b','c/d'],'resourceVersion':'7',
      'managedFields':[
        {'manager':'headgate','operation':'Apply','fieldsV1':{
          'f:metadata':{'f:labels':{'f:app':{}},'f:finalizers':{'v:\"a/b\"':{}}},
          'f:spec':{'f:replicas':{},'f:selector':{},
            'f:template':{'f:spec':{'f:containers':{'k:{\"name\":\"web\"}':{'.':{},'f:name':{},'f:image':{},
              'f:ports':{'k:{\"containerPort\":80,\"protocol\":\"TCP\"}':{'.':{},'f:containerPort':{}}}}}}}}}},
        {'manager':'headgate','operation':'Apply','subresource':'status','fieldsV1':{'f:status':{'f:ours':{}}}},
        {'manager':'kube-controller-manager','operation':'Update','subresource':'status',
         'fieldsV1':{'f:status':{'f:replicas':{}}}}]},
    'spec':{'replicas':2,'paused':false,'selector':{'matchLabels':{'app':'web'}},
      'template':{'spec':{'dnsPolicy':'ClusterFirst','containers':[
        {'name':'proxy','image':'proxy:1'},
        {'name':'web','image':'web:1','ports':[{'containerPort':80,'protocol':'TCP'}]}]}}},
    'status':{'replicas':2}})");
}

struct Case {
  std::string name;
  void (*edit)(core::Value* live);
  bool moves;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

core::Value& Container(core::Value* live, size_t i) {
  return (*live->Find("spec", "template", "spec", "containers")->AsList())[i];
}
core::Value& OurFields(core::Value* live) {
  return *(*live->Find("metadata", "managedFields")->AsList())[0].Find("fieldsV1");
}

const Case kCases[] = {
    {"StatusUpdate", [](core::Value* v) { v->Find("status")->AsMap()->Set("replicas", 1); }, false},
    {"ResourceVersion",
     [](core::Value* v) { v->Find("metadata")->AsMap()->Set("resourceVersion", "8"); }, false},
    {"FieldOfAnother", [](core::Value* v) { v->Find("spec")->AsMap()->Set("paused", true); },
     false},
    {"LabelOfAnother",
     [](core::Value* v) { v->Find("metadata", "labels")->AsMap()->Set("other", "y"); }, false},
    {"ItemOfAnother", [](core::Value* v) { Container(v, 0).AsMap()->Set("image", "proxy:2"); },
     false},
    {"ItemsReordered",
     [](core::Value* v) {
       core::List& list = *v->Find("spec", "template", "spec", "containers")->AsList();
       std::swap(list[0], list[1]);
     },
     false},
    {"OurScalar", [](core::Value* v) { v->Find("spec")->AsMap()->Set("replicas", 3); }, true},
    {"OurImage", [](core::Value* v) { Container(v, 1).AsMap()->Set("image", "web:2"); }, true},
    {"OurItemGone",
     [](core::Value* v) {
       v->Find("spec", "template", "spec", "containers")->AsList()->pop_back();
     },
     true},
    {"InsideOurAtomicMap",
     [](core::Value* v) { v->Find("spec", "selector")->AsMap()->Set("x", 1); }, true},
    {"OurSetItemGone",
     [](core::Value* v) {
       core::List& list = *v->Find("metadata", "finalizers")->AsList();
       list.erase(list.begin());
     },
     true},
    {"SetItemOfAnotherGone",
     [](core::Value* v) { v->Find("metadata", "finalizers")->AsList()->pop_back(); }, false},
    {"FieldTakenFromUs",
     [](core::Value* v) { OurFields(v).Find("f:spec")->AsMap()->Erase("f:replicas"); }, true},
};

class DigestTest : public testing::TestWithParam<Case> {};

TEST_P(DigestTest, MovesOnlyWithOurFields) {
  core::Value live = Live();
  const std::string before = DigestOfManaged(live);
  GetParam().edit(&live);
  EXPECT_EQ(DigestOfManaged(live) != before, GetParam().moves);
}
INSTANTIATE_TEST_SUITE_P(Cases, DigestTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

TEST(Digest, IsEmptyWhereWeOwnNothing) {
  EXPECT_EQ(DigestOfManaged(Live(), "somebody"), "");
  EXPECT_EQ(DigestOfManaged(core::Value()), "");
  EXPECT_EQ(DigestOfManaged(Parsed("{'metadata':{'managedFields':[{'manager':'headgate'},7]}}")),
            "");
}

std::string Shown(const FieldDiffs& diffs) {
  std::string text;
  for (const FieldDiff& diff : diffs) text += diff.path + "=" + core::ToJson(*diff.from) + "; ";
  return text;
}

TEST(OwnedButNotWanted, IsNothingWhileAllIsWanted) {
  EXPECT_EQ(
      Shown(OwnedButNotWanted(
          Parsed(
              R"({'metadata':{'labels':{'app':'web'},'finalizers':['a/b']},'spec':{'replicas':2,'selector':{},
            'template':{'spec':{'containers':[{'name':'web','image':'x','ports':[{'containerPort':80}]}]}}}})"),
          Live())),
      "");
}

TEST(OwnedButNotWanted, NamesFieldsAndItemsThatGo) {
  EXPECT_EQ(
      Shown(OwnedButNotWanted(Parsed(R"({'metadata':{'finalizers':['a/b']},'spec':{'selector':{},
            'template':{'spec':{'containers':[{'name':'web','image':'x'}]}}}})"),
                              Live())),
      "metadata.labels.app=\"web\"; spec.replicas=2; "
      "spec.template.spec.containers[{\"name\":\"web\"}].ports[{\"containerPort\":80,"
      "\"protocol\":\"TCP\"}]={\"containerPort\":80,\"protocol\":\"TCP\"}; ");
}

TEST(IsOlderTest, ComparesVersionsAsNumbers) {
  const auto older = [](const char* live, const char* mark) {
    return IsOlder(core::Map{{"metadata", core::Map{{"resourceVersion", live}}}},
                   {"", "", mark, {}});
  };
  EXPECT_TRUE(older("9", "10"));
  EXPECT_FALSE(older("10", "10"));
  EXPECT_FALSE(older("11", "10"));
  EXPECT_FALSE(older("", "10"));
  EXPECT_FALSE(older("9", "x"));
}

TEST(Applied, MakesUnchangedWhatNeitherSideMoved) {
  core::Value wanted = Parsed(
      "{'apiVersion':'apps/"
      "v1','kind':'Deployment','metadata':{'name':'web'},'spec':{'replicas':9}}");
  core::Value live = Live();
  Applied applied;
  EXPECT_FALSE(IsUnchanged(wanted, live, &applied)) << "9 replicas are wanted, 2 live";
  applied.Remember(core::RefOf(wanted),
                   {core::ContentHash(wanted), DigestOfManaged(live), "7", {}});
  EXPECT_TRUE(IsUnchanged(wanted, live, &applied)) << "a webhook may have made 2 of our 9";

  live.Find("status")->AsMap()->Set("replicas", 5);
  EXPECT_TRUE(IsUnchanged(wanted, live, &applied));
  core::Value edited = live;
  edited.Find("spec")->AsMap()->Set("replicas", 3);
  EXPECT_FALSE(IsUnchanged(wanted, edited, &applied));
  wanted.Find("spec")->AsMap()->Set("replicas", 10);
  EXPECT_FALSE(IsUnchanged(wanted, live, &applied));
  applied.Forget(core::RefOf(wanted));
  EXPECT_EQ(applied.size(), 0u);
}

}  // namespace
}  // namespace headgate::deploy
