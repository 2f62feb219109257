#include "templating/yaml/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace headgate::templating {
namespace {

struct Case {
  const char* name;
  std::string text;
  bool is_utf8;
};
const Case kCases[] = {
    {"Nothing", "", true},
    {"OneOfEachLength", "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", true},
    {"TheLastOne", "\xF4\x8F\xBF\xBF", true},
    {"BeyondTheLastOne", "\xF4\x90\x80\x80", false},
    {"AnOverlongSlash", "\xC0\xAF", false},
    {"OverlongThree", "\xE0\x80\xAF", false},
    {"OverlongFour", "\xF0\x80\x80\xAF", false},
    {"ASurrogate", "\xED\xA0\x80", false},
    {"ALoneContinuation", "a\x80", false},
    {"CutOff", "\xE2\x82", false},
    {"NoContinuation", "\xE2\x28\xA1", false},
    {"AByteThatNeverIs", "\xFF", false},
};
class Utf8Test : public testing::TestWithParam<Case> {};
TEST_P(Utf8Test, KnowsWhatIsUtf8) { EXPECT_EQ(IsUtf8(GetParam().text), GetParam().is_utf8); }
INSTANTIATE_TEST_SUITE_P(Yaml, Utf8Test, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

TEST(TakeRuneTest, TakesOneByteWhereItIsNone) {
  std::string_view text = "\xE2\x82z";
  EXPECT_EQ(TakeRune(&text), std::nullopt);
  EXPECT_EQ(TakeRune(&text), std::nullopt);
  EXPECT_EQ(TakeRune(&text), U'z');
  EXPECT_TRUE(text.empty());
}

}  // namespace
}  // namespace headgate::templating
