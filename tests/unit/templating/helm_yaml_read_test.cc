#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "templating/helm/template/printf.h"
#include "templating/helm/yaml_read.h"

namespace headgate::templating::helm {
namespace {

std::string ShowRead(std::string_view text, bool keep_numbers = false) {
  Heap heap;
  const core::Result<Value> value = ReadYaml(text, "f.yaml", &heap, {.keep_numbers = keep_numbers});
  if (!value) return value.error().text();
  std::string shown;
  AppendPrintf(&shown, "%v", std::vector<Value>{*value}, 10000);
  return shown;
}

struct Case {
  const char* name;
  const char* text;
  const char* want;
};
class HelmYamlReadTest : public testing::TestWithParam<Case> {};
TEST_P(HelmYamlReadTest, IsWhatHelmReads) {
  EXPECT_EQ(ShowRead(GetParam().text), GetParam().want) << GetParam().text;
}
const Case kCases[] = {
    {"Nothing", "", "<nil>"},
    {"Comment", "# none", "<nil>"},
    {"OldBooleans", "[yes, On, y, N, off, True, tRUE]", "[true true true false false true tRUE]"},
    {"Integers", "[0x1F, 0o17, 017, 08, 0b101, 1_000, +5, -0]", "[31 15 15 8 5 1000 5 0]"},
    {"Floats", "[1e3, .5, 5., 1e400, 1_0.5, 12345678901234567890]",
     "[1000 0.5 5 1e400 10.5 1.2345678901234567e+19]"},
    {"Nulls", "[~, null, Null, NULL, nil, '']", "[<nil> <nil> <nil> <nil> nil ]"},
    {"NoNumbers", "[2001-01-01, 1.2.3, 1:30, v1, -, 0o8]", "[2001-01-01 1.2.3 1:30 v1 - 0o8]"},
    {"Keys", "{1: a, 1.50: b, yes: c, 017: d, 2001-01-01: e, 1e6: f}",
     "map[1:a 1.5:b 15:d 1e+06:f 2001-01-01:e true:c]"},
    {"LastOfAKey", "{a: 1, b: 2, a: 3}", "map[a:3 b:2]"},
    {"MergeOverridesWhatIsAbove", "{x: &x {a: 1, b: 1}, z: {a: 0, <<: *x, b: 2}}",
     "map[x:map[a:1 b:1] z:map[a:1 b:2]]"},
    {"MergeOfSeveral", "{<<: [{a: 1}, {a: 2, b: 2}], c: 3}", "map[a:1 b:2 c:3]"},
    {"MergeOfNoMap", "{<<: 1}",
     "f.yaml:1:6: map merge requires map or sequence of maps as the value"},
    {"Tags", "[!!str 5, !!int \"3\", !!float 3, !!bool yes, !!binary aGk=, !mine x]",
     "[5 3 3 true hi x]"},
    {"WrongTag", "!!int x", "f.yaml:1:1: cannot decode !!str `x` as a !!int"},
    {"Infinity", "a:\n  b: .inf", "f.yaml:2:6: json: unsupported value: +Inf"},
    {"InfinityThatIsOverridden", "{a: .inf, a: 1}", "map[a:1]"},
    {"NullKey", "{null: a}", "f.yaml:1:2: a key that is null, or too large a number"},
    {"ListKey", "{[a]: b}", "f.yaml:1:2: a key that is no scalar"},
    {"Syntax", "a: b: c",
     "f.yaml:1:5: no mapping can begin here; indent with spaces, and put a text that holds \": \" "
     "in quotes"},
    {"FirstDocument", "a: 1\n---\nb: [", "map[a:1]"},
    {"WhatFollowsTheValue", "{a: 1} b: c", "map[a:1]"},
};
INSTANTIATE_TEST_SUITE_P(Helm, HelmYamlReadTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

TEST(HelmYamlReadTest, KeepsNumbersAsTheyWereWhereAsked) {
  Heap heap;
  const core::Result<Value> read =
      ReadYaml("[1, 1.0, 18446744073709551615]", "f", &heap, {.keep_numbers = true});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->items()[0].type(), Type::kInt64);
  EXPECT_EQ(read->items()[1].type(), Type::kFloat64);
  EXPECT_EQ(read->items()[2].type(), Type::kUint64);
}

TEST(HelmYamlReadTest, ShowsScalarsWhereTextsAreWanted) {
  EXPECT_EQ(ScalarText(Value::Float(1.10)), "1.1");
  EXPECT_EQ(ScalarText(Value::Float(16777217)), "1.6777216e+07");
  EXPECT_EQ(ScalarText(Value::Int64(-7)), "-7");
  EXPECT_EQ(ScalarText(Value::Bool(true)), "true");
  EXPECT_EQ(ScalarText(Value::Text("x")), std::nullopt);
}

}  // namespace
}  // namespace headgate::templating::helm
