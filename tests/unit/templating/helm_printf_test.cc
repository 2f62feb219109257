#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "templating/helm/strconv.h"
#include "templating/helm/template/printf.h"

namespace headgate::templating::helm {
namespace {

struct Case {
  const char* name;
  const char* format;
  std::vector<Value> arguments;
  const char* want;  // what Go prints
};

Heap* heap() {
  static Heap the_heap;
  return &the_heap;
}

Value ListOf(std::vector<Value> items, Type type = Type::kList) {
  const std::span<Value> list = heap()->NewList(items.size());
  std::copy(items.begin(), items.end(), list.begin());
  return Value::List(list, type);
}

Value MapOf(std::vector<std::pair<const char*, Value>> entries) {
  Map* map = heap()->NewMap();
  for (const auto& [key, value] : entries) map->Set(key, value, heap());
  return Value::Of(map);
}

const Case kCases[] = {
    {"PrintsTexts",
     "%s|%5s|%-5s|%.2s|%q",
     {Value::Text("abc"), Value::Text("é"), Value::Text("é"), Value::Text("日本語"),
      Value::Text("a\"\n\xff\u00ad")},
     "abc|    é|é    |日本|\"a\\\"\\n\\xff\\u00ad\""},
    {"PrintsIntegers",
     "%d|%5d|%-5d|%05d|%+d|% d|%x|%#X|%o|%O|%b|%c|%q|%U",
     {Value::Int(42), Value::Int(42), Value::Int(42), Value::Int(-42), Value::Int(42),
      Value::Int(42), Value::Int(-255), Value::Int(255), Value::Int(8), Value::Int(8),
      Value::Int(5), Value::Int(0x4E16), Value::Int('\n'), Value::Int(0x1F600)},
     "42|   42|42   |-0042|+42| 42|-ff|0XFF|10|0o10|101|世|'\\n'|U+1F600"},
    {"PrintsFloats",
     "%v|%v|%v|%g|%f|%.0f|%e|%08.3f|%x|%#g",
     {Value::Float(3), Value::Float(21000000), Value::Float(0.0001), Value::Float(1e-5),
      Value::Float(1e6), Value::Float(2.5), Value::Float(123456.789), Value::Float(-3.14159),
      Value::Float(3.5), Value::Float(1)},
     "3|2.1e+07|0.0001|1e-05|1000000.000000|2|1.234568e+05|-003.142|0x1.cp+01|1.00000"},
    {"PrintsOddFloats",
     "%v %v %5.1f %+v",
     {Value::Float(std::numeric_limits<double>::infinity()),
      Value::Float(-std::numeric_limits<double>::infinity()), Value::Float(std::nan("")),
      Value::Float(-0.0)},
     "+Inf -Inf   NaN -0"},
    {"PrintsContainers",
     "%v|%v|%v",
     {ListOf({Value::Int(1), Value::Text("a"), Value()}),
      MapOf({{"b", Value::Float(1)}, {"a", ListOf({})}}),
      ListOf({Value::Text("x"), Value::Text("y z")}, Type::kStrings)},
     "[1 a <nil>]|map[a:[] b:1]|[x y z]"},
    {"PrintsGoSyntax",
     "%#v %#v %#v %#v",
     {MapOf({{"a", ListOf({Value::Int(1), Value()})}}), Value::Text("q\"`"), Value::Float(1e6),
      ListOf({Value::Text("x")}, Type::kStrings)},
     "map[string]interface {}{\"a\":[]interface {}{1, interface {}(nil)}} \"q\\\"`\" 1e+06 "
     "[]string{\"x\"}"},
    {"NamesTypes",
     "%T %T %T %T",
     {Value(), Value::Int(1), Value::Int64(1), ListOf({})},
     "<nil> int int64 []interface {}"},
    {"SaysWhatDoesNotFit",
     "%d %s %d %z %s",
     {Value::Text("x"), Value::Int(1), Value(), Value::Bool(true)},
     "%!d(string=x) %!s(int=1) %!d(<nil>) %!z(bool=true) %!s(MISSING)"},
    {"SaysWhatIsTooMuch",
     "%d",
     {Value::Int(1), Value::Text("x"), Value()},
     "1%!(EXTRA string=x, <nil>)"},
    {"TakesIndexes",
     "%[2]d %[1]*d %[3]d %[x]d",
     {Value::Int(5), Value::Int(7)},
     "7     7 %!d(BADINDEX) %!d(BADINDEX)"},
    {"TakesWidthsFromArguments",
     "%*d|%-*d|%.*f|%*d",
     {Value::Int(4), Value::Int(1), Value::Int(3), Value::Int(2), Value::Int(1), Value::Float(2.25),
      Value::Text("x"), Value::Int(9)},
     "   1|2  |2.2|%!(BADWIDTH)9"},
    {"EndsWithoutAVerb", "100%", {}, "100%!(NOVERB)"},
    {"PrintsTimesByTheirNames",
     "%v %d %s",
     {Value::Number(Type::kDuration, 1500000000), Value::Number(Type::kDuration, 5),
      Value::Number(Type::kMonth, 3)},
     "1.5s 5 March"},
};

class PrintfTest : public testing::TestWithParam<Case> {};

TEST_P(PrintfTest, AsGoDoes) {
  std::string out;
  EXPECT_TRUE(AppendPrintf(&out, GetParam().format, GetParam().arguments, 1 << 20));
  EXPECT_EQ(out, GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(Helm, PrintfTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

TEST(HelmPrintTest, PutsSpacesBetweenWhatIsNoText) {
  std::string out;
  const std::vector<Value> values = {Value::Int(1), Value::Int(2), Value::Text("x"), Value::Int(3)};
  EXPECT_TRUE(AppendPrint(&out, values, 100));
  EXPECT_TRUE(AppendPrintln(&out, values, 100));
  EXPECT_EQ(out, "1 2x31 2 x 3\n");
}

TEST(HelmPrintTest, StopsAtItsLimits) {
  std::string out;
  EXPECT_FALSE(AppendPrintf(&out, "%1000000d", std::vector<Value>{Value::Int(1)}, 1000));
  EXPECT_LE(out.size(), 1000u);
  Map* map = heap()->NewMap();
  map->Set("self", Value::Of(map), heap());
  out.clear();
  EXPECT_FALSE(AppendValue(&out, Value::Of(map), 1 << 20));
}

TEST(HelmStrconvTest, ReadsNumbersAndLiterals) {
  EXPECT_EQ(ParseInt("-0x_1F", 0).number, -31);
  EXPECT_EQ(ParseInt("9223372036854775808", 10).fault, NumberFault::kRange);
  EXPECT_EQ(ParseInt("08", 0).fault, NumberFault::kSyntax);
  EXPECT_EQ(ParseFloat("1_0.5e-1").fault, std::nullopt);
  EXPECT_EQ(ParseFloat("0x1p-2").number, 0.25);
  EXPECT_EQ(ParseFloat("1e400").fault, NumberFault::kRange);
  EXPECT_EQ(Unquote("\"\\u00e9\\x41\\101\""), "éAA");
  EXPECT_EQ(Unquote("`a\r\\n`"), "a\\n");
  EXPECT_EQ(Unquote("\"\\'\""), std::nullopt);
}

}  // namespace
}  // namespace headgate::templating::helm
