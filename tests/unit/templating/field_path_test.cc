#include "templating/kustomize/field_path.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "node_text.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Arena;
using yaml::Node;
using yaml::Tag;

std::string Join(const std::vector<std::string_view>& parts) {
  std::string text;
  for (std::string_view part : parts) text += (text.empty() ? "" : "|") + std::string(part);
  return text;
}

struct SplitCase {
  const char* name;
  const char* path;
  const char* want;
};

const SplitCase kSplits[] = {
    {"PlainParts", "spec.replicas", "spec|replicas"},
    {"ALeadingDotDoesNotCount", ".a.b", "a|b"},
    {"ABackslashKeepsADot", "metadata.labels.a\\.b\\.c", "metadata|labels|a.b.c"},
    {"BracketsKeepDots", "metadata.annotations.[a.b/c]", "metadata|annotations|a.b/c"},
    {"SelectorsStayInBrackets", "c.[name=a.b].image", "c|[name=a.b]|image"},
    {"BracketsInOnePartStay", "a.[b].c", "a|[b]|c"},
    {"AnOpenBracketTakesTheRest", "a.[b.c", "a|b.c"},
    {"IndicesAndWildcards", "a.0.*.-", "a|0|*|-"},
};

TEST(FieldPathTest, SplitsPaths) {
  for (const SplitCase& test : kSplits) {
    Arena arena;
    EXPECT_EQ(Join(SplitPath(test.path, &arena)), test.want) << test.name;
  }
}

TEST(FieldPathTest, SplitsIndicesOfVars) {
  Arena arena;
  EXPECT_EQ(Join(SplitVarPath("spec.ports[0].port", &arena)), "spec|ports|0|port");
  EXPECT_EQ(Join(SplitVarPath("a.[12].b[x]", &arena)), "a|12|b[x]");
}

constexpr const char* kWeb =
    "{spec: {containers: [{name: web, image: a}, {name: web-2, image: b}], "
    "args: [-x, -y], none: null}, text: '{\"x\": {\"y\": 1}}'}";

struct PathCase {
  const char* name;
  const char* path;
  Make make;
  const char* want;  // nodes that are found, and what became of the object where it may be made
};

const PathCase kLookups[] = {
    {"Keys", "spec.args", Make::kNothing, "[-x, -y]"},
    {"Nothing", "spec.other.deep", Make::kNothing, "nothing"},
    {"NullEndsTheWay", "spec.none.deep", Make::kNothing, "nothing"},
    {"Index", "spec.args.1", Make::kNothing, "-y"},
    {"IndexBeyond", "spec.args.2", Make::kNothing, "nothing"},
    {"LastItem", "spec.args.-", Make::kNothing, "-y"},
    {"ExactSelector", "spec.containers.[name=web].image", Make::kNothing, "a"},
    {"SelectorOfScalars", "spec.args.[=-y]", Make::kNothing, "-y"},
    {"NegativeIndex", "spec.args.-1", Make::kNothing, "spec.args.-1: index -1 is negative"},
    {"Wildcard", "spec.args.*", Make::kNothing, "spec.args.*: \"*\" cannot be looked up"},
    {"KeyInList", "spec.args.x", Make::kNothing,
     "line 1: spec.args.x: a mapping expected, found a list"},
    {"NoSelector", "spec.args.[x]", Make::kNothing,
     "spec.args.[x]: \"[x]\": [field=value] expected"},
    {"MakesEntries", "a.b", Make::kScalar, "?"},
    {"MakesLists", "a.[n=x].b", Make::kMapping, "{}"},
};

TEST(FieldPathTest, LooksUpOneNode) {
  for (const PathCase& test : kLookups) {
    Arena arena;
    Node* root = ReadNode(&arena, kWeb);
    const auto path = SplitPath(test.path, &arena);
    const auto found = Lookup(path, test.make, &arena, root);
    EXPECT_EQ(!found   ? found.error().text()
              : *found ? ShowNode(**found)
                       : "nothing",
              test.want)
        << test.name;
  }
}

const PathCase kMatches[] = {
    {"EveryItem", "spec.containers.*.image", Make::kNothing, "a b"},
    {"SelectorsAreExpressions", "spec.containers.[name=web].image", Make::kNothing, "a b"},
    {"AnchoredSelector", "spec.containers.[name=^web$].image", Make::kNothing, "a"},
    {"SelectorOfScalarsEndsThePath", "spec.args.[=y].more", Make::kNothing, "-y"},
    {"Nothing", "spec.x.y", Make::kNothing, ""},
    {"Null", "spec.none", Make::kNothing, "null"},
    {"IndexBeyond", "spec.args.2", Make::kNothing,
     "spec.args.2: index 2 is beyond the list's 2 items"},
    {"WildcardInMapping", "spec.*", Make::kNothing,
     "line 1: spec.*: a list expected, found a mapping"},
    {"BadExpression", "spec.args.[=(]", Make::kNothing,
     "spec.args.[=(]: a regular expression expected, found \"(\": missing ): ("},
    {"ThroughText", "spec.args.0.x", Make::kNothing,
     "line 1: spec.args.0.x: a mapping expected, found a scalar"},
    {"ThroughTextThatIsADocument", "text.x.y", Make::kNothing, "1"},
    {"MakesTheNextItem", "spec.args.2", Make::kScalar, "?"},
    {"MakesWhatASelectorNames", "spec.containers.[name=new].image", Make::kScalar, "?"},
    {"DoesNotMakeForEver", "spec.containers.[name=^x$].image", Make::kScalar,
     "spec.containers.[name=^x$].image: what is made for \"[name=^x$]\" does not fit it itself"},
    {"MakesNothingInNull", "spec.none.deep", Make::kScalar, "?"},
};

TEST(FieldPathTest, MatchesManyNodes) {
  for (const PathCase& test : kMatches) {
    Arena arena;
    Node* root = ReadNode(&arena, kWeb);
    const auto path = SplitPath(test.path, &arena);
    const auto found = Match(path, test.make, &arena, root);
    std::string seen = found ? "" : found.error().text();
    if (found) {
      for (const Node* node : *found) seen += (seen.empty() ? "" : " ") + ShowNode(*node);
    }
    EXPECT_EQ(seen, test.want) << test.name;
  }
}

TEST(FieldPathTest, MakesWhatIsMissingInPlace) {
  Arena arena;
  Node* root = ReadNode(&arena, "{a: {l: [{n: x}]}}");
  for (const char* path : {"a.l.[n=y].v", "a.l.2.v", "b.0.c", "a.n.[=z]"}) {
    const auto found = Match(SplitPath(path, &arena), Make::kScalar, &arena, root);
    ASSERT_TRUE(found) << path << ": " << found.error().text();
    ASSERT_EQ(found->size(), 1u) << path;
    EXPECT_TRUE(SetScalar("7", Tag::kNone, found->front()));
  }
  EXPECT_EQ(ShowNode(*root), "{a: {l: [{n: x}, {n: ?y, v: ?7}, {v: ?7}], n: [?7]}, b: [{c: ?7}]}");
}

struct SpecCase {
  const char* name;
  FieldSpec spec;
  Make make;
  const char* body;
  const char* want;
};

FieldSpec Spec(const char* path, bool create = false) { return {"", "", "", path, create}; }

const SpecCase kSpecs[] = {
    {"SetsWhatIsThere", Spec("a/b"), Make::kScalar, "{a: {b: x}}", "{a: {b: ?v}}"},
    {"LeavesWhatIsMissing", Spec("a/c"), Make::kScalar, "{a: {b: x}}", "{a: {b: x}}"},
    {"MakesWhatIsMissing", Spec("a/c/d", true), Make::kScalar, "{}", "{a: {c: {d: ?v}}}"},
    {"MakesNothingWithoutAKind", Spec("a/c", true), Make::kNothing, "{}", "{}"},
    {"GoesThroughLists", Spec("a/b"), Make::kScalar, "{a: [{b: x}, [{b: y}], {c: z}, null]}",
     "{a: [{b: ?v}, [{b: ?v}], {c: z}, null]}"},
    {"ListsAreNeverMade", Spec("a[]/b", true), Make::kScalar, "{}", "{}"},
    {"NullIsAnEmptyListThere", Spec("a[]/b"), Make::kScalar, "{a: null}", "{a: []}"},
    {"NullIsFilledWhereItMayBeMade", Spec("a/b", true), Make::kScalar, "{a: null}", "{a: {b: ?v}}"},
    {"NullEndsTheWay", Spec("a/b"), Make::kScalar, "{a: null}", "{a: null}"},
    {"NullAtTheEndIsSet", Spec("a"), Make::kScalar, "{a: null}", "{a: ?v}"},
    {"SlashesInKeys", Spec("a/b\\/c", true), Make::kScalar, "{}", "{a: {b/c: ?v}}"},
    {"ALeadingSlashDoesNotCount", Spec("/a"), Make::kScalar, "{a: x}", "{a: ?v}"},
    {"TextOnTheWay", Spec("a/b"), Make::kScalar, "{a: x}",
     "line 1: a/b: a mapping or a list expected, found a scalar"},
    {"NumbersAreNoKeys", Spec("a/0", true), Make::kScalar, "{a: {b: x}}",
     "line 1: a/0: a list expected, found a mapping"},
    {"NoName", Spec("a/", true), Make::kScalar, "{a: {b: x}}",
     "a/: a field's name expected, found none"},
};

TEST(FieldPathTest, VisitsFieldsOfSpecs) {
  for (const SpecCase& test : kSpecs) {
    Arena arena;
    Node* body = ReadNode(&arena, test.body);
    const Setter set = [](Node* node) { return SetScalar("v", Tag::kNone, node); };
    const core::Status done = VisitField(test.spec, test.make, set, &arena, body);
    EXPECT_EQ(done ? ShowNode(*body) : done.error().text(), test.want) << test.name;
  }
}

TEST(FieldPathTest, FitsGroupsVersionsAndKinds) {
  Arena arena;
  const Node* body = ReadNode(&arena, "{apiVersion: apps/v1, kind: Deployment}");
  EXPECT_TRUE(Fits(FieldSpec{"", "", "", "x"}, *body));
  EXPECT_TRUE(Fits(FieldSpec{"apps", "v1", "Deployment", "x"}, *body));
  EXPECT_FALSE(Fits(FieldSpec{"", "v1beta1", "", "x"}, *body));
  EXPECT_FALSE(Fits(FieldSpec{"batch", "", "", "x"}, *body));
  EXPECT_FALSE(Fits(FieldSpec{"", "", "Job", "x"}, *body));
}

TEST(FieldPathTest, SetsEntriesInTheStyleThatIsThere) {
  Arena arena;
  Node* body = ReadNode(&arena, "{number: 1, text: \"1\"}");
  for (const char* name : {"number", "text", "new"}) {
    EXPECT_TRUE(SetEntry(name, "2", Tag::kNone, &arena, body)) << name;
  }
  EXPECT_EQ(ShowNode(*body), "{number: ?2, text: ?\"2\", new: ?\"2\"}");
  EXPECT_FALSE(SetEntry("x", "2", Tag::kNone, &arena, body->Find("number")));
  EXPECT_FALSE(SetScalar("2", Tag::kNone, body));
}

}  // namespace
}  // namespace headgate::templating::kustomize
