#include "deploy/health/script.h"

#include <gtest/gtest.h>

#include <chrono>

#include "tests/unit/deploy/parsed.h"

namespace headgate::deploy {
namespace {

const char kObject[] =
    R"({'apiVersion':'example.com/v1','kind':'Thing','metadata':{'name':'t','generation':3},
  'spec':{'share':0.5,'on':true,'none':null},'status':{'phase':'Ready','nodes':[{'ready':true},{'ready':false}]}})";

struct Case {
  std::string name;
  std::string lua;
  std::string want;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

const Case kCases[] = {
    {"SeesTheObject",
     "hs = {}; hs.status = 'Degraded'; hs.message = obj.kind .. obj.metadata.generation .. "
     "tostring(obj.spec.share) .. tostring(obj.spec.on) .. tostring(obj.spec.none) .. "
     "#obj.status.nodes; return hs",
     "Degraded: Thing30.5truenil2"},
    {"WalksLists",
     "for i, n in ipairs(obj.status.nodes) do if not n.ready then return {status='Progressing', "
     "message='node ' .. i} end end",
     "Progressing: node 2"},
    {"HasOldLuasGetn",
     "return {status='Suspended', message=tostring(table.getn(obj.status.nodes))}", "Suspended: 2"},
    {"FindsPatterns",
     "local a, b = string.match('12/34', '(%d+)/(%d+)'); if obj.status.phase:find('^Rea') then "
     "return {status='Missing', message=b .. a} end",
     "Missing: 3412"},
    {"KnowsTimeOfATable",
     "return {status='Unknown', message=tostring(os.time({year=2026, month=1, day=1, hour=0}))}",
     "Unknown: 1767225600"},
    {"HealthySaysNothing", "return {status='Healthy', message='fine'}", "Healthy"},
    // What is returned.
    {"Nothing", "local x = 1",
     "Unknown: its health script failed: it returned nil, a table with status and message "
     "expected"},
    {"Text", "return 'Healthy'",
     "Unknown: its health script failed: it returned string, a table with status and message "
     "expected"},
    {"OtherWord", "return {status='Fine'}",
     "Unknown: its health script failed: status is \"Fine\", one of Healthy, Progressing, "
     "Degraded, "
     "Suspended, Missing, Unknown expected"},
    {"NoWord", "return {}",
     "Unknown: its health script failed: status is \"\", one of Healthy, Progressing, Degraded, "
     "Suspended, Missing, Unknown expected"},
    {"MessageOfAnotherKind", "return {status='Degraded', message={}}",
     "Degraded: its health script says so"},
    {"Mistake", "\nreturn {status=obj.spec.none.deeper}",
     "Unknown: its health script failed: line 2: attempt to index a nil value (field 'none')"},
    {"NoLua", "if then",
     "Unknown: its health script failed: line 1: unexpected symbol near 'then'"},
    {"Bytecode", "\x1bLua",
     "Unknown: its health script failed: attempt to load a binary chunk (mode is 't')"},
    // What it may not.
    {"NoFiles", "return {status='Degraded', message=tostring(io)}", "Degraded: nil"},
    {"NoModules", "return {status='Degraded', message=tostring(require) .. tostring(package)}",
     "Degraded: nilnil"},
    {"NoCode",
     "return {status='Degraded', message=tostring(load) .. tostring(dofile) .. tostring(loadfile) "
     ".. "
     "tostring(string.dump)}",
     "Degraded: nilnilnilnil"},
    {"NoProcesses",
     "return {status='Degraded', message=tostring(os.execute) .. tostring(os.exit) .. "
     "tostring(os.getenv) .. tostring(os.remove)}",
     "Degraded: nilnilnilnil"},
    {"NoClock", "return {status='Degraded', message=tostring(os.time())}",
     "Unknown: its health script failed: line 1: bad argument #1 to 'time' (table expected, got no "
     "value)"},
    {"NoMetatables",
     "return {status='Degraded', message=tostring(setmetatable) .. tostring(getmetatable) .. "
     "tostring(debug) .. tostring(coroutine)}",
     "Degraded: nilnilnilnil"},
};

class ScriptTest : public testing::TestWithParam<Case> {};

TEST_P(ScriptTest, Says) {
  EXPECT_EQ(Show(RunScript(GetParam().lua, Parsed(kObject))), GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(Cases, ScriptTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

// Each of these would go on for ever, or take all memory.
const Case kHarmful[] = {
    {"EndlessLoop", "while true do end", "it takes more than 1000000 steps"},
    {"EndlessLoopThatCatches", "while true do pcall(function() while true do end end) end",
     "it takes more than 1000000 steps"},
    {"EndlessRecursion", "local function f() return 1 + f() end return f()", ""},
    {"TailCalls", "local function f() return f() end return f()", "it takes more than"},
    {"Repeat", "return {status='Healthy', message=string.rep('x', 1e9)}", ""},
    {"RepeatOften", "while true do local s = string.rep('x', 5e5) end", ""},
    {"Growing", "local s = 'x' while true do s = s .. s end", "not enough memory"},
    {"ManyTables", "local t = {} for i = 1, 1e9 do t[i] = {} end", ""},
    {"Backtracking", "string.find(string.rep('a', 40000), string.rep('a-', 30) .. 'b')",
     "line 1: a pattern may take too long on a text of 40000 bytes"},
    {"BacktrackingBySubstitution", "string.gsub(string.rep('a', 5000), '.-.-.-b', 'x')",
     "a pattern may take too long"},
    {"ManyPatterns", "while true do string.find(string.rep('a', 3000), 'a*b') end",
     "a pattern may take too long"},
    {"DeepBrackets", "return " + std::string(10000, '(') + "1" + std::string(10000, ')'), ""},
    {"Sort",
     "local t = {} for i = 1, 20000 do t[i] = i % 7 end while true do table.sort(t, "
     "function(a, b) return true end) end",
     ""},
    {"DearSteps", "local s = string.rep('1', 4e5) while true do local x = s + 0 end", "it takes"},
    {"Finalizer", "setmetatable({}, {__gc = function() while true do end end})",
     "attempt to call a nil value (global 'setmetatable')"},
    {"Format", "return {status='Healthy', message=string.format('%99999999d', 1)}", ""},
};

class HarmfulScript : public testing::TestWithParam<Case> {};

TEST_P(HarmfulScript, Ends) {
  const auto began = std::chrono::steady_clock::now();
  const Health health = RunScript(GetParam().lua, Parsed(kObject));
  EXPECT_EQ(health.code, HealthCode::kUnknown);
  EXPECT_NE(health.why.find(GetParam().want), std::string::npos) << health.why;
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(30));
}
INSTANTIATE_TEST_SUITE_P(Cases, HarmfulScript, testing::ValuesIn(kHarmful),
                         [](const auto& test) { return test.param.name; });

TEST(Scripts, AreChosenByGroupAndKind) {
  const HealthScripts scripts = {{"other.com", "Thing", "return {status='Missing'}"},
                                 {"*.com", "T*", "return {status='Suspended', message='mine'}"},
                                 {"example.com", "Thing", "return {status='Missing'}"}};
  EXPECT_EQ(Show(AssessHealth(Parsed(kObject), scripts)), "Suspended: mine");
  EXPECT_EQ(Show(AssessHealth(Parsed("{'apiVersion':'v1','kind':'ConfigMap'}"), scripts)),
            "Healthy");
  EXPECT_EQ(Show(AssessHealth(
                Parsed("{'apiVersion':'a.com/"
                       "v1','kind':'T','metadata':{'deletionTimestamp':'2026-01-01T00:00:00Z'}}"),
                scripts)),
            "Progressing: is being deleted");
}

TEST(Scripts, AreCheckedWithoutAnObject) {
  EXPECT_TRUE(CheckScript("return {status = obj.status.phase}"));
  const core::Status wrong = CheckScript("return {status = }");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().text(), "line 1: unexpected symbol near '}'");
  EXPECT_FALSE(CheckScript(std::string(core::kHealthScriptBytesMax + 1, ' ')));
}

}  // namespace
}  // namespace headgate::deploy
