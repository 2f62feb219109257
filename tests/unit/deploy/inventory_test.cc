#include "deploy/inventory.h"

#include <gtest/gtest.h>

#include "tests/unit/deploy/parsed.h"

namespace headgate::deploy {
namespace {

TEST(ApplySetId, IsThatOfKep3659) {
  // printf 'shop.prod.Application.headgate.dev' | openssl dgst -sha256 -binary | basenc --base64url
  EXPECT_EQ(ApplySetId({"headgate.dev", "Application", "prod", "shop"}),
            "applyset-40qf2lpFiwp_CNqlce5ZEyRUvjaCYgIk_RyRIXPfF6I-v1");
}

TEST(Inventory, ComesBackFromAStatus) {
  const Inventory inventory = {{{"", "ConfigMap", "shop", "web"}, "v1"},
                               {{"", "Namespace", "", "shop"}, "v1"},
                               {{"apps", "Deployment", "shop", "web"}, "v1"}};
  const core::Result<Inventory> back = InventoryFrom(ToValue(inventory));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(*back, inventory);
  EXPECT_EQ(ApiVersionOf(inventory[0]), "v1");
  EXPECT_EQ(ApiVersionOf(inventory[2]), "apps/v1");
}

TEST(Inventory, OfNothingIsEmpty) {
  const core::Result<Inventory> none = InventoryFrom(core::Value());
  ASSERT_TRUE(none.ok());
  EXPECT_TRUE(none->empty());
}

TEST(Inventory, RefusesWhatNamesNoObject) {
  for (const char* text : {"{}", "[{}]", "[{'kind':'Pod','name':'x'}]", "['x']"}) {
    EXPECT_FALSE(InventoryFrom(Parsed(text)).ok()) << text;
  }
}

TEST(Inventory, UnionHoldsEachObjectOnceWhateverItsVersion) {
  const Inventory a = {{{"apps", "Deployment", "shop", "web"}, "v1"}};
  const Inventory b = {{{"apps", "Deployment", "shop", "web"}, "v1beta1"},
                       {{"", "Service", "shop", "web"}, "v1"}};
  EXPECT_EQ(Union(a, b).size(), 2u);
}

}  // namespace
}  // namespace headgate::deploy
