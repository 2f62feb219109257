#include <gtest/gtest.h>

#include <string>

#include "templating/helm/json_read.h"
#include "templating/helm/template/printf.h"

namespace headgate::templating::helm {
namespace {

std::string ShowRead(std::string_view text) {
  Heap heap;
  const core::Result<Value> value = ReadJson(text, &heap);
  if (!value) return value.error().text();
  std::string shown;
  AppendPrintf(&shown, "%#v", std::vector<Value>{*value}, 10000);
  return shown;
}

struct Case {
  const char* name;
  std::string text;
  const char* want;
};
class HelmJsonReadTest : public testing::TestWithParam<Case> {};
TEST_P(HelmJsonReadTest, SaysWhatGoSays) {
  EXPECT_EQ(ShowRead(GetParam().text), GetParam().want) << GetParam().text;
}
const Case kCases[] = {
    {"Object", R"({"b": [1, 2.5, -0, 1e3], "a": {"c": null}, "b": true})",
     R"(map[string]interface {}{"a":map[string]interface {}{"c":interface {}(nil)}, "b":true})"},
    {"Empties", R"( [ {} , [ ] , "" ] )",
     R"([]interface {}{map[string]interface {}{}, []interface {}{}, ""})"},
    {"Escapes", R"("\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00")", R"("\"\\/\b\f\n\r\té😀")"},
    {"HalfAPair", R"("\ud83dx\udc00")", "\"\ufffdx\ufffd\""},
    {"NoUtf8", "\"a\xff\xc3(b\"", "\"a\ufffd\ufffd(b\""},
    {"Nothing", "", "unexpected end of JSON input"},
    {"UnclosedObject", "{", "unexpected end of JSON input"},
    {"UnclosedText", "[\"abc", "unexpected end of JSON input"},
    {"HalfAWord", "tru", "unexpected end of JSON input"},
    {"NoValue", "x", "invalid character 'x' looking for beginning of value"},
    {"TrailingComma", "[1,]", "invalid character ']' looking for beginning of value"},
    {"NoKey", "{1: 2}", "invalid character '1' looking for beginning of object key string"},
    {"CommaInObject", "{\"a\":1,}",
     "invalid character '}' looking for beginning of object key string"},
    {"NoColon", "{\"a\" 1}", "invalid character '1' after object key"},
    {"NoComma", "{\"a\": 1 \"b\"}", "invalid character '\"' after object key:value pair"},
    {"NoCommaInList", "[1 2]", "invalid character '2' after array element"},
    {"TwoValues", "1 '", "invalid character '\\'' after top-level value"},
    {"LeadingZero", "01", "invalid character '1' after top-level value"},
    {"Word", "nulx", "invalid character 'x' in literal null (expecting 'l')"},
    {"Minus", "-a", "invalid character 'a' in numeric literal"},
    {"Fraction", "1.e", "invalid character 'e' after decimal point in numeric literal"},
    {"Exponent", "1e]", "invalid character ']' in exponent of numeric literal"},
    {"Newline", "\"a\nb\"", "invalid character '\\n' in string literal"},
    {"Escape", R"("\x")", "invalid character 'x' in string escape code"},
    {"Hex", R"("\u12g4")", "invalid character 'g' in \\u hexadecimal character escape"},
    {"HighByte", "\xe9", "invalid character 'é' looking for beginning of value"},
    {"HugeNumber", "[1e400]", "json: cannot unmarshal number 1e400 into Go value of type float64"},
    {"HugeNumberAndSyntax", "[1e400", "unexpected end of JSON input"},
    {"Deep", std::string(1001, '['), "invalid character '[' exceeded max depth"},
};
INSTANTIATE_TEST_SUITE_P(Helm, HelmJsonReadTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

TEST(HelmJsonReadTest, TakesOneValueOffAStream) {
  Heap heap;
  size_t used = 0;
  const core::Result<Value> value = ReadFirstJson(" {\"a\": 1},b=2", &heap, &used);
  ASSERT_TRUE(value);
  EXPECT_EQ(used, 9u);
  EXPECT_EQ(value->map()->Get("a").number(), 1);
  EXPECT_EQ(ReadFirstJson("  ", &heap, &used).error().text(), "EOF");
  EXPECT_EQ(ReadFirstJson("[1,", &heap, &used).error().text(), "unexpected EOF");
}

TEST(HelmJsonReadTest, KeepsIntegersWhereAsked) {
  Heap heap;
  const core::Result<Value> value =
      ReadJson("[9223372036854775807, 9223372036854775808, 1.0]", &heap, {.keep_integers = true});
  ASSERT_TRUE(value);
  EXPECT_EQ(value->items()[0].integer(), INT64_MAX);
  EXPECT_TRUE(value->items()[1].is_float());
  EXPECT_TRUE(value->items()[2].is_float());
}

}  // namespace
}  // namespace headgate::templating::helm
