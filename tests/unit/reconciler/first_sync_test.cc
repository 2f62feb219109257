#include "reconciler/first_sync.h"

#include <gtest/gtest.h>

#include "core/application.h"
#include "core/json.h"

namespace headgate::reconciler {
namespace {

core::Value Deployment(const std::string& image) {
  return *core::ParseJson(
      R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop"},
          "spec":{"replicas":2,"template":{"spec":{"containers":[{"name":"web","image":")" +
      image + R"("}]}}}})");
}

class FirstSyncTest : public testing::Test {
 protected:
  const deploy::ApplySet set_ =
      deploy::ApplySetOf({core::kGroup, "Application", "headgate-system", "shop"});
  const core::Objects wanted_ = {{Deployment("app:2"), "web.yaml"}};

  deploy::LiveObjects Live(core::Value body) const {
    return {{core::RefOf(body), std::make_shared<const core::Value>(body)}};
  }
};

TEST_F(FirstSyncTest, DeploysIntoAnEmptyNamespace) {
  EXPECT_TRUE(AdoptionChanges(wanted_, {}, set_).empty());
  EXPECT_FALSE(AdoptsWorkloads(wanted_, {}, set_));
}

TEST_F(FirstSyncTest, AdoptsEqualPodTemplatesWhateverElseDiffers) {
  core::Value live = Deployment("app:2");
  live.Find("spec")->MakeMap().Set("replicas", 7);
  EXPECT_TRUE(AdoptionChanges(wanted_, Live(live), set_).empty());
  EXPECT_TRUE(AdoptsWorkloads(wanted_, Live(live), set_));
}

TEST_F(FirstSyncTest, NamesWhatAnAdoptionWouldChange) {
  const std::vector<std::string> changes =
      AdoptionChanges(wanted_, Live(Deployment("app:1")), set_);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_NE(changes[0].find("Deployment shop/web: "), std::string::npos) << changes[0];
  EXPECT_NE(changes[0].find("image"), std::string::npos) << changes[0];
}

TEST_F(FirstSyncTest, TakesOurOwnForNoAdoption) {
  core::Value live = Deployment("app:1");
  core::SetLabel(&live, core::kPartOfLabel, set_.id);
  EXPECT_TRUE(AdoptionChanges(wanted_, Live(live), set_).empty());
}

}  // namespace
}  // namespace headgate::reconciler
