#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/json.h"
#include "templating/yaml/yaml.h"

namespace headgate::templating {
namespace {

using testing::HasSubstr;

std::string Parsed(std::string_view text) {
  const core::Result<std::vector<core::Value>> documents = ParseYaml(text, "f.yaml");
  if (!documents) return documents.error().text();
  std::string shown;
  for (const core::Value& document : *documents) {
    if (!shown.empty()) shown += " | ";
    shown += core::ToJson(document);
  }
  return shown;
}

struct Case {
  std::string name;
  std::string text;
  std::string want;
};
std::string NameOf(const testing::TestParamInfo<Case>& test) { return test.param.name; }

class ParseTest : public testing::TestWithParam<Case> {};
TEST_P(ParseTest, GivesTheValueOrSaysWhatWasExpected) {
  EXPECT_EQ(Parsed(GetParam().text), GetParam().want);
}

// How kustomize 5 reads plain scalars; the corpus has the same table in own-yaml-*.
const Case kScalars[] = {
    {"Null", "[null, Null, NULL, ~, ]", "[null,null,null,null]"},
    {"EmptyValueIsNull", "a:", R"({"a":null})"},
    {"Booleans", "[true, True, TRUE, false]", "[true,true,true,false]"},
    {"MixedCaseIsNoBoolean", "[tRue, fALSE]", R"(["tRue","fALSE"])"},
    {"OldBooleansAreStrings", "[yes, No, on, OFF, y, n]", R"(["yes","No","on","OFF","y","n"])"},
    {"Integers", "[0, -7, +7, 1_000]", "[0,-7,7,1000]"},
    {"Hexadecimal", "[0x1F, -0x1f, 0x]", R"([31,-31,"0x"])"},
    {"Octals", "[0o17, 017, 08]", "[15,15,8.0]"},
    {"Binary", "[0b101, 0b2]", R"([5,"0b2"])"},
    {"Int64Bounds", "[9223372036854775807, -9223372036854775808]",
     "[9223372036854775807,-9223372036854775808]"},
    {"Floats", "[1.5, .5, -1e3, 6.02E+23]", "[1.5,0.5,-1000.0,6.02e+23]"},
    {"TooLargeFloatIsAString", "[1e400]", R"(["1e400"])"},
    {"VersionsAreStrings", "[1.2.3, v1, 1.]", R"(["1.2.3","v1",1.0])"},
    {"Base60IsAString", "[1:30, 12:30:45]", R"(["1:30","12:30:45"])"},
    {"Dates", "[2001-01-01, 2001-12-14 21:59:43.10]",
     R"(["2001-01-01T00:00:00Z","2001-12-14T21:59:43.1Z"])"},
    {"NoSuchDay", "[2001-02-30]", R"(["2001-02-30"])"},
    {"QuotedIsAString", R"(["1", 'true', "null", ""])", R"(["1","true","null",""])"},
    {"TaggedString", "[!!str 1, !!str true, !!int 7, !!float 7]", R"(["1","true",7,7.0])"},
    {"ApplicationTagIsAString", "[!foo 1]", R"(["1"])"},
    {"BinaryTag", "[!!binary aGk=]", R"(["hi"])"},
    {"BlockScalars", "a: |\n  x\n  y\nb: >-\n  x\n  y\n", R"({"a":"x\ny\n","b":"x y"})"},
};
INSTANTIATE_TEST_SUITE_P(Scalars, ParseTest, testing::ValuesIn(kScalars), NameOf);

const Case kDocuments[] = {
    {"Nothing", "", ""},
    {"CommentsOnly", "# nothing\n", ""},
    {"EmptyOnesAreSkipped", "---\n---\na: 1\n---\n# c\n---\nb: 2\n", R"({"a":1} | {"b":2})"},
    {"Json", R"({"a": [1, {"b": null}]})", R"({"a":[1,{"b":null}]})"},
    {"WindowsLines", "a: 1\r\nb:\r\n- x\r\n", R"({"a":1,"b":["x"]})"},
    {"ByteOrderMark",
     "\xEF\xBB\xBF"
     "a: 1\n",
     R"({"a":1})"},
    {"KeysAreStrings", "1: a\ntrue: b\n~: c\n", R"({"1":"a","true":"b","null":"c"})"},
    {"KeysKeepTheirOrder", "b: 1\na: 2\n", R"({"b":1,"a":2})"},
    {"Alias", "a: &x {b: 1}\nc: *x\n", R"({"a":{"b":1},"c":{"b":1}})"},
    {"AliasAsKey", "a: &x k\n*x : 1\n", R"({"a":"k","k":1})"},
    {"MergeKey", "a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}\n",
     R"({"a":{"b":1,"c":2},"d":{"c":3,"b":1}})"},
    {"MergeKeyOfSeveral", "a: &x {p: 1}\nb: &y {p: 2, q: 3}\nc: {<<: [*x, *y]}\n",
     R"({"a":{"p":1},"b":{"p":2,"q":3},"c":{"p":1,"q":3}})"},
    {"QuotedMergeKeyIsAKey", R"({"<<": 1})", R"({"<<":1})"},
    {"AnchorsEndWithTheirDocument", "a: &x 1\n---\nb: *x\n",
     "f.yaml:3:4: an anchor \"&x\" expected above its alias"},
};
INSTANTIATE_TEST_SUITE_P(Documents, ParseTest, testing::ValuesIn(kDocuments), NameOf);

const Case kErrors[] = {
    {"DuplicateKey", "a: 1\nb: 2\na: 3\n",
     "f.yaml:3:1: key \"a\" is given twice; it stands in line 1 already"},
    {"DuplicateKeyInside", "x:\n  a: {}\n  a: {}\n",
     "f.yaml:3:3: key \"a\" is given twice; it stands in line 2 already"},
    {"KeyIsAMapping", "{{a: 1}: 2}", "f.yaml:1:2: a key must be a string, not a mapping or a list"},
    {"KeyIsAList", "? [a]\n: 1\n", "f.yaml:1:3: a key must be a string, not a mapping or a list"},
    {"MergeOfAScalar", "a: {<<: 1}\n",
     "f.yaml:1:5: a mapping, or a list of mappings, expected as value of \"<<\""},
    {"MergeOfAListOfScalars", "a: {<<: [1]}\n",
     "f.yaml:1:5: a mapping, or a list of mappings, expected as value of \"<<\""},
    {"WrongTag", "a: !!int x\n", "f.yaml:1:4: a value that fits its tag !!int expected"},
    {"WrongBase64", "a: !!binary '*'\n", "f.yaml:1:4: a value that fits its tag !!binary expected"},
    {"ListTaggedAsMapping", "a: !!map [1]\n",
     "f.yaml:1:4: a value that fits its tag !!map expected"},
    {"Indentation", "a: 1\n b: 2\n",
     "f.yaml:2:3: no mapping can begin here; indent with spaces, and put a text that holds \": \" "
     "in "
     "quotes"},
    {"ListEndsEarly", "a:\n- b\n c: 1\n",
     "f.yaml:3:3: a key on one line, and of at most 1024 characters, expected before \":\""},
    {"StrayComma", "a: 1\n---\n, b\n", "f.yaml:3:1: a value expected, \",\" found"},
    {"UnknownAlias", "a: *x\n", "f.yaml:1:4: an anchor \"&x\" expected above its alias"},
};
INSTANTIATE_TEST_SUITE_P(Errors, ParseTest, testing::ValuesIn(kErrors), NameOf);

TEST(ParseMarks, TellLineAndColumn) {
  const auto documents = ParseYaml("a: 1\n---\nb:\n  c: x\n  d:\n  - y\n", "f.yaml");
  ASSERT_TRUE(documents.ok());
  const core::Value& second = documents->at(1);
  EXPECT_EQ(second.mark().line, 3u);
  EXPECT_EQ(second.Find("b", "c")->mark().line, 4u);
  EXPECT_EQ(second.Find("b", "c")->mark().column, 6u);
  // A block has the mark of its key.
  EXPECT_EQ(second.Find("b")->mark().line, 3u);
  EXPECT_EQ(second.Find("b", "d")->mark().line, 5u);
  EXPECT_EQ(second.Find("b", "d")->AsList()->front().mark().line, 6u);
}

TEST(ParseBounds, RefusesAliasesThatGrowWithoutEnd) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) text += (k ? ", *a" : "*a") + std::to_string(i - 1);
    text += "]\n";
  }
  EXPECT_THAT(Parsed(text), HasSubstr("aliases that expand to at most 10 MiB expected"));
}

TEST(ParseBounds, RefusesAliasesThatGrowDeepWithoutEnd) {
  const std::string open(600, '['), close(600, ']');
  const std::string text = "a: &a " + open + close + "\nb: " + open + "*a" + close + "\n";
  EXPECT_THAT(Parsed(text), HasSubstr("at most 1000 levels of nesting expected"));
}

TEST(ParseBounds, RefusesAnAliasInsideItsOwnAnchor) {
  EXPECT_THAT(Parsed("a: &x [*x]\n"),
              HasSubstr("f.yaml:1:8: an alias cannot stand inside its own anchor"));
}

TEST(ParseBounds, RefusesDeepNesting) {
  EXPECT_THAT(Parsed(std::string(1100, '[') + std::string(1100, ']')),
              HasSubstr("at most 1000 levels of nesting expected"));
  std::string block;
  for (int i = 0; i < 1100; ++i) block += std::string(static_cast<size_t>(i), ' ') + "a:\n";
  EXPECT_THAT(Parsed(block), HasSubstr("at most 1000 levels of nesting expected"));
}

TEST(ParseBounds, RefusesALargeFile) {
  EXPECT_EQ(Parsed(std::string(kYamlBytesMax + 1, ' ')),
            "f.yaml: at most 32 MiB of YAML expected, 32 MiB found");
}

// Linear look-ups alone would take minutes here.
TEST(ParseBounds, ReadsAMappingOfManyKeysAndStillFindsTheDuplicate) {
  std::string text;
  for (int i = 0; i < 100000; ++i) text += "k" + std::to_string(i) + ": 1\n";
  EXPECT_EQ(Parsed(text + "k77: 2\n"),
            "f.yaml:100001:1: key \"k77\" is given twice; it stands in line 78 already");
}

// What arrives may be cut, or no YAML at all: any text ends in documents or an error.
TEST(ParseBounds, SurvivesEveryPrefix) {
  const std::string text =
      "%TAG ! tag:x,2000:\n--- &a\nk: !!str \"\\u00e9\\x41\"\n? |2-\n   b\n: [*a, {c: 'd', <<: "
      "}]\n...\n";
  for (size_t length = 0; length <= text.size(); ++length) {
    const auto documents = ParseYaml(text.substr(0, length), "f.yaml");
    if (!documents) {
      EXPECT_THAT(documents.error().text(), HasSubstr("f.yaml:"));
    }
  }
}

}  // namespace
}  // namespace headgate::templating
