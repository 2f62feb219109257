#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/json.h"
#include "templating/yaml/yaml.h"

namespace headgate::templating {
namespace {

struct Case {
  std::string name;
  std::string json;
  std::string want;
};

class PrintTest : public testing::TestWithParam<Case> {};
TEST_P(PrintTest, PrintsAsKustomizeAndReadsBackTheSame) {
  const core::Result<core::Value> value = core::ParseJson(GetParam().json);
  ASSERT_TRUE(value.ok()) << value.error().text();
  const std::string printed = PrintYaml(*value);
  EXPECT_EQ(printed, GetParam().want);
  const core::Result<std::vector<core::Value>> again = ParseYaml(printed, "printed");
  ASSERT_TRUE(again.ok()) << again.error().text();
  ASSERT_EQ(again->size(), 1u);
  EXPECT_EQ(again->front(), *value);
}

const std::string kLong(77, 'x');

const Case kCases[] = {
    {"Mapping", R"({"b": 1, "a": "x"})", "b: 1\na: x\n"},
    {"ListInMapping", R"({"a": [1, "x", null]})", "a:\n- 1\n- x\n- null\n"},
    {"MappingsInList", R"([{"a": 1, "b": {"c": 2}}, {}])", "- a: 1\n  b:\n    c: 2\n- {}\n"},
    {"ListInList", R"({"a": [[1, [2]], []]})", "a:\n- - 1\n  - - 2\n- []\n"},
    {"Empties", R"({"a": {}, "b": [], "c": ""})", "a: {}\nb: []\nc: \"\"\n"},
    {"WordsThatAreNoStrings",
     R"(["true", "null", "~", "yes", "off", "n", "1", "0x1f", "017", "1e3"])",
     "- \"true\"\n- \"null\"\n- \"~\"\n- \"yes\"\n- \"off\"\n- \"n\"\n- \"1\"\n- \"0x1f\"\n- "
     "\"017\"\n- \"1e3\"\n"},
    {"TimesThatAreNoStrings", R"(["1:30", "2001-01-01T00:00:00Z"])",
     "- \"1:30\"\n- \"2001-01-01T00:00:00Z\"\n"},
    {"HarmlessStrings", R"(["a b", "v1.2", "10.0.0.1", "a:b", "a#b", "-x", "yes please", "1s"])",
     "- a b\n- v1.2\n- 10.0.0.1\n- a:b\n- a#b\n- -x\n- yes please\n- 1s\n"},
    {"LeadingSigns", R"(["# a", "- a", "[a", "{a", "*a", "&a", "!a", "|", "%a", "@a", "'a"])",
     "- '# a'\n- '- a'\n- '[a'\n- '{a'\n- '*a'\n- '&a'\n- '!a'\n- '|'\n- '%a'\n- '@a'\n- '''a'\n"},
    {"SignsWithin", R"(["a: b", "a #b", "a:", "---", " a", "a "])",
     "- 'a: b'\n- 'a #b'\n- 'a:'\n- '---'\n- ' a'\n- 'a '\n"},
    {"Lines", R"({"a": "x\ny\n", "b": "x\ny", "c": "x\n\n", "d": "\nx\n"})",
     "a: |\n  x\n  y\nb: |-\n  x\n  y\nc: |+\n  x\n\nd: |2\n\n  x\n"},
    {"LinesThatStartIndented", R"({"a": "  x\ny\n"})", "a: |2\n    x\n  y\n"},
    {"LinesThatABlockCannotHold", R"({"a": "x \ny", "b": "\t\n"})",
     "a: \"x \\ny\"\nb: \"\\t\\n\"\n"},
    {"Escapes", R"(["\t", "\u0007", "\\d \u0001"])", "- \"\\t\"\n- \"\\a\"\n- \"\\\\d \\x01\"\n"},
    {"Unicode", R"(["é", "日本", "😀"])", "- é\n- 日本\n- \"\\U0001F600\"\n"},
    {"Numbers", "[0, -5, 1.5, 1e-7, 1234567.5, 1e300]",
     "- 0\n- -5\n- 1.5\n- 1e-07\n- 1.2345675e+06\n- 1e+300\n"},
    {"OddKeys", R"({"true": 1, "a: b": 2, "": 3, "<<": 4, "x\ny": 5})",
     "\"true\": 1\n'a: b': 2\n\"\": 3\n\"<<\": 4\n? |-\n  x\n  y\n: 5\n"},
    {"FoldsLongLines", "{\"a\": \"" + kLong + " bb cc dd\"}", "a: " + kLong + " bb\n  cc dd\n"},
    {"FoldsLongQuotedLines", "{\"a\": \"" + kLong + ": bb  cc\"}",
     "a: '" + kLong + ":\n  bb  cc'\n"},
    {"LongKeys", "{\"" + std::string(130, 'k') + "\": {\"a\": 1}}",
     "? " + std::string(130, 'k') + "\n: a: 1\n"},
    {"Scalar", R"("x")", "x\n"},
};
INSTANTIATE_TEST_SUITE_P(Yaml, PrintTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

TEST(PrintYaml, PrintsAWholeFloatAsAnInteger) {
  EXPECT_EQ(PrintYaml(core::Value(1.0)), "1\n");
  EXPECT_EQ(PrintYaml(core::Value(-3e10)), "-30000000000\n");
  EXPECT_EQ(PrintYaml(core::Value(1e20)), "1e+20\n");
}

TEST(PrintYaml, MendsWhatIsNoUtf8) {
  EXPECT_EQ(PrintYaml(core::Value(std::string("a\xFF\xC3"))), "a\xEF\xBF\xBD\xEF\xBF\xBD\n");
}

TEST(PrintYaml, PartsObjects) {
  const core::Objects objects{{core::Map{{"a", 1}}, "f"}, {core::Map{{"b", 2}}, "f"}};
  EXPECT_EQ(PrintYaml(objects), "a: 1\n---\nb: 2\n");
  EXPECT_EQ(PrintYaml(core::Objects()), "");
}

// Strings of all lengths over the characters that matter to YAML come back as they were.
TEST(PrintYaml, KeepsEveryShortString) {
  const std::string letters = "a1 -:#'\"\\\n\t{,?|~.";
  size_t tried = 0;
  for (size_t number = 0; number < 1 + 17 + 17 * 17 + 17 * 17 * 17; ++number) {
    std::string text;
    for (size_t rest = number; rest > 0; rest = (rest - 1) / letters.size()) {
      text += letters[(rest - 1) % letters.size()];
    }
    const core::Value value(core::Map{{"k", core::List{text}}, {text, 1}});
    const auto again = ParseYaml(PrintYaml(value), "printed");
    ASSERT_TRUE(again.ok()) << PrintYaml(value) << again.error().text();
    ASSERT_EQ(again->front(), value) << PrintYaml(value);
    ++tried;
  }
  EXPECT_EQ(tried, 5220u);
}

}  // namespace
}  // namespace headgate::templating
