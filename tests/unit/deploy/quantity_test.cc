#include "deploy/plan/quantity.h"

#include <gtest/gtest.h>

#include "core/json.h"

namespace headgate::deploy {
namespace {

struct Case {
  core::Value a, b;
  bool same;
};

TEST(Quantity, ComparesByMeaning) {
  const Case kCases[] = {
      {"1000m", "1", true},    {1, "1", true},       {"0.5", "500m", true},
      {"1Ki", "1024", true},   {"1e3", "1k", true},  {"1E", "1000P", true},
      {"2Gi", "2048Mi", true}, {"1M", "1Mi", false}, {"100m", "101m", false},
      {"many", "many", false}, {"", "0", false},     {"1.2.3", "1", false},
      {"12x", "12", false},    {"1e", "1", false},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(SameQuantity(c.a, c.b), c.same) << core::ToJson(c.a) << " " << core::ToJson(c.b);
  }
}

}  // namespace
}  // namespace headgate::deploy
