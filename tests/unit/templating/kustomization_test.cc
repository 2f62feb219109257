#include "templating/kustomize/kustomization.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "templating/kustomize/accumulate_read.h"
#include "templating/kustomize/generate_sources.h"
#include "templating/kustomize/loader_remote.h"
#include "templating/kustomize/nearest.h"

namespace headgate::templating::kustomize {
namespace {

struct Case {
  const char* name;
  const char* text;
  const char* want;  // the error; "" for none
};

class KustomizationTest : public testing::TestWithParam<Case> {};
TEST_P(KustomizationTest, IsReadOrSaysWhyNot) {
  yaml::Arena arena;
  std::vector<std::string> warnings;
  const auto read = ParseKustomization(GetParam().text, "k", &arena, &warnings);
  EXPECT_EQ(read ? "" : read.error().text(), GetParam().want);
}
const Case kCases[] = {
    {"TakesAnEmptyListForSomething", "resources: []\n", ""},
    {"TakesNullForNothing", "resources:\n",
     "k: nothing in it; resources, components, or another field expected"},
    {"TakesAnOldEmptyListForNothing", "bases: []\n",
     "k: nothing in it; resources, components, or another field expected"},
    {"TakesAFieldInAnyCase", "RESOURCES: [a]\n", ""},
    {"TakesTheLastOfTwo", "namePrefix: 1\nnamePrefix: a\n", ""},
    {"ReadsTheFirstDocument", "resources: [a]\n---\nfoo: bar\n", ""},
    {"GuessesAField", "resorces: [a]\n", "k:1: unknown field resorces (did you mean resources?)"},
    {"GuessesAFieldWithin", "patches:\n- target: {labels: x}\n",
     "k:2: patches[0].target: unknown field labels (did you mean labelSelector?)"},
    {"RefusesANumberForAText", "namePrefix: 5\n",
     "k:1: namePrefix: a string expected, found the number 5: put it in quotes"},
    {"RefusesAnOldBoolean", "commonLabels: {a: yes}\n",
     "k:1: commonLabels.a: a string expected, found the boolean yes: put it in quotes"},
    {"TakesNullForAnEmptyLabel", "commonLabels: {a: null}\n", ""},
    {"RefusesATextForAList", "resources: a.yaml\n",
     "k:1: resources: a list expected, found the string \"a.yaml\""},
    {"TakesAWholeFloatForAnInteger", "replicas: [{name: a, count: 3.0}]\n", ""},
    {"RefusesATextForAnInteger", "replicas: [{name: a, count: '3'}]\n",
     "k:1: replicas[0].count: an integer expected, found the string \"3\""},
    {"RefusesAnotherKind", "kind: Deployment\nresources: [a]\n",
     "k: kind: Kustomization or Component expected, found Deployment"},
    {"WantsTheVersionOfComponents",
     "kind: Component\napiVersion: kustomize.config.k8s.io/v1beta1\nresources: [a]\n",
     "k: apiVersion: kustomize.config.k8s.io/v1alpha1 expected, found "
     "kustomize.config.k8s.io/v1beta1"},
    {"RefusesAList", "- a\n", "k:1: a mapping expected, found a list"},
};
INSTANTIATE_TEST_SUITE_P(Kustomize, KustomizationTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

TEST(KustomizationTest, MovesOldFields) {
  yaml::Arena arena;
  std::vector<std::string> warnings;
  const auto read = ParseKustomization(
      "bases: [b]\nresources: [a]\nimageTags: [{name: i}]\nconfigMapGenerator:\n- {name: c, envs: "
      "[x], env: z}\n",
      "k", &arena, &warnings);
  ASSERT_TRUE(read) << read.error().text();
  ASSERT_EQ(read->resources.size(), 2u);
  EXPECT_EQ(read->resources[1].value, "b");
  EXPECT_EQ(read->images.size(), 1u);
  EXPECT_EQ(read->config_map_generator[0].value.envs.size(), 2u);
  EXPECT_EQ(warnings,
            (std::vector<std::string>{"k:1: bases is deprecated: resources can do the same",
                                      "k:3: imageTags is deprecated: images can do the same"}));
}

// The kinds of what a text holds, or the error.
std::string KindsOf(std::string_view text) {
  yaml::Arena arena;
  const auto read = ReadObjects(text, "f", &arena);
  if (!read) return read.error().text();
  std::string kinds;
  for (const yaml::Node* object : *read) {
    kinds += (kinds.empty() ? "" : " ") + std::string(object->TextAt("kind"));
  }
  return kinds;
}

TEST(ReadObjects, CutsAsKustomizeDoes) {
  constexpr const char* kA = "kind: A\nmetadata: {name: a}\n";
  constexpr const char* kB = "kind: B\nmetadata: {name: b}\n";
  const auto join = [](std::initializer_list<const char*> parts) {
    std::string all;
    for (const char* part : parts) all += part;
    return all;
  };
  EXPECT_EQ(KindsOf(join({kA, "---\n", kB})), "A B");
  EXPECT_EQ(KindsOf(join({kA, "--- # words\r\n", kB})), "A B");
  EXPECT_EQ(KindsOf(join({kA, "...\n", kB})), "A");
  EXPECT_EQ(KindsOf(join({"---\n---\n# nothing\n---\n", kA, "---\n"})), "A");
  EXPECT_EQ(KindsOf(join({kA, "--- words\n", kB})),
            "f:3: nothing but a comment may follow --- on its line");
  EXPECT_EQ(KindsOf(""), "");
}

TEST(ReadObjects, TakesListsApartAndPutsTheirsLast) {
  EXPECT_EQ(KindsOf("kind: XList\nitems: [{kind: A, metadata: {name: a}}]\n---\nkind: B\nmetadata: "
                    "{name: b}\n"),
            "B A");
  EXPECT_EQ(KindsOf("kind: List\nitems: [null, {}, {kind: A, metadata: {name: a}}]\n"), "A");
  EXPECT_EQ(KindsOf("kind: XList\n"), "XList");
  EXPECT_EQ(KindsOf("kind: XList\nitems: a\n"), "f:2: XList: items: a list expected");
}

TEST(ReadObjects, WantsKindAndName) {
  EXPECT_EQ(KindsOf("a: 1\n"),
            "f:1: object without kind; every object needs apiVersion, kind and metadata.name");
  EXPECT_EQ(KindsOf("\nkind: A\n"), "f:2: A without metadata.name");
  EXPECT_EQ(KindsOf("words\n"), "f:1: a Kubernetes object expected, found a list or a text");
}

std::string EnvOf(std::string_view text) {
  const auto pairs = ParseEnvFile(text, "e");
  if (!pairs) return pairs.error().text();
  std::string shown;
  for (const auto& [key, value] : *pairs) {
    shown += "[" + std::string(key) + "=" + std::string(value) + "]";
  }
  return shown;
}

TEST(EnvFile, IsReadLineByLine) {
  EXPECT_EQ(EnvOf("A=1\n# c\n\n B=2 \nC\n"), "[A=1][B=2 ][C=]");
  EXPECT_EQ(EnvOf("\xEF\xBB\xBF"
                  "A='q'\r\n\xC2\xA0"
                  "B==\n=x\n"),
            "[A='q'][B==]");
  EXPECT_EQ(EnvOf("A=1\nB=\xFF\n"), "e:2: UTF-8 expected in an env file");
  EXPECT_EQ(EnvOf(std::string(65536, 'x')).substr(0, 24), "e:1: a line of 65536 byt");
}

TEST(RemoteBase, IsKnownByItsForm) {
  const auto parse = [](std::string_view text) {
    const auto base = ParseRemoteBase(text);
    return base ? base->host + "|" + base->repository + "|" + base->directory + "|" + base->ref
                : "";
  };
  EXPECT_EQ(parse("https://github.com/a/b//c/d?ref=v1"), "https://github.com/|a/b|c/d|v1");
  EXPECT_EQ(parse("github.com/a/b/c"), "https://github.com/|a/b|c|");
  EXPECT_EQ(parse("../base"), "");
  EXPECT_EQ(parse("base/github.com/a"), "");
  EXPECT_EQ(parse("/github.com/a/b"), "");
  EXPECT_EQ(HostName("https://user@Example.com:8080/a"), "example.com");
}

TEST(Nearest, IsWhatWasMeant) {
  EXPECT_EQ(Nearest("resorces", {"resources", "replicas"}), "resources");
  EXPECT_EQ(Nearest("tag", {"name", "newTag", "tagSuffix"}), "newTag");
  EXPECT_EQ(Nearest("deploymnet.yaml", {"deployment.yaml", "service.yaml"}), "deployment.yaml");
  EXPECT_EQ(Nearest("x", {"resources"}), "");
}

}  // namespace
}  // namespace headgate::templating::kustomize
