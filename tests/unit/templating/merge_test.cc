#include "templating/kustomize/merge.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "node_text.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Arena;
using yaml::Node;

std::string Merged(Arena* arena, Node* body, Node* patch) {
  const Schema schema;
  const auto done = MergePatch(schema, patch, body, arena);
  if (!done) return done.error().text();
  return *done == MergeOutcome::kDeleted ? "deleted" : ShowNode(*body);
}

struct Case {
  const char* name;
  const char* body;
  const char* patch;
  const char* want;
};

// Of a kind that no schema knows.
const Case kMappings[] = {
    {"FieldsAreSetAddedAndKept", "{a: 1, b: {c: x, d: v}}", "{b: {c: z, e: 2}}",
     "{a: 1, b: {c: z, d: v, e: 2}}"},
    {"NullRemoves", "{a: 1, b: {c: x}, d: [1]}", "{a: null, b: {c: null}, d: null, e: null}",
     "{b: {}}"},
    {"NullsInWhatIsAddedGo", "{}", "{a: {b: null, c: 1}}", "{a: {c: 1}}"},
    {"NullIsFilled", "{a: null, b: null, c: null}", "{a: {x: 1}, b: [1], c: 2}",
     "{a: {x: 1}, b: [1], c: 2}"},
    {"NullThatWasThereStays", "{a: null, b: 1}", "{b: 2}", "{a: null, b: 2}"},
    {"ListsAreReplaced", "{a: [{name: x, b: 1}], c: [1, 2]}", "{a: [{name: x, d: 1}], c: []}",
     "{a: [{name: x, d: 1}], c: []}"},
    {"NullsInListsStay", "{}", "{a: [{b: null}, null]}", "{a: [{b: null}, null]}"},
    {"EmptyMappingsAreAdded", "{}", "{a: {}, b: {c: {}}}", "{a: {}, b: {c: {}}}"},
    {"DeleteDirective", "{a: {b: 1}, c: 1}", "{a: {$patch: delete, d: 1}}", "{c: 1}"},
    {"DeleteOfWhatIsMissing", "{c: 1}", "{a: {$patch: delete}, b: {d: {$patch: delete}}}",
     "{c: 1, b: {}}"},
    {"ReplaceDirective", "{a: {b: 1, c: {d: 1}}}", "{a: {$patch: replace, c: {e: null}}}",
     "{a: {c: {}}}"},
    {"MergeDirective", "{a: {b: 1}}", "{a: {$patch: merge, c: 1}}", "{a: {b: 1, c: 1}}"},
    {"RootDelete", "{a: 1}", "{$patch: delete}", "deleted"},
    {"RootReplaceDoesNothing", "{a: 1}", "{$patch: replace, b: 1}", "{a: 1}"},
    {"NothingIsLeft", "{a: 1}", "{a: null}", "deleted"},
    {"OtherDirectivesAreFields", "{a: {b: 1, c: 2}}",
     "{a: {$retainKeys: [b], $deleteFromPrimitiveList/d: [x], $setElementOrder/e: [v]}}",
     "{a: {b: 1, c: 2, $retainKeys: [b], $deleteFromPrimitiveList/d: [x], "
     "$setElementOrder/e: [v]}}"},
    {"QuotesStay", "{a: \"5\", b: 5, c: x}", "{a: 6, b: \"6\", c: 7}",
     "{a: \"6\", b: \"6\", c: 7}"},
    {"UnknownDirective", "{a: {b: 1}}", "{a: {$patch: bogus}}",
     "line 1: a: $patch: delete, replace or merge expected, found \"bogus\""},
    {"UnknownDirectiveIsAddedAsAField", "{}", "{a: {$patch: bogus}}", "{a: {$patch: bogus}}"},
    {"ListOverMapping", "{a: {b: {c: 1}}}", "{a: {b: [1]}}",
     "line 1: a.b: a mapping expected, found a list"},
    {"MappingOverList", "{a: [1]}", "{a: {b: 1}}", "line 1: a: a list expected, found a mapping"},
    {"MappingOverScalar", "{a: 1}", "{a: {b: 1}}", "line 1: a: a scalar expected, found a mapping"},
    {"ScalarOverMapping", "{a: {b: 1}}", "{a: 1}", "line 1: a: a mapping expected, found a scalar"},
    {"EmptyName", "{\"\": 1}", "{a: 1}", "line 1: a field's name expected, found none"},
    {"AKindInsideIsKnown", "{a: {apiVersion: v1, kind: Pod, spec: {volumes: [{name: x, b: 1}]}}}",
     "{a: {spec: {volumes: [{name: z}]}}}",
     "{a: {apiVersion: v1, kind: Pod, spec: {volumes: [{name: z}, {name: x, b: 1}]}}}"},
};

TEST(MergeTest, MergesMappings) {
  for (const Case& test : kMappings) {
    Arena arena;
    EXPECT_EQ(Merged(&arena, ReadNode(&arena, test.body), ReadNode(&arena, test.patch)), test.want)
        << test.name;
  }
}

// The volumes of a pod: by name.
const Case kVolumes[] = {
    {"NewItemsComeFirst", "[{name: a}, {name: b}]", "[{name: c}, {name: d}]",
     "[{name: c}, {name: d}, {name: a}, {name: b}]"},
    {"ThePatchHasTheOrder", "[{name: a, x: 1}, {name: b}, {name: c}]",
     "[{name: c}, {name: d}, {name: a, y: 1}]",
     "[{name: c}, {name: d}, {name: a, x: 1, y: 1}, {name: b}]"},
    {"ItemsAreDeleted", "[{name: a}, {name: b}]", "[{name: a, $patch: delete}]", "[{name: b}]"},
    {"TheLastOneIsDeleted", "[{name: a}]", "[{name: a, $patch: delete}]", "[]"},
    {"DeleteOfWhatIsMissing", "[{name: a}]", "[{name: x, $patch: delete}]", "[{name: a}]"},
    {"ReplaceLeavesAnItem", "[{name: a, x: 1}]", "[{name: a, $patch: replace, y: 1}]",
     "[{name: a, x: 1}]"},
    {"ListIsReplaced", "[{name: a, x: 1}, {name: b}]", "[{$patch: replace}, {name: a, y: null}]",
     "[{name: a}]"},
    {"ListIsDeleted", "[{name: a}]", "[{$patch: delete}, {name: b}]", "gone"},
    {"ListIsMerged", "[{name: a}]", "[{name: b}, {$patch: merge}]", "[{name: b}, {name: a}]"},
    {"TheFirstDirectiveCounts", "[{name: a}]", "[{name: b, $patch: delete}, {$patch: replace}]",
     "[]"},
    {"NullRemovesTheList", "[{name: a}]", "null", "gone"},
    {"AnEmptyListChangesNothing", "[{name: a}]", "[]", "[{name: a}]"},
    {"ListIsAdded", "null", "[{name: a, b: null}, {name: c, $patch: delete}]", "[{name: a}]"},
    {"NumbersAndTextsAreTheSameName", "[{name: 1, x: 1}]", "[{name: \"1\", y: 1}]",
     "[{name: \"1\", x: 1, y: 1}]"},
    {"AnItemWithoutANameLosesOthers", "[{name: a}, {x: 1}, {name: b}]", "[]", "[{x: 1}]"},
    {"OfTheSameNamesTheLastStays", "[{name: a, x: 1}, {name: a, x: 2}]", "[{name: a, y: 1}]",
     "[{name: a, x: 2}]"},
    {"TextInTheList", "[{name: a}, text]", "[]",
     "line 1: spec.volumes: a mapping expected, found a scalar"},
};

TEST(MergeTest, MergesListsByName) {
  for (const Case& test : kVolumes) {
    Arena arena;
    Node* body = ReadNode(
        &arena, fmt::format("{{apiVersion: v1, kind: Pod, spec: {{volumes: {}}}}}", test.body));
    Node* patch = ReadNode(&arena, fmt::format("{{spec: {{volumes: {}}}}}", test.patch));
    std::string seen = Merged(&arena, body, patch);
    if (seen.starts_with("{")) {
      const Node* list = body->Find("spec", "volumes");
      seen = list ? ShowNode(*list) : "gone";
    }
    EXPECT_EQ(seen, test.want) << test.name;
  }
}

// The ports of a service: by port and protocol.
const Case kPorts[] = {
    {"WithoutProtocols", "[{port: 1}, {port: 2}]", "[{port: 2, name: b}, {port: 3}]",
     "[{port: 2, name: b}, {port: 3}, {port: 1}]"},
    {"WithProtocolsTheOldOrderStays", "[{port: 1, protocol: TCP}, {port: 2, protocol: TCP}]",
     "[{port: 2, protocol: TCP, x: 1}, {port: 2, protocol: UDP}]",
     "[{port: 2, protocol: UDP}, {port: 1, protocol: TCP}, {port: 2, protocol: TCP, x: 1}]"},
    {"APortWithoutProtocolIsNotTheOneWithIt", "[{port: 1, name: a}]",
     "[{port: 1, protocol: TCP, x: 1}]", "[{port: 1, name: a}]"},
    {"ButItIsWhereOthersHaveOne", "[{port: 1}, {port: 2, protocol: UDP}]", "[{port: 1, x: 1}]",
     "[{port: 1, x: 1}, {port: 2, protocol: UDP}]"},
};

TEST(MergeTest, MergesListsByTwoKeys) {
  for (const Case& test : kPorts) {
    Arena arena;
    Node* body = ReadNode(
        &arena, fmt::format("{{apiVersion: v1, kind: Service, spec: {{ports: {}}}}}", test.body));
    Node* patch = ReadNode(&arena, fmt::format("{{spec: {{ports: {}}}}}", test.patch));
    const std::string seen = Merged(&arena, body, patch);
    const Node* list = body->Find("spec", "ports");
    EXPECT_EQ(list ? ShowNode(*list) : seen, test.want) << test.name;
  }
}

TEST(MergeTest, TakesSchemasFromComments) {
  constexpr std::string_view kById =
      R"(# {"x-kubernetes-patch-strategy": "merge", "x-kubernetes-patch-merge-key": "id"})";
  Arena arena;
  Node* body = ReadNode(&arena, "{a: [{id: x, b: 1}], c: [{id: x, b: 1}]}");
  for (size_t i : {0, 1}) body->key(i)->extra = arena.NewExtra();
  body->key(0)->extra->line_comment = kById;
  body->key(1)->extra->head_comment = kById;
  EXPECT_EQ(Merged(&arena, body, ReadNode(&arena, "{a: [{id: x, c: 2}], c: [{id: x, d: 2}]}")),
            "{a: [{id: x, b: 1, c: 2}], c: [{id: x, b: 1, d: 2}]}");

  Node* pod = ReadNode(&arena, "{apiVersion: v1, kind: Pod, spec: {volumes: [{name: a}]}}");
  Node* patch = ReadNode(&arena, "{spec: {volumes: [{name: b}]}}");
  Node* volumes = patch->Find("spec", "volumes");
  volumes->extra = arena.NewExtra();
  volumes->extra->line_comment = "# {\"no\": \"strategy\"}";
  EXPECT_EQ(Merged(&arena, pod, patch),
            "{apiVersion: v1, kind: Pod, spec: {volumes: [{name: b}]}}");
}

TEST(MergeTest, MergesListsOfScalarsByValue) {
  Arena arena;
  Node* body = ReadNode(&arena, "{apiVersion: v1, kind: Pod, metadata: {finalizers: [a, b, b]}}");
  Node* patch = ReadNode(&arena, "{metadata: {finalizers: [c, b]}}");
  Merged(&arena, body, patch);
  EXPECT_EQ(ShowNode(*body->Find("metadata", "finalizers")), "[?c, b, ?a]");
}

TEST(MergeTest, LeavesStringsThatLookLikeOthersInQuotes) {
  Arena arena;
  Node* body = ReadNode(&arena, "{a: 5, b: 5}");
  Merged(&arena, body, ReadNode(&arena, "{a: \"6\"}"));
  EXPECT_EQ(Merged(&arena, body, ReadNode(&arena, "{b: 6}")), "{a: \"6\", b: 6}");
  EXPECT_EQ(Merged(&arena, body, ReadNode(&arena, "{a: 7}")), "{a: \"7\", b: 6}");
}

// {spec: {volumes: [{name: v0, KEY: 1}, ...]}}: `count` items called by multiples of `step`.
Node* PodOf(int count, int step, std::string_view key, Arena* arena) {
  Node* body = arena->NewMapping();
  body->Set(arena, "apiVersion", arena->NewScalar("v1"));
  body->Set(arena, "kind", arena->NewScalar("Pod"));
  Node* list = arena->NewSequence();
  body->MakeMapping(arena, "spec")->Set(arena, "volumes", list);
  for (int i = 0; i < count; ++i) {
    Node* item = arena->NewMapping();
    item->Set(arena, "name", arena->NewScalar(arena->Copy(fmt::format("v{}", i * step))));
    item->Set(arena, key, arena->NewInt(1));
    list->Append(arena, item);
  }
  return body;
}

TEST(MergeTest, MergesLongListsInLinearTime) {
  constexpr int kItems = 20'000;
  Arena arena;
  Node* body = PodOf(kItems, 1, "a", &arena);
  Merged(&arena, body, PodOf(kItems, 2, "b", &arena));
  const Node& list = *body->Find("spec", "volumes");
  ASSERT_EQ(list.size, uint32_t{kItems + kItems / 2});
  EXPECT_EQ(ShowNode(*list.items[1]), "{name: v2, a: 1, b: 1}");
  EXPECT_EQ(ShowNode(*list.items[kItems]), "{name: v1, a: 1}");
}

TEST(MergeTest, RefusesLongListsWhoseItemsCannotBeToldApart) {
  Arena arena;
  EXPECT_EQ(Merged(&arena, PodOf(5000, 0, "a", &arena), ReadNode(&arena, "{}")),
            "spec.volumes: at most 4096 items expected in a list where some have the same name or "
            "none, found 5000");
}

}  // namespace
}  // namespace headgate::templating::kustomize
