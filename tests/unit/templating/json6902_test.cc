#include "templating/kustomize/json6902.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "node_text.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Arena;
using yaml::Node;

std::string Patched(const char* body, std::string_view text) {
  Arena arena;
  const auto patch = ParseJsonPatch(arena.Copy(text), "p.yaml", &arena);
  if (!patch) return patch.error().text();
  Node* node = ReadNode(&arena, body);
  const core::Status done = ApplyJsonPatch(*patch, &arena, node);
  return done ? ShowNode(*node) : done.error().text();
}

struct Case {
  const char* name;
  const char* body;
  const char* operations;  // YAML in brackets
  const char* want;
};

const Case kCases[] = {
    {"AddsAKey", "{a: 1}", "{op: add, path: /b, value: {c: x}}", "{a: 1, b: {c: x}}"},
    {"AddsOverAKey", "{a: 1}", "{op: add, path: /a, value: x}", "{a: x}"},
    {"AddsAnItem", "{a: [1, 2]}", "{op: add, path: /a/1, value: x}", "{a: [1, x, 2]}"},
    {"AddsAtTheEnd", "{a: [1]}", "{op: add, path: /a/-, value: x}", "{a: [1, x]}"},
    {"AddsBehindTheLast", "{a: [1]}", "{op: add, path: /a/1, value: x}", "{a: [1, x]}"},
    {"AddsFromTheEnd", "{a: [1, 2]}", "{op: add, path: /a/-1, value: x}", "{a: [1, 2, x]}"},
    {"AddsBeforeTheLast", "{a: [1, 2]}", "{op: add, path: /a/-2, value: x}", "{a: [1, x, 2]}"},
    {"AddsNullForNothing", "{}", "{op: add, path: /a}", "{a: null}"},
    {"AddsTooFar", "{a: [1]}", "{op: add, path: /a/2, value: x}",
     "operation 1 (add /a/2, line 1): index 2 is outside of the list, which has 1 item"},
    {"AddsByName", "{a: [1]}", "{op: add, path: /a/x, value: x}",
     "operation 1 (add /a/x, line 1): an index expected, found \"x\""},
    {"AddsIntoWhatIsMissing", "{}", "{op: add, path: /a/b, value: x}",
     "operation 1 (add /a/b, line 1): /a is missing"},
    {"AddsIntoText", "{a: x}", "{op: add, path: /a/b, value: x}",
     "operation 1 (add /a/b, line 1): line 1: /a: a mapping or a list expected, found a scalar"},
    {"AddsAnEmptyKey", "{}", "{op: add, path: /, value: x}", "{: x}"},
    {"AddsToTheRoot", "{}", "{op: add, path: \"\", value: {}}",
     "operation 1 (add \"\", line 1): path: \"/...\" expected, found \"\""},
    {"DropsWhatIsBeforeTheSlash", "{}", "{op: add, path: x/a, value: 1}", "{a: 1}"},
    {"UnescapesOnce", "{}", "{op: add, path: /a~1b~0c~01, value: 1}", "{a/b~c~1: 1}"},
    {"RemovesAKey", "{a: 1, b: 2}", "{op: remove, path: /a}", "{b: 2}"},
    {"RemovesAnItem", "{a: [1, 2, 3]}", "{op: remove, path: /a/-2}", "{a: [1, 3]}"},
    {"RemovesNothing", "{a: 1}", "{op: remove, path: /b}",
     "operation 1 (remove /b, line 1): b is missing"},
    {"RemovesBehindTheEnd", "{a: [1]}", "{op: remove, path: /a/-}",
     "operation 1 (remove /a/-, line 1): an index expected, found \"-\""},
    {"ReplacesAKey", "{a: 1}", "{op: replace, path: /a, value: [x]}", "{a: [x]}"},
    {"ReplacesWhatIsMissing", "{a: 1}", "{op: replace, path: /b, value: 2}", "{a: 1, b: 2}"},
    {"ReplacesAnItem", "{a: [1, 2]}", "{op: replace, path: /a/-1, value: x}", "{a: [1, x]}"},
    {"ReplacesNoItem", "{a: [1]}", "{op: replace, path: /a/1, value: x}",
     "operation 1 (replace /a/1, line 1): index 1 is outside of the list, which has 1 item"},
    {"ReplacesTheRoot", "{a: 1}", "{op: replace, path: \"\", value: {b: 2}}", "{b: 2}"},
    {"ReplacesTheRootByText", "{a: 1}", "{op: replace, path: \"\", value: x}",
     "operation 1 (replace \"\", line 1): value: a mapping or a list expected for the whole "
     "object"},
    {"ReplacesTheRootByAList", "{a: 1}", "{op: replace, path: \"\", value: [x]}",
     "line 1: object: a mapping expected, found a list"},
    {"Moves", "{a: {b: 1}, c: [2]}", "{op: move, from: /a/b, path: /c/0}", "{a: {}, c: [1, 2]}"},
    {"MovesNothing", "{}", "{op: move, from: /a, path: /b}",
     "operation 1 (move /b, line 1): a is missing"},
    {"MovesIntoItself", "{a: {b: 1}}", "{op: move, from: /a, path: /a/b}",
     "operation 1 (move /a/b, line 1): /a is missing"},
    {"Copies", "{a: {b: 1}}", "{op: copy, from: /a, path: /a/c}", "{a: {b: 1, c: {b: 1}}}"},
    {"CopiesNothingAsNull", "{}", "{op: copy, from: /a, path: /b}", "{b: null}"},
    {"Tests", "{a: {b: [1, {c: x}]}}", "{op: test, path: /a, value: {b: [1, {c: x}]}}",
     "{a: {b: [1, {c: x}]}}"},
    {"TestsInAnyOrder", "{a: {b: 1, c: 2}}", "{op: test, path: /a, value: {c: 2, b: 1}}",
     "{a: {b: 1, c: 2}}"},
    {"TestsInVain", "{a: 1}", "{op: test, path: /a, value: \"1\"}",
     "operation 1 (test /a, line 1): \"1\" expected, found 1"},
    {"TestsNullForNothing", "{a: null}",
     "{op: test, path: /a}, {op: test, path: /b, value: null}, {op: test, path: /b}", "{a: null}"},
    {"TestsTheRoot", "{a: 1}", "{op: test, path: \"\", value: {a: 1}}", "{a: 1}"},
    {"TestsNullInAList", "{a: [null]}", "{op: test, path: /a, value: [null]}",
     "operation 1 (test /a, line 1): [null] expected, found [null]"},
    {"UnknownOperation", "{}", "{op: merge, path: /a}",
     "operation 1 (merge /a, line 1): op: add, remove, replace, move, copy or test expected"},
    {"NoOperation", "{}", "null",
     "operation 1 (unknown ?, line 1): op: add, remove, replace, move, copy or test expected"},
    {"NoPath", "{}", "{op: add, value: 1}",
     "operation 1 (add ?, line 1): path: a string expected, found none"},
    {"PathIsANumber", "{}", "{op: add, path: 1, value: 1}",
     "operation 1 (add ?, line 1): path: a string expected, found none"},
    {"TheSecondFails", "{}", "{op: add, path: /a, value: 1}, {op: remove, path: /b}",
     "operation 2 (remove /b, line 1): b is missing"},
    {"TypesAsYaml11", "{}",
     "{op: add, path: /a, value: {b: yes, c: off, d: \"yes\", e: 2001-01-01}}",
     "{a: {b: true, c: false, d: \"yes\", e: \"2001-01-01\"}}"},
    {"NumbersGoThroughJson", "{a: 1000000, b: 0x1F, c: 1.0, d: 12345678901234567890, e: ~}", "",
     "{a: 1e+06, b: 31, c: 1, d: 1.2345678901234567e+19, e: null}"},
};

TEST(Json6902Test, AppliesOperations) {
  for (const Case& test : kCases) {
    EXPECT_EQ(Patched(test.body, fmt::format(" [{}]", test.operations)), test.want) << test.name;
  }
}

const Case kTexts[] = {
    {"Json", "{}",
     R"([{"op": "add", "path": "/a", "value": {"b": [1, -2.5e3, "x\u0041\n", true]}}])",
     "{a: {b: [1, -2500, xA\n, true]}}"},
    {"YamlThatIsNoJson", "{}", "[{op: add}]", "p.yaml:1:3: a key in quotes expected, found 'o'"},
    {"JsonWithMore", "{}", "[] x", "p.yaml:1:4: the end of the text expected, found 'x'"},
    {"JsonWithACommaTooMany", "{}", "[1,]", "p.yaml:1:4: a value expected, found ']'"},
    {"JsonOfScalars", "{}", "[1]",
     "p.yaml:1: an operation ({op, path, ...}) expected, found a scalar"},
    {"NoList", "{}", "op: add", "p.yaml:1: a list of operations expected, found a mapping"},
    {"Nothing", "{a: 1}", "# nothing", "{a: 1}"},
    {"TheLastOfAKeyCounts", "{}", R"([{"op": "remove", "op": "add", "path": "/a", "value": 1}])",
     "{a: 1}"},
    {"TestsAsWritten", "{a: 1}", R"([{"op": "test", "path": "/a", "value": 1.0}])",
     "operation 1 (test /a, line 1): 1.0 expected, found 1"},
    {"TestsTextsAsGoWritesThem", "{a: \"<b>\"}",
     R"([{"op": "test", "path": "/a", "value": "\u003cb\u003e"}])", "{a: <b>}"},
    {"TestsOtherWritingsInVain", "{a: \"<b>\"}",
     R"([{"op": "test", "path": "/a", "value": "<b>"}])",
     "operation 1 (test /a, line 1): \"<b>\" expected, found \"\\u003cb\\u003e\""},
    {"TestsWhatWasAddedAsWritten", "{}",
     R"([{"op": "add", "path": "/a", "value": 1.0}, {"op": "test", "path": "/a", "value": 1.0}])",
     "{a: 1}"},
};

TEST(Json6902Test, ReadsJsonToTheLetterAndYaml) {
  for (const Case& test : kTexts) {
    EXPECT_EQ(Patched(test.body, test.operations), test.want) << test.name;
  }
}

TEST(Json6902Test, BoundsWhatIsCopied) {
  std::string patch = "[{\"op\": \"add\", \"path\": \"/a\", \"value\": {}}";
  for (int i = 0; i < 30; ++i) {
    patch += fmt::format(", {{\"op\": \"copy\", \"from\": \"/a\", \"path\": \"/a/{}\"}}", i);
  }
  EXPECT_NE(Patched("{}", patch + "]").find("copies of at most 1000000 values expected"),
            std::string::npos);
}

TEST(Json6902Test, BoundsHowDeepJsonIs) {
  const std::string deep(2000, '[');
  EXPECT_NE(Patched("{}", deep).find("a text that is at most 1000 deep expected"),
            std::string::npos);
}

}  // namespace
}  // namespace headgate::templating::kustomize
