#include "deploy/plan/drift.h"

#include <gtest/gtest.h>

#include "deploy/ignored.h"
#include "deploy/plan/migrate.h"
#include "tests/unit/deploy/parsed.h"

namespace headgate::deploy {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

core::Value Ours() {
  return Parsed(R"({'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web'},
    'spec':{'replicas':3,'template':{'spec':{'containers':[{'name':'web','image':'web:1'}]}}}})");
}

core::Value Live() {
  return Parsed(
      R"({'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web','managedFields':[
      {'manager':'headgate','operation':'Apply','time':'t0','fieldsV1':{'f:spec':{'f:template':{'f:spec':{
        'f:containers':{'k:{\"name\":\"web\"}':{'.':{},'f:name':{}}}}}}}},
      {'manager':'kubectl-scale','operation':'Update','subresource':'scale','time':'t1',
        'fieldsV1':{'f:spec':{'f:replicas':{}}}},
      {'manager':'kubectl-edit','operation':'Update','time':'t2','fieldsV1':{'f:spec':{'f:template':{'f:spec':{
        'f:containers':{'k:{\"name\":\"web\"}':{'f:image':{}}}}}}}}]},
    'spec':{'replicas':5,'template':{'spec':{'containers':[{'name':'web','image':'web:2'}]}}}})");
}

TEST(Drift, SaysWhoHasSetWhat) {
  EXPECT_EQ(Show(DriftOf(Ours(), Live())),
            "spec.replicas is 5, not 3 (set by kubectl-scale at t1); "
            "spec.template.spec.containers[name=web].image is \"web:2\", not \"web:1\" (set by "
            "kubectl-edit at t2)");
  EXPECT_TRUE(DriftOf(Ours(), Ours()).empty());
}

TEST(Drift, ShowsNoSecret) {
  const core::Value ours =
      Parsed("{'apiVersion':'v1','kind':'Secret','data':{'a':'aHVudGVyMg=='}}");
  const core::Value live = Parsed("{'apiVersion':'v1','kind':'Secret','data':{'a':'b3RoZXI='}}");
  const std::string shown = Show(DriftOf(ours, live));
  EXPECT_EQ(shown.find("hunter2") + shown.find("aHVudGVyMg") + shown.find("b3RoZXI"),
            std::string::npos * 3);
  EXPECT_EQ(shown.find("data.a is \"***("), 0U);
}

TEST(Drift, KnowsWhatOthersHold) {
  const core::Value rest = Without(Ours(), HeldByOthers(Ours(), Live()), Live());
  EXPECT_EQ(rest, Parsed(R"({'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web'},
    'spec':{'template':{'spec':{'containers':[{'name':'web'}]}}}})"));
}

TEST(Migrated, MakesTheFieldsOfEarlierToolsOurs) {
  core::Value live = Live();
  EXPECT_FALSE(Migrated(live).has_value()) << "edits by hand are nobody's deploying";
  live.Find("metadata", "managedFields")
      ->AsList()
      ->push_back(Parsed(R"({'manager':'kubectl-client-side-apply','operation':'Update',
        'fieldsV1':{'f:spec':{'f:paused':{}},'f:status':{'f:x':{}}}})"));
  const std::optional<core::Value> fields = Migrated(live);
  ASSERT_TRUE(fields.has_value());
  ASSERT_EQ(fields->AsList()->size(), 3U);
  const core::Value& ours = fields->AsList()->front();
  EXPECT_EQ(ours.StringAt("manager"), "headgate");
  EXPECT_TRUE(ours.Find("fieldsV1", "f:spec", "f:paused"));
  EXPECT_TRUE(ours.Find("fieldsV1", "f:spec", "f:template"));
  EXPECT_FALSE(ours.Find("fieldsV1", "f:status"));
}

class FightsTest : public testing::Test {
 protected:
  // Somebody sets the field to `value`; whether it may be put back.
  bool Set(int value, core::Duration after = milliseconds(100)) {
    now_ += after;
    drift_.fields = {{{"spec.replicas", core::Value(value), core::Value(3)}, "rival", "t"}};
    return fights_.MayHeal(kWeb, drift_, now_);
  }
  void Heal() { fights_.Healed(kWeb, now_); }

  const core::ObjectRef kWeb{"apps", "Deployment", "shop", "web"};
  core::BootTime now_{seconds(1000)};
  Drift drift_;
  Fights fights_;
};

TEST_F(FightsTest, GrowLongerPausesWhereSomebodyAnswersAlike) {
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(Set(5)) << i;
    Heal();
  }
  EXPECT_FALSE(Set(5));
  ASSERT_EQ(fights_.Contests(now_).size(), 1U);
  EXPECT_FALSE(Set(5, milliseconds(900)));
  EXPECT_TRUE(Set(5, milliseconds(200)));
  Heal();
  EXPECT_FALSE(Set(5));
  EXPECT_FALSE(Set(5, milliseconds(1900)));
  EXPECT_TRUE(Set(5, milliseconds(200)));
  EXPECT_TRUE(fights_.Contests(now_).empty()) << "it was put back";
}

TEST_F(FightsTest, EndWhereNobodyAnswers) {
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(Set(5, seconds(31))) << i;
    Heal();
  }
}

TEST_F(FightsTest, LetSomebodyWhoTriesOtherValuesTryForLonger) {
  for (int i = 0; i < 99; ++i) {
    ASSERT_TRUE(Set(i)) << i;
    Heal();
  }
  EXPECT_FALSE(Set(100));
}

}  // namespace
}  // namespace headgate::deploy
