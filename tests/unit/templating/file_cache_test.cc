// What renderings share must not be seen in what they give.
#include "templating/file_cache.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/file_tree.h"
#include "core/hash.h"
#include "core/read_set.h"
#include "templating/kustomize/accumulate_read.h"
#include "templating/kustomize/kustomize.h"

namespace headgate::templating {
namespace {

using testing::HasSubstr;
using testing::IsNull;
using testing::NotNull;
using Files = std::map<std::string, std::string>;

// A tree that knows the ids of its files, as a commit's does.
class HashedTree : public core::MemoryTree {
 public:
  explicit HashedTree(Files files) : MemoryTree(std::move(files)) {}
  std::string ContentId(std::string_view path) const override {
    const core::Result<std::string> bytes = Read(path);
    if (!bytes) return "";
    ++asked;
    return core::Sha256(*bytes);
  }
  core::Result<std::string> Read(std::string_view path) const override {
    ++reads;
    return MemoryTree::Read(path);
  }
  mutable std::atomic<size_t> asked = 0, reads = 0;
};

std::string Object(const std::string& kind, const std::string& name) {
  return fmt::format(
      "apiVersion: {}\nkind: {}\nmetadata:\n  name: {}\n  labels: {{app: {}}}\nspec:\n  replicas: "
      "1\n"
      "  template:\n    spec:\n      containers:\n      - name: main\n        image: nginx:1\n"
      "        envFrom:\n        - configMapRef: {{name: settings}}\n",
      kind == "Deployment" ? "apps/v1" : "v1", kind, name, name);
}

// Two bases, a component, and applications that use them in several ways.
Files Sample() {
  return {
      {"bases/web/kustomization.yaml",
       "resources: [web.yaml, list.yaml]\nconfigMapGenerator:\n- name: settings\n"
       "  files: [app.conf]\n  envs: [app.env]\nlabels:\n- pairs: {team: a}\n"
       "  includeSelectors: true\n"},
      {"bases/web/web.yaml", Object("Deployment", "web") + "---\n" + Object("Service", "web")},
      {"bases/web/list.yaml",
       "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ServiceAccount, metadata: "
       "{name: runner}}\n- &x {apiVersion: v1, kind: Secret, metadata: {name: key}, data: {a: "
       "b}}\n"},
      {"bases/web/app.conf", "a = 1\nb = 2\n"},
      {"bases/web/app.env", "X=1\nY=two\n"},
      {"bases/job/kustomization.yaml", "resources: [../../shared/job]\nnamePrefix: nightly-\n"},
      {"shared/job/kustomization.yaml", "resources: [job.yaml]\ncommonLabels: {kind: job}\n"},
      {"shared/job/job.yaml", Object("Job", "clean")},
      {"parts/more/kustomization.yaml",
       "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nreplicas:\n"
       "- {name: web, count: 3}\npatches:\n- path: patch.yaml\n"},
      {"parts/more/patch.yaml",
       "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n"
       "    spec:\n      containers:\n      - {name: side, image: side:2}\n"},
      {"apps/one/kustomization.yaml",
       "resources: [../../bases/web, ../../bases/job]\nnamespace: one\nnameSuffix: -x\n"},
      {"apps/two/kustomization.yaml",
       "resources: [../../bases/web]\ncomponents: [../../parts/more]\nimages:\n"
       "- {name: nginx, newTag: '9'}\nbuildMetadata: [originAnnotations]\n"},
      {"apps/three/kustomization.yaml",
       "resources: [../one, web2.yaml]\npatchesStrategicMerge: [patch.yaml]\nreplacements:\n"
       "- source: {kind: Deployment, name: web, fieldPath: metadata.name}\n"
       "  targets: [{select: {kind: Job}, fieldPaths: [metadata.name]}]\n"},
      {"apps/three/web2.yaml", Object("Deployment", "web2")},
      {"apps/three/patch.yaml",
       "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web2}\nspec: {replicas: 7}\n"},
  };
}

const std::vector<std::string> kApplications = {"apps/one", "apps/two", "apps/three", "bases/web"};

// What a build says: its output or its error, and its warnings.
std::string Said(const core::FileTree& files, const std::string& path, FileCache* cache) {
  std::vector<std::string> warnings;
  const auto text =
      kustomize::BuildYaml(files, path, {.shared = {cache, "https://host/repository"}}, &warnings);
  std::string said = text ? "fine\n" + *text : "error " + text.error().text();
  for (const std::string& warning : warnings) said += "\nwarning " + warning;
  return said;
}

// One random change to one file, of the kinds that people and merges make.
class Editor {
 public:
  explicit Editor(uint32_t seed) : random_(seed) {}

  void Edit(Files* files) {
    const auto some = [&] {
      return std::next(files->begin(), static_cast<long>(Below(files->size())));
    };
    const auto file = some();
    std::string& text = file->second;
    switch (Below(8)) {
      case 0:  // a byte becomes another
        if (!text.empty()) text[Below(text.size())] = ":- {}\n#a1&*"[Below(11)];
        break;
      case 1:  // a line goes
        if (const size_t at = LineAt(text); at < text.size()) {
          text.erase(at, text.find('\n', at) - at + 1);
        }
        break;
      case 2:  // a line comes twice
        if (const size_t at = LineAt(text); at < text.size()) {
          text.insert(at, text.substr(at, text.find('\n', at) - at + 1));
        }
        break;
      case 3:  // a file is what another is
        text = some()->second;
        break;
      case 4:  // a word changes
        if (const size_t at = text.find("web"); at != text.npos) text.replace(at, 3, "new");
        break;
      case 5:  // another object
        text += "---\n" + Object("Deployment", fmt::format("more{}", Below(3)));
        break;
      case 6:
        if (Below(4) == 0) files->erase(file);
        break;
      default:  // it is as it was once
        if (const Files sample = Sample(); sample.contains(file->first))
          text = sample.at(file->first);
    }
  }

 private:
  size_t Below(size_t bound) {
    return std::uniform_int_distribution<size_t>(0, bound - 1)(random_);
  }
  size_t LineAt(const std::string& text) {
    if (text.empty()) return 0;
    const size_t at = text.rfind('\n', Below(text.size()));
    return at == text.npos ? 0 : at + 1;
  }
  std::mt19937 random_;
};

TEST(FileCache, GivesWhatAFreshRenderingGivesAfterAnyEdits) {
  size_t fine = 0, failed = 0, found = 0;
  for (uint32_t seed = 0; seed < 12; ++seed) {
    FileCache cache(seed % 2 == 0 ? FileCache::kBytesMax
                                  : 8192);  // roomy, and always short of room
    Editor editor(seed);
    Files files = Sample();
    for (int step = 0; step < 15; ++step) {
      const HashedTree tree(files);
      for (const std::string& path : kApplications) {
        const std::string fresh = Said(tree, path, nullptr);
        ASSERT_EQ(Said(tree, path, &cache), fresh) << "seed " << seed << ", step " << step;
        ASSERT_EQ(Said(tree, path, &cache), fresh) << "again: seed " << seed << ", step " << step;
        ++(fresh.starts_with("fine") ? fine : failed);
      }
      editor.Edit(&files);
      if (files.empty()) break;
    }
    found += cache.found();
  }
  EXPECT_GT(found, 1000u);
  EXPECT_GT(fine, 100u);
  EXPECT_GT(failed, 100u);
}

TEST(FileCache, IsSafeForSeveralThreads) {
  FileCache cache(64 * 1024);
  const HashedTree tree(Sample());
  std::map<std::string, std::string> fresh;
  for (const std::string& path : kApplications) fresh[path] = Said(tree, path, nullptr);
  std::vector<std::jthread> threads;
  std::atomic<size_t> wrong = 0;
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = 0; i < 60; ++i) {
        const std::string& path = kApplications[(i + t) % kApplications.size()];
        wrong += Said(tree, path, &cache) != fresh[path];
      }
    });
  }
  threads.clear();
  EXPECT_EQ(wrong, 0u);
}

TEST(FileCache, ReadsAndParsesAFileOfManyApplicationsOnce) {
  FileCache cache;
  Files files = Sample();
  for (int i = 0; i < 20; ++i) {
    files[fmt::format("apps/n{}/kustomization.yaml", i)] =
        fmt::format("resources: [../../bases/web]\nnamePrefix: n{}-\n", i);
  }
  const HashedTree tree(files);
  for (int i = 0; i < 3; ++i) Said(tree, fmt::format("apps/n{}", i), &cache);
  const size_t parsed = cache.parsed();
  EXPECT_EQ(parsed, 3u);  // kustomization.yaml, web.yaml, list.yaml
  const size_t looks = tree.reads - tree.asked;
  for (int i = 3; i < 20; ++i) Said(tree, fmt::format("apps/n{}", i), &cache);
  EXPECT_EQ(cache.parsed(), parsed);
  EXPECT_EQ(tree.reads - tree.asked - looks, 17u);  // each its own kustomization
}

TEST(FileCache, KeepsAFileFromItsSecondUseOn) {
  FileCache cache;
  EXPECT_THAT(cache.Find("r", "1"), IsNull());
  EXPECT_THAT(cache.Keep("r", "1", "a: 1"), IsNull());
  EXPECT_THAT(cache.Find("r", "1"), IsNull());
  ASSERT_THAT(cache.Keep("r", "1", "a: 1"), NotNull());
  ASSERT_THAT(cache.Find("r", "1"), NotNull());
  EXPECT_EQ(cache.Find("r", "1")->text(), "a: 1");
}

TEST(FileCache, KeepsRepositoriesApart) {
  FileCache cache;
  for (int i = 0; i < 2; ++i) cache.Keep("mine", "1", "a: 1");
  EXPECT_THAT(cache.Find("mine", "1"), NotNull());
  EXPECT_THAT(cache.Find("yours", "1"), IsNull());
}

TEST(FileCache, StaysWithinItsBoundAndLetsTheOldestGo) {
  FileCache cache(64 * 1024);
  const std::string text = Object("Deployment", "web");
  for (int i = 0; i < 1000; ++i) {
    const std::string id = std::to_string(i);
    std::shared_ptr<KeptFile> file;
    for (int times = 0; times < 2; ++times) file = cache.Keep("r", id, text);
    ASSERT_THAT(file, NotNull());
    ASSERT_THAT(cache.Trees(file.get(), kustomize::ParseObjects), NotNull());
    ASSERT_LE(cache.bytes(), 64u * 1024);
  }
  EXPECT_THAT(cache.Find("r", "0"), IsNull());
  EXPECT_THAT(cache.Find("r", "999"), NotNull());
  const std::string large(32 * 1024, '#');
  for (int times = 0; times < 2; ++times) EXPECT_THAT(cache.Keep("r", "large", large), IsNull());
}

TEST(FileCache, LeavesErrorsTheirPlaces) {
  FileCache cache;
  const std::string broken = "apiVersion: v1\nkind: [\n";
  const HashedTree tree({{"a/kustomization.yaml", "resources: [x.yaml]\n"},
                         {"a/x.yaml", broken},
                         {"b/kustomization.yaml", "resources: [y.yaml]\n"},
                         {"b/y.yaml", broken}});
  for (int times = 0; times < 3; ++times) {
    EXPECT_THAT(Said(tree, "a", &cache), HasSubstr("a/x.yaml:"));
    EXPECT_THAT(Said(tree, "b", &cache), HasSubstr("b/y.yaml:"));
  }
}

TEST(FileCache, HidesNoReadFromTheReadSet) {
  FileCache cache;
  const HashedTree tree(Sample());
  const auto read = [&](FileCache* with) {
    const core::RecordingTree recording(tree);
    Said(recording, "apps/three", with);
    return recording.read().paths();
  };
  const auto fresh = read(nullptr);
  for (int times = 0; times < 3; ++times) EXPECT_EQ(read(&cache), fresh);
}

}  // namespace
}  // namespace headgate::templating
