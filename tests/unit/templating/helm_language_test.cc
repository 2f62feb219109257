#include <gtest/gtest.h>

#include <string>

#include "helm_render.h"

namespace headgate::templating::helm {
namespace {

constexpr const char* kValues = R"({"s": "str", "i": 3, "f": 2.5, "b": true, "n": null,
  "l": [1, "a", null], "m": {"a": 1, "b": {"c": "deep"}}, "e": ""})";

struct Case {
  const char* name;
  const char* text;
  const char* want;  // what helm 4.1.4 writes
};

const Case kCases[] = {
    // Texts
    {"TrimsSpace", "a \n{{- 1 -}} \n b", "a1b"},
    {"KeepsSpaceWithoutAMarker", "a {{ 1 }} b{{-3}}", "a 1 b-3"},
    {"SkipsComments", "a{{/* x }} */}} b {{- /* y */ -}} c", "a bc"},
    // Values
    {"PrintsConstants", "{{1}} {{2.50}} {{1e3}} {{0x1F}} {{'a'}} {{1_000}} {{true}} {{`r`}} {{2i}}",
     "1 2.5 1000 31 97 1000 true r (0+2i)"},
    {"PrintsValues", "{{.Values.s}} {{.Values.i}} {{.Values.l}} {{.Values.m}}",
     "str 3 [1 a <nil>] map[a:1 b:map[c:deep]]"},
    {"PrintsNothingForNil", "[{{.Values.n}}{{.Values.none}}]", "[]"},
    {"FollowsFieldsOfPipelines",
     "{{(dict \"a\" (dict \"b\" 5)).a.b}} {{(index .Values.m \"b\").c}}", "5 deep"},
    {"FollowsFieldsOfANilVariable", "[{{$x := .Values.none}}{{$x.y.z}}]", "[]"},
    {"TypesConstantsByTheirParameter", "{{half 5}} {{half 2.5}} {{until 2}}", "2.5 1.25 [0 1]"},
    {"PipesToTheLastArgument", "{{2 | sub 5}} {{\"x\" | printf \"%s-%s\" \"y\"}}", "3 y-x"},
    // Variables
    {"ScopesVariables", "{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}", "21"},
    {"AssignsOuterVariables", "{{$x := 1}}{{range until 3}}{{$x = .}}{{end}}{{$x}}", "2"},
    {"KnowsTheRoot", "{{with .Values.m}}{{$.Values.s}}{{end}}", "str"},
    {"LooksPastABranchNotTaken", "{{$y := 0}}{{if false}}{{$y := 1}}{{else}}{{$y}}{{end}}", "0"},
    {"DeclaresInParentheses", "{{print ($x := 3) $x}} {{$x}}", "3 3 3"},
    {"LooksPastADeclarationNotMade", "{{$x := 1}}{{and false ($x := 2)}} {{$x}}", "false 1"},
    {"SeesADeclarationMadeInAnd", "{{$x := 1}}{{and true ($x := 2)}} {{$x}}", "2 2"},
    // Branches
    {"ChoosesABranch", "{{if .Values.e}}a{{else if .Values.n}}b{{else if .Values.s}}c{{end}}", "c"},
    {"ChoosesAWith", "{{with .Values.e}}a{{else with .Values.s}}{{.}}{{else}}c{{end}}", "str"},
    {"KeepsDotInElse", "{{with .Values.e}}a{{else}}{{.Values.i}}{{end}}", "3"},
    {"KnowsTruth",
     "{{range list 0 1 0.0 0.1 \"\" \"a\" nil list (list 1) dict (dict \"a\" 1) false true}}"
     "{{if .}}1{{else}}0{{end}}{{end}}",
     "0101010010101"},
    // Loops
    {"RangesOverLists", "{{range $i, $x := .Values.l}}{{$i}}={{$x}};{{end}}", "0=1;1=a;2=;"},
    {"RangesOverMapsByKey", "{{range $k, $v := dict \"b\" 1 \"a\" 2}}{{$k}}{{$v}}{{end}}", "a2b1"},
    {"RangesOverIntegers", "{{range 3}}{{.}}{{end}}{{range $i := 2}}{{$i}}{{end}}", "01201"},
    {"RangesOverNothing", "{{range .Values.none}}a{{else}}b{{end}}{{range 0}}c{{else}}d{{end}}",
     "bd"},
    {"LeavesAndContinuesLoops",
     "{{range $i := until 9}}{{if eq $i 1}}{{continue}}{{end}}{{if eq $i 4}}{{break}}{{end}}"
     "{{$i}}{{end}}.",
     "023."},
    {"LeavesALoopFromAWith", "{{range until 3}}{{with 7}}{{break}}{{end}}{{end}}{{.Values.i}}",
     "3"},
    {"RangesOverWhatWasThere",
     "{{$d := dict \"a\" 1}}{{range $k, $v := $d}}{{$d = set $d \"b\" 2}}{{$k}}{{end}}{{len $d}}",
     "a2"},
    {"AssignsInARange", "{{$x := 9}}{{$i := 9}}{{range $i, $x = .Values.l}}{{end}}{{$i}}{{$x}}",
     "2"},
    // Templates
    {"CallsTemplates", "{{define \"t\"}}<{{.}}>{{end}}{{template \"t\" 1}}{{include \"t\" 2}}",
     "<1><2>"},
    {"CallsATemplateWithoutADot", "{{define \"t\"}}[{{.}}]{{end}}{{template \"t\"}}", "[]"},
    {"DefinesBlocks", "{{block \"b\" .Values.m}}{{.a}}{{end}}{{template \"b\" dict \"a\" 7}}",
     "17"},
    {"PrefersADefinitionThatIsNotEmpty",
     "{{define \"t\"}}a{{end}}{{define \"t\"}} {{/* */}}{{end}}{{template \"t\"}}", "a"},
    {"GoesDeepInTemplates",
     "{{define \"f\"}}{{if .}}{{template \"f\" (sub . 1)}}{{else}}end{{end}}{{end}}"
     "{{template \"f\" 5000}}",
     "end"},
    {"IncludesOneNameAThousandTimesInItself",
     "{{define \"f\"}}{{if .}}{{include \"f\" (sub . 1)}}{{else}}end{{end}}{{end}}"
     "{{include \"f\" 1000}}",
     "end"},
    {"EvaluatesTexts", "{{tpl \"{{.Values.s}}{{.Values.none}}\" .}}{{tpl \"{{.}}\" 3}}", "str3"},
    {"KeepsDefinitionsOfATextInside",
     "{{define \"a\"}}{{template \"x\"}}{{end}}{{define \"x\"}}outer{{end}}"
     "{{tpl `{{define \"x\"}}inner{{end}}{{include \"a\" .}}` .}} {{include \"a\" .}}",
     "inner outer"},
    {"NestsTexts", "{{tpl \"{{tpl `{{define \\\"y\\\"}}1{{end}}{{template \\\"y\\\"}}` .}}\" .}}",
     "1"},
    {"ShowsNoValueToFunctionsOnly", "{{define \"t\"}}{{.none}}{{end}}{{len (include \"t\" dict)}}",
     "10"},
    // Functions
    {"Compares",
     "{{eq 1 2 1}} {{ne \"a\" \"b\"}} {{lt 1.5 2.5}} {{ge \"b\" \"a\"}} {{eq nil .Values.n}}",
     "true true true true true"},
    {"StopsAtWhatDecides",
     "{{or 1 (index nil 0)}} {{and 0 (index nil 0)}} {{and 1 2}} {{0 | or 0}}", "1 0 2 0"},
    {"Indexes",
     "{{index .Values.l 1}} {{index .Values.m \"b\" \"c\"}} {{index \"abc\" 1}}"
     "{{index .Values.m \"none\"}}",
     "a deep 98"},
    {"Escapes", "{{html \"<a>\"}} {{js \"it's\"}} {{urlquery \"a b&c\"}}",
     "&lt;a&gt; it\\'s a+b%26c"},
    // Objects
    {"CallsMethods",
     "{{now.Year}} {{now.Format \"x\"}} {{(now).AddDate 1 2}} {{\"z\" | now.Format}} {{now}}",
     "2026 in x 3 in z a moment"},
    {"ReadsStructs",
     "{{.Capabilities.KubeVersion}} {{.Capabilities.KubeVersion.Minor}} "
     "{{.Capabilities.KubeVersion.GitVersion}} {{printf \"%s\" .Capabilities.KubeVersion}} "
     "{{.Capabilities.APIVersions.Has \"apps/v1\"}}",
     "v1.30.0 30 v1.30.0-x {v1.30.0-x v1.30.0 1 30} true"},
};

const Case kErrors[] = {
    {"NamesThePlace", "a\n{{ .Values.s.x }}",
     "chart/templates/a.yaml:2:10\n  executing \"chart/templates/a.yaml\" at <.Values.s.x>:\n"
     "    can't evaluate field x in type interface {}"},
    {"NamesNilPointers", "{{.Values.none.x}}",
     "chart/templates/a.yaml:1:9\n  executing \"chart/templates/a.yaml\" at <.Values.none.x>:\n"
     "    nil pointer evaluating interface {}.x; none is not there"},
    {"NamesTheNearest", "{{ $m := dict \"passwords\" 1 \"no\" nil }}{{ $m.password.x }}",
     "chart/templates/a.yaml:1:44\n  executing \"chart/templates/a.yaml\" at <$m.password.x>:\n"
     "    nil pointer evaluating interface {}.x; password is not there, passwords is"},
    {"NamesNull", "{{ $m := dict \"no\" nil }}{{ $m.no.x }}",
     "chart/templates/a.yaml:1:30\n  executing \"chart/templates/a.yaml\" at <$m.no.x>:\n"
     "    nil pointer evaluating interface {}.x; no is null"},
    {"NamesIncludes", "{{define \"t\"}}{{.a.b}}{{end}}{{include \"t\" (dict \"c\" 1) }}",
     "chart/templates/a.yaml:1:31\n  executing \"chart/templates/a.yaml\" at <include \"t\" (dict "
     "\"c\" 1)>:\n    error calling include:\nchart/templates/a.yaml:1:18\n  executing \"t\" at "
     "<.a.b>:\n    nil pointer evaluating interface {}.b; a is not there"},
    {"ShowsFunctionErrorsInOneLine", "{{index .Values.l 9}}",
     "template: chart/templates/a.yaml:1:2: executing \"chart/templates/a.yaml\" at <index "
     ".Values.l "
     "9>: error calling index: index out of range: 9"},
    {"ShowsWhatFailSays", "{{define \"t\"}}{{fail \"no: good\"}}{{end}}\n{{include \"t\" .}}",
     "execution error at (chart/templates/a.yaml:2:2): no: good"},
    {"ShowsWhatIsRequired", "{{required \"x is needed\" .Values.none}}",
     "execution error at (chart/templates/a.yaml:1:2): x is needed"},
    {"NamesTypes", "{{printf 3}}",
     "chart/templates/a.yaml:1:9\n  executing \"chart/templates/a.yaml\" at <3>:\n    expected "
     "string; "
     "found 3"},
    {"NamesTypesOfValues", "{{half .Values.s}}",
     "chart/templates/a.yaml:1:14\n  executing \"chart/templates/a.yaml\" at <.Values.s>:\n    "
     "wrong "
     "type for value; expected float64; got string"},
    {"CountsArguments", "{{sub 1}}",
     "chart/templates/a.yaml:1:2\n  executing \"chart/templates/a.yaml\" at <sub>:\n    wrong "
     "number "
     "of args for sub: want 2 got 1"},
    {"NamesTheArgumentThatDecided", "{{(or .Values.i .Values.s).x}}",
     "chart/templates/a.yaml:1:13\n  executing \"chart/templates/a.yaml\" at <.Values.i>:\n    "
     "can't "
     "evaluate field x in type float64"},
    {"RefusesToRange", "{{range .Values.s}}{{end}}",
     "chart/templates/a.yaml:1:15\n  executing \"chart/templates/a.yaml\" at <.Values.s>:\n    "
     "range "
     "can't iterate over str"},
    {"KnowsNoSuchTemplate", "{{template \"none\"}}",
     "chart/templates/a.yaml:1:11\n  executing \"chart/templates/a.yaml\" at <{{template "
     "\"none\"}}>:\n"
     "    template \"none\" not defined"},
    {"LimitsRecursion", "{{define \"f\"}}{{template \"f\"}}{{end}}{{template \"f\"}}",
     "chart/templates/a.yaml:1:25\n  executing \"f\" at <{{template \"f\"}}>:\n    exceeded "
     "maximum "
     "template depth (100000)"},
    {"ShowsTpl", "{{tpl \"{{.x.y}}\" .}}",
     "template: chart/templates/a.yaml:1:2: executing \"chart/templates/a.yaml\" at <tpl "
     "\"{{.x.y}}\" .>: error calling tpl: error during tpl function execution for \"{{.x.y}}\": "
     "template: gotpl:1:4: executing \"gotpl\" at <.x.y>: nil pointer evaluating interface {}.y; x "
     "is not there"},
    {"ShowsTplThatIsNoTemplate", "{{tpl \"{{\" .}}",
     "template: chart/templates/a.yaml:1:2: executing \"chart/templates/a.yaml\" at <tpl \"{{\" "
     ".>: "
     "error calling tpl: cannot parse template \"{{\": template: gotpl:1: unclosed action"},
    {"NamesUndeclaredVariables", "{{if false}}{{$y := 1}}{{else}}{{$y}}{{end}}",
     "chart/templates/a.yaml:1:33\n  executing \"chart/templates/a.yaml\" at <$y>:\n    undefined "
     "variable: $y"},
    // Texts that are no templates
    {"NamesTheLineOfTheText", "\n{{if}}",
     "parse error at (chart/templates/a.yaml:2): missing value for if"},
    {"KnowsNoSuchFunction", "{{nope}}",
     "parse error at (chart/templates/a.yaml:1): function \"nope\" not defined"},
    {"MissesAnEnd", "{{if 1}}", "parse error at (chart/templates/a.yaml:1): unexpected EOF"},
    {"NamesWhatItFound", "{{1 2}}{{end}}",
     "parse error at (chart/templates/a.yaml:1): unexpected {{end}}"},
    {"SaysWhereTheActionBegan", "{{\n1\n",
     "parse error at (chart/templates/a.yaml:3): unclosed action started at "
     "chart/templates/a.yaml:1"},
};

class LanguageTest : public testing::TestWithParam<Case> {};

TEST_P(LanguageTest, WritesWhatHelmDoes) {
  const Rendered rendered = RenderText(GetParam().text, kValues);
  EXPECT_EQ(rendered.error, "");
  EXPECT_EQ(rendered.text, GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(Helm, LanguageTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

class LanguageErrorTest : public testing::TestWithParam<Case> {};

TEST_P(LanguageErrorTest, SaysWhatHelmDoes) {
  const Rendered rendered = RenderText(GetParam().text, kValues);
  EXPECT_EQ(rendered.error, GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(Helm, LanguageErrorTest, testing::ValuesIn(kErrors),
                         [](const auto& test) { return test.param.name; });

std::string Repeated(const std::string& text, size_t times) {
  std::string result;
  for (size_t i = 0; i < times; ++i) result += text;
  return result;
}

struct BoundCase {
  const char* name;
  std::string text;
  const char* want;  // in the error
};
const BoundCase kBounds[] = {
    {"Steps", "{{range 1000000000}}{{end}}", "more than the limit of 1000000 steps"},
    {"Output", "{{range 1000000000}}" + std::string(10000, 'x') + "{{end}}",
     "output is larger than the limit of 1000000 bytes"},
    {"OutputOfPrintf", "{{printf \"%1000000d%1000000d\" 1 2}}",
     "larger than the limit of 1000000 bytes"},
    {"Values",
     "{{$l := list}}{{range 1000000}}{{$l = list $l $l $l $l $l $l $l $l $l $l $l}}{{end}}",
     "values of the render are larger than the limit of 4000000 bytes"},
    {"Includes", "{{define \"f\"}}{{include \"f\" .}}{{end}}{{include \"f\" .}}",
     "rendering template has a nested reference name: f: unable to execute template"},
    {"TplInItself", "{{$t := \"{{tpl . .}}\"}}{{tpl $t $t}}",
     "exceeded maximum template depth (100000)"},
    {"Parentheses", "{{" + std::string(100000, '(') + "1" + std::string(100000, ')') + "}}",
     "max expression depth exceeded"},
    {"Actions", Repeated("{{if 1}}", 100000), "nested deeper than the limit of 1000"},
    {"ValuesInEachOther", "{{$d := dict}}{{$x := set $d \"a\" $d}}{{$d}}", "nested too deeply"},
    {"Words", "{{list" + Repeated(" 1", 70000) + "}}",
     "too many variables, or a command too many words"},
};

class BoundTest : public testing::TestWithParam<BoundCase> {};

TEST_P(BoundTest, AreKept) {
  Limits limits;
  limits.steps = 1'000'000;
  limits.output_bytes = 1'000'000;
  limits.text_bytes = 1'000'000;
  limits.heap_bytes = 4'000'000;
  const Rendered rendered = RenderText(GetParam().text, "{}", limits);
  EXPECT_NE(rendered.error.find(GetParam().want), std::string::npos)
      << rendered.error.substr(0, 500);
}
INSTANTIATE_TEST_SUITE_P(Helm, BoundTest, testing::ValuesIn(kBounds),
                         [](const auto& test) { return test.param.name; });

TEST(HelmLanguageTest, ReadsLongChainsOfElse) {
  const std::string text = "{{if 0}}" + Repeated("{{else if 0}}x", 50000) + "{{else}}last{{end}}";
  const Rendered rendered = RenderText(text);
  EXPECT_EQ(rendered.error, "");
  EXPECT_EQ(rendered.text, "last");
}

}  // namespace
}  // namespace headgate::templating::helm
