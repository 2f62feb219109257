#include "core/value.h"

#include <gtest/gtest.h>

#include "core/hash.h"
#include "core/json.h"

namespace headgate::core {
namespace {

Value Json(std::string_view text) {
  Result<Value> value = ParseJson(text);
  EXPECT_TRUE(value.ok()) << text;
  return value ? *value : Value();
}

struct RoundTrip {
  const char* name;
  const char* text;
};

class JsonTest : public testing::TestWithParam<RoundTrip> {};

TEST_P(JsonTest, PrintsWhatItRead) { EXPECT_EQ(ToJson(Json(GetParam().text)), GetParam().text); }

INSTANTIATE_TEST_SUITE_P(
    Core, JsonTest,
    testing::Values(RoundTrip{"Null", "null"}, RoundTrip{"Integer", "-9223372036854775808"},
                    RoundTrip{"FloatStaysFloat", "1.0"}, RoundTrip{"Text", R"("a\"\\\né")"},
                    RoundTrip{"KeepsOrder", R"({"b":1,"a":[true,{}]})"}, RoundTrip{"Empty", "[]"}),
    [](const auto& test) { return test.param.name; });

TEST(Json, RefusesBadInputAndSaysWhere) {
  const Result<Value> value = ParseJson("{\"a\": 1,\n  b}");
  ASSERT_FALSE(value.ok());
  EXPECT_EQ(value.error().fault(), Fault::kInvalid);
  EXPECT_NE(value.error().text().find("line 2"), std::string::npos) << value.error().text();
}

TEST(Json, IsBoundedInDepth) {
  const std::string deep(kJsonDepthMax + 1, '[');
  const Result<Value> value = ParseJson(deep);
  ASSERT_FALSE(value.ok());
  EXPECT_NE(value.error().text().find("nested deeper"), std::string::npos) << value.error().text();
}

TEST(Value, IsEqualWhateverTheOrderOfKeys) {
  EXPECT_EQ(Json(R"({"a":1,"b":2})"), Json(R"({"b":2,"a":1})"));
  EXPECT_NE(Json(R"({"a":1})"), Json(R"({"a":1,"b":null})"));
  EXPECT_NE(Json("[1,2]"), Json("[2,1]"));
}

TEST(Hash, IsStableAcrossKeyOrder) {
  EXPECT_EQ(ContentHash(Json(R"({"a":1,"b":{"c":2,"d":3}})")),
            ContentHash(Json(R"({"b":{"d":3,"c":2},"a":1})")));
  EXPECT_NE(ContentHash(Json("[1,2]")), ContentHash(Json("[2,1]")));
  EXPECT_NE(ContentHash(Json("1")), ContentHash(Json("\"1\"")));
}

TEST(Hash, IsSha256) {
  EXPECT_EQ(Sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Base64, RoundTrips) {
  for (const std::string& text :
       {std::string(), std::string("a"), std::string("ab"), std::string("abc\0d", 5)}) {
    const Result<std::string> back = FromBase64(ToBase64(text));
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(*back, text);
  }
  EXPECT_EQ(ToBase64("ab"), "YWI=");
  EXPECT_FALSE(FromBase64("YW").ok());
  EXPECT_FALSE(FromBase64("Y*I=").ok());
}

TEST(Value, WalksDownMaps) {
  const Value value = Json(R"({"a":{"b":{"c":"x"}},"n":3})");
  EXPECT_EQ(value.StringAt("a", "b", "c"), "x");
  EXPECT_EQ(value.StringAt("a", "n"), "");
  EXPECT_EQ(value.IntAt(7, "n"), 3);
  EXPECT_EQ(value.IntAt(7, "a"), 7);
  EXPECT_EQ(value.Find("n", "b"), nullptr);
}

}  // namespace
}  // namespace headgate::core
