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
  static constexpr const char* kHash = "beef";
  const core::Objects wanted_ = {{Deployment("app:2"), "web.yaml"}};

  deploy::LiveObjects Live(core::Value body) const {
    return {{core::RefOf(body), std::make_shared<const core::Value>(body)}};
  }
};

TEST_F(FirstSyncTest, DeploysIntoAnEmptyNamespace) {
  EXPECT_TRUE(AdoptionChanges(wanted_, kHash, {}, set_).empty());
  EXPECT_FALSE(AdoptsWorkloads(wanted_, {}, set_));
}

TEST_F(FirstSyncTest, AdoptsEqualPodTemplatesWhateverElseDiffers) {
  core::Value live = Deployment("app:2");
  live.Find("spec")->MakeMap().Set("replicas", 7);
  EXPECT_TRUE(AdoptionChanges(wanted_, kHash, Live(live), set_).empty());
  EXPECT_TRUE(AdoptsWorkloads(wanted_, Live(live), set_));
}

TEST_F(FirstSyncTest, NamesWhatAnAdoptionWouldChange) {
  const std::vector<std::string> changes =
      AdoptionChanges(wanted_, kHash, Live(Deployment("app:1")), set_);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_NE(changes[0].find("Deployment shop/web: "), std::string::npos) << changes[0];
  EXPECT_NE(changes[0].find("image"), std::string::npos) << changes[0];
}

TEST_F(FirstSyncTest, TakesOurOwnForNoAdoption) {
  core::Value live = Deployment("app:1");
  core::SetLabel(&live, core::kPartOfLabel, set_.id);
  EXPECT_TRUE(AdoptionChanges(wanted_, kHash, Live(live), set_).empty());
  EXPECT_FALSE(AdoptsWorkloads(wanted_, Live(live), set_));
}

// Of an Application that was deleted and made again.
struct GatedCase {
  const char* name;
  const char* image;
  const char* runs;
  const char* change;  // "" where none needs a word
};
class GatedBeforeTest : public FirstSyncTest, public testing::WithParamInterface<GatedCase> {};
TEST_P(GatedBeforeTest, AsksBeforeWhatNoCanaryHasTried) {
  core::Value live = Deployment(GetParam().image);
  core::SetLabel(&live, core::kPartOfLabel, set_.id);
  core::SetAnnotation(&live, core::kGatedHashAnnotation, GetParam().runs);
  const std::vector<std::string> changes = AdoptionChanges(wanted_, kHash, Live(live), set_);
  const std::string change = GetParam().change;
  ASSERT_EQ(changes.size(), change.empty() ? 0u : 1u);
  if (!change.empty()) {
    EXPECT_NE(changes[0].find(change), std::string::npos) << changes[0];
  }
}
INSTANTIATE_TEST_SUITE_P(
    FirstSync, GatedBeforeTest,
    testing::Values(GatedCase{"SameContent", "app:2", "beef", ""},
                    GatedCase{"SameContentUnderOtherNames", "app:1", "beef", ""},
                    GatedCase{"AnotherImage", "app:1", "dead", "image"},
                    GatedCase{"AnotherConfiguration", "app:2", "dead", "ConfigMaps and Secrets"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace headgate::reconciler
