#include "deploy/health/expression.h"

#include <gtest/gtest.h>

#include "deploy/health/rules.h"
#include "tests/unit/deploy/parsed.h"

namespace headgate::deploy {
namespace {

const char kObject[] = R"({
  'kind':'Thing', 'metadata':{'generation':3,'labels':{'a.b/c':'yes'}}, 'spec':{'replicas':2,'paused':false},
  'status':{'phase':'Running','ready':'2','observedGeneration':3,'empty':'','nothing':null,'share':'1/3',
    'racks':{'one':{'members':3,'ready':3},'two':{'members':2,'ready':1}}, 'names':['x','y'],
    'conditions':[{'type':'Ready','status':'False','reason':'NoDisk','message':'no disk'},
                  {'type':'Synced','status':'True','lastTransitionTime':'2026-01-01T00:00:00Z'}],
    'parents':[{'name':'p','conditions':[{'type':'Accepted','status':'True','observedGeneration':2}]}]}})";

struct Case {
  std::string expression;
  bool want;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.expression; }

const Case kCases[] = {
    {".status.phase = Running", true},
    {".status.phase != Running", false},
    {".status.phase = 'Running' and not .spec.paused", true},
    {".metadata.labels.'a.b/c' = yes", true},
    {".status.missing", false},
    {".status.nothing", false},
    {".status.missing = missing", true},
    {".status.nothing = missing", true},
    {".status.empty = missing", false},
    {".status.empty", true},
    {".spec.paused", false},
    {".spec.paused = false", true},
    // Texts that are numbers are numbers beside numbers.
    {".status.ready = .spec.replicas", true},
    {".status.ready < 3", true},
    {".status.ready >= 2", true},
    {".status.phase < 3", false},
    {".status.missing < 3", false},
    {".status.missing >= 3", false},
    {".status.missing ?? 0 < 3", true},
    {".spec.replicas - 1 = 1", true},
    {".spec.replicas + .status.missing = 2", false},
    {".status.phase in [Pending, Running]", true},
    {".status.missing in [missing, '']", true},
    {".status.phase like 'Run*'", true},
    {".status.phase like '*x*'", false},
    {"Ready is False", true},
    {"Ready is not True", true},
    {"Gone is not True", false},
    {"Gone is there", false},
    {"Ready is there and reason(Ready) = NoDisk and message(Ready) = 'no disk'", true},
    {"time(Synced) < '2026-01-02T00:00:00Z'", true},
    {"any(.status.conditions, .status = True)", true},
    {"all(.status.conditions, .status = True)", false},
    {"all(.status.missing, .status = True)", false},
    {"any(.status.racks, .members != .ready)", true},
    {"count(.status.racks, .members = .ready) = 1", true},
    {"count(.status.racks) = 2", true},
    {"count(.status.missing) = 0", true},
    {"sum(.status.racks, .members) = 5", true},
    {"count(.status.names, . = x) = 1", true},
    {".status.names[-1] = y and .status.names[0] = x", true},
    {".status.names[7]", false},
    {"any(.status.parents, Accepted is True)", true},
    {"any(.status.parents, any(.conditions, stale(.observedGeneration)))", true},
    {"any(.status.parents, .name = p and $.status.phase = Running)", true},
    {"stale(.status.observedGeneration)", false},
    {"stale(.status.missing)", false},
    {"before(.status.share, '/') = 1 and after(.status.share, '/') = 3", true},
    {"lower(.status.phase) = running", true},
    {"(.status.phase = Running or .x) and (.y or Ready is False)", true},
};

class ExpressionTest : public testing::TestWithParam<Case> {};

TEST_P(ExpressionTest, Holds) {
  const core::Result<Expression> read = ParseExpression(GetParam().expression);
  ASSERT_TRUE(read) << read.error().text();
  const core::Value object = Parsed(kObject);
  EXPECT_EQ(Holds(*read, {object, object}), GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(Cases, ExpressionTest, testing::ValuesIn(kCases));

TEST(Expression, SaysWhatIsWrong) {
  const struct {
    std::string text, want;
  } wrong[] = {
      {"", R"x("": a value expected at "")x"},
      {".a =", R"x(".a =": a value expected at "")x"},
      {".a = b c", R"x(".a = b c": end, "and" or "or" expected at "c")x"},
      {"anyone(.a)", R"x("anyone(.a)": a function instead of "anyone" expected at ".a)")x"},
      {"any(.a)", R"x("any(.a)": 2 arguments of any expected at "")x"},
      {".a in b", R"x(".a in b": "[" expected at "b")x"},
      {"'a", R"x("'a": a closing ' expected at "'a")x"},
      {".a is True", R"x(".a is True": the name of a condition before "is" expected at " True")x"},
  };
  for (const auto& each : wrong) {
    const core::Result<Expression> read = ParseExpression(each.text);
    ASSERT_FALSE(read) << each.text;
    EXPECT_EQ(read.error().text(), each.want);
  }
  EXPECT_FALSE(ParseExpression(std::string(10000, '(')));
}

TEST(Like, TakesStarsForAnyText) {
  EXPECT_TRUE(IsLike("s3.aws.crossplane.io/Bucket", "*.crossplane.io/*"));
  EXPECT_FALSE(IsLike("crossplane.io/Bucket", "*.crossplane.io/*"));
  EXPECT_TRUE(IsLike("", "**"));
  EXPECT_FALSE(IsLike(std::string(100000, 'a'), "*a*a*a*a*a*a*b"));  // and in no time
}

TEST(RuleTable, RefusesWhatItDoesNotKnow) {
  const struct {
    std::string table, want;
  } wrong[] = {
      {"{'kinds':[{'rules':[]}]}", "an entry of kinds has no list \"of\""},
      {"{'kinds':[{'of':['a/B'],'rules':[{'Fine':'.a'}]}]}",
       "a/B: \"Fine\": a status, or use, each, when expected"},
      {"{'kinds':[{'of':['a/B'],'rules':[{'use':'x'}]}]}", "a/B: there is no convention x"},
      {"{'kinds':[{'of':['a/B','a/B'],'rules':[{'Healthy':'otherwise'}]}]}",
       "a/B is in the table twice"},
      {"{'kinds':[{'of':['a/B'],'rules':[{'Healthy':'.a','say':'{.b'}]}]}",
       "a/B: say: a closing } expected"},
  };
  for (const auto& each : wrong) {
    const core::Result<RuleTable> read = RuleTable::Parse(Parsed(each.table));
    ASSERT_FALSE(read) << each.table;
    EXPECT_EQ(read.error().text(), each.want);
  }
}

TEST(RuleTable, FindsExactNamesBeforePatterns) {
  const RuleTable& table = RuleTable::BuiltIn();
  EXPECT_NE(table.Find("pkg.crossplane.io", "Provider"), nullptr);
  EXPECT_NE(table.Find("pkg.crossplane.io", "Provider"),
            table.Find("pkg.crossplane.io", "Function"));
  EXPECT_EQ(table.Find("example.com", "Thing"), nullptr);
}

}  // namespace
}  // namespace headgate::deploy
