#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "core/value.h"
#include "templating/yaml/emit.h"
#include "templating/yaml/parse.h"

namespace headgate::templating::yaml {
namespace {

using Emit = core::Status (*)(const Node&, std::string*);

std::string Print(std::string_view text, Emit emit) {
  Arena arena;
  const auto documents = Parse(text, "f", &arena);
  if (!documents) return documents.error().text();
  std::string out;
  for (const Node* document : *documents) {
    if (core::Status done = emit(*document, &out); !done) return done.error().text();
  }
  return out;
}

struct Case {
  const char* name;
  const char* text;
  const char* want;
};
std::string NameOf(const testing::TestParamInfo<Case>& test) { return test.param.name; }

class YamlResourceTest : public testing::TestWithParam<Case> {};
TEST_P(YamlResourceTest, PrintsAsKustomizeDoes) {
  EXPECT_EQ(Print(GetParam().text, EmitResource), GetParam().want);
}
const Case kResources[] = {
    {"SortsNumbersInKeysByValue", "{a10: 1, a2: 2, B: 3, a: 4, 1a: 5, a-b: 6, a_b: 7, é: 8, z: 9}",
     "1a: 5\nB: 3\na: 4\na-b: 6\na_b: 7\na2: 2\na10: 1\nz: 9\né: 8\n"},
    {"PutsListsBelowTheirKeys", "a: [[b, c], {d: [e]}, []]\n",
     "a:\n- - b\n  - c\n- d:\n  - e\n- []\n"},
    {"QuotesWhatWouldChangeItsType", "a: ['yes', '1:30', '0x1F', '', 'null', '2001-01-01', 'x']\n",
     "a:\n- \"yes\"\n- \"1:30\"\n- \"0x1F\"\n- \"\"\n- \"null\"\n- \"2001-01-01\"\n- x\n"},
    {"QuotesSyntax", "a: ['- b', 'c: d', 'e #f', '@g', 'h:i', ' j', '---']\n",
     "a:\n- '- b'\n- 'c: d'\n- 'e #f'\n- '@g'\n- h:i\n- ' j'\n- '---'\n"},
    {"PrintsNumbersAsGoDoes",
     "a: [0o14, 1e3, 1.5e-7, 1e21, 1234567.5, -0.0, 18446744073709551615]\n",
     "a:\n- 12\n- 1000\n- 1.5e-07\n- 1e+21\n- 1.2345675e+06\n- 0\n- 18446744073709551615\n"},
    {"KeepsTheDigitsOfLargeFloats", "a: [1.2345678901234567e18, -1e19, 1e16]\n",
     "a:\n- 1234567890123456800\n- -1e+19\n- 10000000000000000\n"},
    {"PrintsMomentsAsStrings", "a: 2001-1-2 3:4:5.60\n", "a: \"2001-01-02T03:04:05.6Z\"\n"},
    {"FoldsBehindColumn80",
     "a: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb c "
     "d\n",
     "a: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n"
     "  c d\n"},
    {"WritesLinesAsBlocks", "a: \"b\\nc\\n\"\nd: \"e\\n\\n\"\nf: \" g\\nh\"\n",
     "a: |\n  b\n  c\nd: |+\n  e\n\nf: |2-\n   g\n  h\n"},
    {"WritesTabsAndEndBlanksInQuotes", "a: \"b\\tc\"\nd: \"e \\nf\"\n",
     "a: \"b\\tc\"\nd: \"e \\nf\"\n"},
    {"WritesLongKeysWithAQuestionMark",
     "? "
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n: {b: c}\n",
     "? "
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n: b: c\n"},
    {"TakesTagsAtTheirWord",
     "a: !!str 1\nb: !!int \"2\"\nc: !!float 3\nd: !mine 4\ne: !!binary YQ==\n",
     "a: \"1\"\nb: 2\nc: 3\nd: \"4\"\ne: a\n"},
    {"RefusesATextThatDoesNotFitItsTag", "a: !!int x\n",
     "line 1: a value that fits the tag !!int expected, \"x\" found"},
    {"RefusesWhatJsonCannotHold", "a: .inf\n",
     "line 1: a number that JSON can hold expected, .inf found"},
    {"RefusesKeysThatAreNoStrings", "a: {1: b}\n",
     "line 1: a key that is a string expected, 1 found; put it in quotes"},
    {"TakesAnyScalarAsAKeyAtTheTop", "1: a\ntrue: b\n", "\"1\": a\n\"true\": b\n"},
    // Oddities of the way through go-yaml 3 and JSON.
    {"MakesEmptyValuesOfBracesStrings", "a: {b: , c: ~}\n", "a:\n  b: \"\"\n  c: null\n"},
    {"DoublesBreaksBeforeIndentedLinesOfFoldedText", "a: >\n  b\n    c\n  d\n",
     "a: |\n  b\n\n    c\n  d\n"},
    {"RefusesABlockThatBeginsWithATab", "a: |2\n  \tb\n",
     "line 1: a text block that does not begin with a tab expected"},
    {"RefusesControlCharacters", "a: \"\\x7F\"\n",
     "line 1: text expected, the control character U+007F found"},
    {"FoldsNextLineCharacters", "a: \"b\\Nc\"\n", "a: b c\n"},
};
INSTANTIATE_TEST_SUITE_P(Yaml, YamlResourceTest, testing::ValuesIn(kResources), NameOf);

class YamlKeptTest : public testing::TestWithParam<Case> {};
TEST_P(YamlKeptTest, PrintsInTheStyleThatWasRead) {
  Arena arena;
  ParseOptions options;
  options.keep_comments = true;
  options.merge_keys = options.unique_keys = false;
  const auto documents = Parse(GetParam().text, "f", &arena, options);
  std::string out;
  ASSERT_TRUE(EmitKept(*documents->front(), &out));
  EXPECT_EQ(out, GetParam().want);
}
const Case kKept[] = {
    {"KeepsOrderAndStyles", "b: 'x'\na: \"y\"\nc:   z\n", "b: 'x'\na: \"y\"\nc: z\n"},
    {"PutsListsBelowTheirKeys", "a:\n    - b\n    -   - c\n        - d: e\n",
     "a:\n- b\n- - c\n  - d: e\n"},
    {"KeepsFlowCollections", "a: { b : [c,d] , e: {} }\nf: []\n", "a: {b: [c, d], e: {}}\nf: []\n"},
    {"FoldsNoLongLines",
     "a: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb c "
     "d\n",
     "a: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb c "
     "d\n"},
    {"KeepsBlocks", "a: |-\n    b\n      c\nd: >\n  e\n  f\n",
     "a: |-\n  b\n    c\nd: >\n  e f\n\n"},
    {"KeepsNumbersAsWritten", "a: [0x1F, 1e3, ~, ]\nb:\n", "a: [0x1F, 1e3, ~]\nb:\n"},
    {"KeepsTagsAnchorsAndAliases", "a: &x !!str 1\nb: *x\nc: !mine {d: e}\n<<: *x\n",
     "a: &x !!str 1\nb: *x\nc: !mine {d: e}\n!!merge <<: *x\n"},
    {"KeepsComments",
     "# top\n\n# head\na: b # line\nc: # key\n  # inner\n  d: e\n# foot\n\nf:\n- g # item\n",
     "# top\n\n# head\na: b # line\nc: # key\n  # inner\n  d: e\n# foot\n\nf:\n- g # item\n"},
    {"KeepsCommentsOfBlocksAndBraces", "a: | # block\n  b\nc: [d, # first\n  e]\n",
     "a: | # block\n  b\nc: [d, # first\n  e]\n"},
};
INSTANTIATE_TEST_SUITE_P(Yaml, YamlKeptTest, testing::ValuesIn(kKept), NameOf);

// Found by fuzzing: keys with numbers do not have an order among themselves always.
TEST(YamlResourceOrder, DependsOnTheKeysAlone) {
  std::string first, second;
  for (int i = 0; i < 300; ++i) {
    const std::string number = std::to_string(i * 37 % 300);
    for (const char* tail : {"", "aB", "-1", "0a"}) {
      const std::string line = "a" + number + tail + ": 1\n";
      first += line;
      second.insert(0, line);
    }
  }
  EXPECT_EQ(Print(first, EmitResource), Print(second, EmitResource));
  EXPECT_EQ(Print("a2: 1\na1b: 1\na10: 1\n", EmitResource),
            Print("a10: 1\na2: 1\na1b: 1\n", EmitResource));
}

TEST(YamlJsonTest, PrintsAsGoDoes) {
  EXPECT_EQ(Print("{b: [1, 2.50, null, true], a: {x: \"<&>\\t\\x01\\u2028\", '1': ''}}", EmitJson),
            R"({"a":{"1":"","x":"\u003c\u0026\u003e\t\u0001\u2028"},"b":[1,2.5,null,true]})");
}

TEST(YamlValueTest, GoesThereAndBack) {
  Arena arena;
  const auto documents = Parse(
      "a: 1\nb:\n  - 1.5\n  - x\n  - {c: true, d: ~, e: 18446744073709551615}\n", "f", &arena);
  const core::Value value = ToValue(*(*documents)[0]);
  EXPECT_EQ(*value.Find("a")->AsInt(), 1);
  EXPECT_EQ(value.Find("b")->mark().line, 2u);
  const core::List& list = *value.Find("b")->AsList();
  EXPECT_EQ(list[2].mark().line, 5u);
  EXPECT_EQ(list[2].mark().column, 5u);
  EXPECT_DOUBLE_EQ(*list[2].Find("e")->AsFloat(), 18446744073709551615.0);
  EXPECT_EQ(ToValue(*FromValue(&arena, value)), value);
}

}  // namespace
}  // namespace headgate::templating::yaml
