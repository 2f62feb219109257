// What arrives may be made to harm: builds end with an error, and soon.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "core/file_tree.h"
#include "templating/kustomize/kustomize.h"

namespace headgate::templating::kustomize {
namespace {

using Tree = std::map<std::string, std::string>;
constexpr const char* kObject = "apiVersion: v1\nkind: A\nmetadata: {name: a}\n";

// The end of the error, or what is printed.
std::string Built(Tree tree, const std::string& path, size_t last = 200) {
  const core::MemoryTree files(std::move(tree));
  const auto text = BuildYaml(files, path, {}, nullptr);
  const std::string shown = text ? *text : text.error().text();
  return shown.size() > last ? shown.substr(shown.size() - last) : shown;
}

TEST(KustomizeBounds, RefuseTenThousandNestedBases) {
  Tree tree;
  for (int i = 0; i < 10000; ++i) {
    tree["d" + std::to_string(i) + "/kustomization.yaml"] =
        "resources: [../d" + std::to_string(i + 1) + "]\n";
  }
  EXPECT_EQ(Built(std::move(tree), "d0", 58),
            "more than 200 kustomizations refer to one another in a row");
}

TEST(KustomizeBounds, RefuseExplodingBases) {
  Tree tree{{"d60/kustomization.yaml", "resources: [a.yaml]\n"}, {"d60/a.yaml", kObject}};
  for (int i = 0; i < 60; ++i) {
    const std::string at = std::to_string(i), next = std::to_string(i + 1);
    tree["d" + at + "/kustomization.yaml"] = "resources: [../x" + next + ", ../z" + next + "]\n";
    tree["x" + next + "/kustomization.yaml"] = "namePrefix: x\nresources: [../d" + next + "]\n";
    tree["z" + next + "/kustomization.yaml"] = "namePrefix: z\nresources: [../d" + next + "]\n";
  }
  EXPECT_EQ(Built(std::move(tree), "d0", 49), "more than 10000 bases and components in one build");
}

TEST(KustomizeBounds, RefuseWhatIsNoText) {
  const Tree tree{{"kustomization.yaml", "resources: [a.yaml]\n"},
                  {"a.yaml", std::string("\0\x01\xFF", 3)}};
  EXPECT_EQ(Built(tree, "").substr(0, 51), "kustomization.yaml:1: resources[0]: a.yaml:1:1: tex");
}

TEST(KustomizeBounds, RefuseMoreThanTheApiServerTakes) {
  const Tree tree{{"kustomization.yaml", "configMapGenerator: [{name: c, files: [f]}]\n"},
                  {"f", std::string(1024 * 1024 + 1, 'x')}};
  EXPECT_EQ(
      Built(tree, ""),
      "kustomization.yaml:1: configMapGenerator[0]: 1048577 bytes of data; the API server takes "
      "at most 1048576");
}

TEST(KustomizeBounds, RefusePathsThatLeave) {
  const auto refused = [](const std::string& path) {
    return Built({{"a/kustomization.yaml", "resources: ['" + path + "']\n"},
                  {"b/x.yaml", kObject},
                  {"a/y.yaml", kObject}},
                 "a")
        .substr(38);
  };
  EXPECT_EQ(refused("../../x.yaml"), "../../x.yaml leads out of the source tree");
  EXPECT_EQ(refused("../b/x.yaml").substr(0, 26), "../b/x.yaml is outside of ");
  EXPECT_EQ(refused("/etc/passwd").substr(0, 24), "/etc/passwd is absolute;");
  EXPECT_EQ(refused("."), "cycle: a is already being built on the way here");
}

TEST(KustomizeBounds, ReadAFileOnceForAllThatUseIt) {
  class Counting : public core::MemoryTree {
   public:
    using MemoryTree::MemoryTree;
    core::Result<std::string> Read(std::string_view path) const override {
      ++reads[std::string(path)];
      return MemoryTree::Read(path);
    }
    mutable std::map<std::string, int> reads;
  };
  const Counting files(Tree{{"kustomization.yaml", "resources: [p, q]\n"},
                            {"p/kustomization.yaml", "namePrefix: p\nresources: [../base]\n"},
                            {"q/kustomization.yaml", "namePrefix: q\nresources: [../base]\n"},
                            {"base/kustomization.yaml", "resources: [a.yaml]\n"},
                            {"base/a.yaml", kObject}});
  ASSERT_TRUE(BuildYaml(files, "", {}, nullptr));
  for (const auto& [path, reads] : files.reads) EXPECT_EQ(reads, 1) << path;
}

}  // namespace
}  // namespace headgate::templating::kustomize
