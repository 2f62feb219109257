#include "templating/kustomize/resource.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "node_text.h"
#include "resources_text.h"

namespace headgate::templating::kustomize {
namespace {

TEST(ResourceTest, ShowsIds) {
  OwnBuild build;
  const auto id = [&](const char* text) { return IdOf(*ReadNode(&build.own_arena, text), build); };
  EXPECT_EQ(Show(id("{apiVersion: apps/v1, kind: Deployment, metadata: {name: a, namespace: b}}")),
            "apps/v1 Deployment b/a");
  EXPECT_EQ(Show(id("{apiVersion: v1, kind: Pod, metadata: {name: null}}")), "v1 Pod (no name)");
  EXPECT_EQ(EffectiveNamespace(id("{apiVersion: v1, kind: Pod}")), "default");
  EXPECT_EQ(EffectiveNamespace(id("{apiVersion: v1, kind: Node, metadata: {namespace: x}}")),
            "_non_namespaceable_");
  EXPECT_TRUE(Same(id("{apiVersion: v1, kind: Pod, metadata: {name: a}}"),
                   id("{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: default}}")));
  EXPECT_FALSE(Same(id("{apiVersion: v1, kind: Pod, metadata: {name: a}}"),
                    id("{apiVersion: v2, kind: Pod, metadata: {name: a}}")));
}

constexpr const char* kConfig = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}";

TEST(ResourceTest, KeepsTheHistoryBehindOneAnnotation) {
  OwnBuild build;
  ResourceMap all = ReadResources(&build, kConfig);
  Resource* config = all.all().front().get();
  AddNamePrefix(config, "p-", &build);
  StorePreviousId(config, &build);
  SetName(config->body, "p-a", build.arena);
  all.Reindex(config);
  StorePreviousId(config, &build);
  EnableHash(config, &build);
  EXPECT_EQ(config->body->Find("metadata", "annotations")->entries(), 1U);
  EXPECT_EQ(Show(OriginalId(*config)), "v1 ConfigMap default/a");

  WriteHistory(config, &build);
  EXPECT_EQ(ShowNode(*config->body->Find("metadata", "annotations")),
            "{internal.config.kubernetes.io/previousNames: a,p-a, "
            "internal.config.kubernetes.io/previousNamespaces: default,default, "
            "internal.config.kubernetes.io/previousKinds: ConfigMap,ConfigMap, "
            "internal.config.kubernetes.io/prefixes: p-, "
            "internal.config.kubernetes.io/needsHashSuffix: enabled}");
  ReadHistory(config, &build);
  EXPECT_EQ(config->previous.size(), 2U);
  EXPECT_TRUE(config->needs_hash);
  EXPECT_EQ(ShowResources(&all), "{apiVersion: v1, kind: ConfigMap, metadata: {name: ?p-a}}");
}

TEST(ResourceTest, ForgetsTheHistoryWithTheAnnotations) {
  OwnBuild build;
  ResourceMap all = ReadResources(&build, kConfig);
  Resource* config = all.all().front().get();
  StorePreviousId(config, &build);
  ReadHistory(config, &build);
  EXPECT_EQ(config->previous.size(), 1U);
  config->body->Find("metadata")->Erase("annotations");
  ReadHistory(config, &build);
  EXPECT_EQ(config->previous.size(), 0U);
}

struct AnnotationsCase {
  const char* name;
  const char* metadata;
  const char* want;
};

const AnnotationsCase kAnnotations[] = {
    {"EmptyOnesGo", "{name: a, annotations: {}}", "{name: a}"},
    {"NullOnesGo", "{name: a, annotations: null}", "{name: a}"},
    {"ValuesBecomeTexts", "{annotations: {a: 1, b: true, c: null, d: [x], e: x}}",
     "{annotations: {a: \"1\", b: \"true\", c: \"null\", d: \"\", e: x}}"},
    {"ThoseOfABuildGo",
     "{annotations: {internal.config.kubernetes.io/previousNames: x, config.kubernetes.io/index: 1,"
     " config.kubernetes.io/origin: x, config.kubernetes.io/local-config: 'false'}}",
     "{annotations: {config.kubernetes.io/local-config: \"false\"}}"},
};

TEST(ResourceTest, FinishesAnnotations) {
  for (const AnnotationsCase& test : kAnnotations) {
    OwnBuild build;
    Resource resource;
    resource.body = build.arena->NewMapping();
    resource.body->Set(build.arena, "metadata", ReadNode(build.arena, test.metadata));
    FinishAnnotations(&resource, &build);
    EXPECT_EQ(ShowNode(*resource.body->Find("metadata")), test.want) << test.name;
  }
}

std::string Names(const std::vector<Resource*>& resources) {
  std::string names;
  for (const Resource* each : resources) {
    names += (names.empty() ? "" : " ") + std::string(each->id.name);
  }
  return names;
}

TEST(ResourceMapTest, FindsByPresentAndEarlierNames) {
  OwnBuild build;
  ResourceMap all = ReadResources(&build,
                                  "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n---\n"
                                  "{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}\n---\n"
                                  "{apiVersion: v1, kind: Secret, metadata: {name: a}}");
  Resource* first = all.all().front().get();
  const Id was = first->id;
  EXPECT_EQ(all.FindAny(was).size(), 1U);
  StorePreviousId(first, &build);
  SetName(first->body, "c", build.arena);
  all.Reindex(first);
  EXPECT_EQ(Names(all.FindCurrent(was)), "");
  EXPECT_EQ(Names(all.FindAny(was)), "c");
  EXPECT_EQ(Names(all.FindNamed("a")), "c a");
  EXPECT_EQ(Names(all.FindCurrent(first->id)), "c");
  all.Remove(first);
  EXPECT_EQ(Names(all.FindNamed("a")), "a");
  EXPECT_EQ(all.size(), 2U);
}

TEST(ResourceMapTest, TakesAnIdOnlyOnce) {
  OwnBuild build;
  ResourceMap all = ReadResources(&build, kConfig);
  auto again = std::make_unique<Resource>();
  again->body = ReadNode(build.arena,
                         "{apiVersion: v1, kind: ConfigMap, "
                         "metadata: {name: a, namespace: default}}");
  const core::Status added = all.Append(std::move(again));
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().text(),
            "v1 ConfigMap default/a: may not be added, its id is there already, from a "
            "generator");
}

struct AbsorbCase {
  const char* name;
  const char* old;
  Behavior behavior;
  const char* generated;
  const char* want;
};

const AbsorbCase kAbsorbs[] = {
    {"MergesDataLabelsAndAnnotations",
     "{apiVersion: v1, kind: ConfigMap, metadata: {name: p-a, namespace: n, labels: {x: 1, y: z}},"
     " data: {a: 1, b: x}, immutable: true}",
     Behavior::kMerge,
     "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: n, labels: {y: new}},"
     " data: {b: 2, c: 3}}",
     "{apiVersion: v1, kind: ConfigMap, metadata: {name: ?p-a, namespace: ?n,"
     " labels: {x: \"1\", y: new}}, data: {a: \"1\", b: \"2\", c: \"3\"}}"},
    {"ReplacesAllButMetadata",
     "{apiVersion: v1, kind: ConfigMap, metadata: {name: p-a, namespace: n, labels: {x: 1}},"
     " data: {a: 1}}",
     Behavior::kReplace,
     "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: n}, data: {b: 2}}",
     "{apiVersion: v1, kind: ConfigMap, metadata: {name: ?p-a, namespace: ?n,"
     " labels: {x: \"1\"}}, data: {b: 2}}"},
    {"CreatesNoSecondOne", "{apiVersion: v1, kind: ConfigMap, metadata: {name: p-a, namespace: n}}",
     Behavior::kCreate, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: n}}",
     "v1 ConfigMap n/a: exists; its behavior must be merge or replace, found \"create\""},
    {"MergesNothingInto", "{apiVersion: v1, kind: ConfigMap, metadata: {name: p-a, namespace: n}}",
     Behavior::kMerge, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}",
     "v1 ConfigMap a: does not exist; cannot merge it"},
};

TEST(ResourceMapTest, AbsorbsWhatIsGenerated) {
  for (const AbsorbCase& test : kAbsorbs) {
    OwnBuild build;
    ResourceMap all = ReadResources(&build, test.old);
    Resource* old = all.all().front().get();
    old->previous.push_back({"n", "a", "ConfigMap"});
    ResourceMap generated = ReadResources(&build, test.generated);
    SetBehavior(generated.all().front().get(), test.behavior, &build);
    const core::Status done = all.Absorb(std::move(generated));
    EXPECT_EQ(ShowAfter(done, &all), test.want) << test.name;
  }
}

TEST(ResourceMapTest, NeedsAHashOnlyWhereBothDo) {
  OwnBuild build;
  ResourceMap all = ReadResources(&build, kConfig);
  EnableHash(all.all().front().get(), &build);
  for (const bool both : {true, false}) {
    ResourceMap generated = ReadResources(&build, kConfig);
    Resource* config = generated.all().front().get();
    SetBehavior(config, Behavior::kMerge, &build);
    if (both) EnableHash(config, &build);
    ASSERT_TRUE(all.Absorb(std::move(generated)));
    EXPECT_EQ(all.all().front()->needs_hash, both);
  }
}

}  // namespace
}  // namespace headgate::templating::kustomize
