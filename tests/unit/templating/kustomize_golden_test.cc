// Each folder of tests/golden/kustomize is a case: input/ (the tree), path (which of its
// directories is rendered; the whole tree where there is none), and want.yaml or want_error.txt.
// UPDATE_GOLDEN=1 rewrites what is wanted.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "templating/renderer.h"
#include "templating/yaml/yaml.h"
#include "tests/unit/templating/directory.h"

namespace headgate::templating {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> Cases() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(fs::path(HEADGATE_GOLDEN_DIR) / "kustomize")) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class KustomizeGolden : public testing::TestWithParam<std::string> {};
TEST_P(KustomizeGolden, RendersWhatIsWanted) {
  const fs::path folder = fs::path(HEADGATE_GOLDEN_DIR) / "kustomize" / GetParam();
  const core::MemoryTree files = tests::ReadTree(folder / "input");
  std::string path = tests::ReadFile(folder / "path");
  if (path.ends_with('\n')) path.pop_back();

  const core::Result<core::Objects> objects = RendererFor(files, path)->Render(files, path);
  const std::string got = objects ? PrintYaml(*objects) : objects.error().text() + "\n";
  const fs::path want = folder / (objects ? "want.yaml" : "want_error.txt");
  if (std::getenv("UPDATE_GOLDEN")) {
    fs::remove(folder / (objects ? "want_error.txt" : "want.yaml"));
    std::ofstream(want, std::ios::binary) << got;
  }
  ASSERT_TRUE(fs::exists(want)) << "the outcome is of the other kind:\n" << got;
  EXPECT_EQ(got, tests::ReadFile(want));
}
INSTANTIATE_TEST_SUITE_P(Templating, KustomizeGolden, testing::ValuesIn(Cases()),
                         [](const auto& test) { return test.param; });

// Deletes, doubles or mistypes a few bytes.
void Damage(std::minstd_rand* random, std::string* text) {
  const std::string letters = "\n :-#[]{},&*!|>'\"%~0a\t\xC3";
  for (auto change = (*random)() % 4; change > 0 && !text->empty(); --change) {
    const size_t at = (*random)() % text->size();
    const size_t length = (*random)() % std::min<size_t>(text->size() - at, 12);
    const char letter = letters[(*random)() % letters.size()];
    const auto kind = (*random)() % 4;
    if (kind == 0) text->erase(at, length);
    if (kind == 1) text->insert(at, text->substr((*random)() % text->size(), length));
    if (kind == 2) (*text)[at] = letter;
    if (kind == 3) text->insert(at, 1, letter);
  }
}

// Any tree ends in objects that can be printed, or in an error that says something.
TEST_P(KustomizeGolden, SurvivesDamage) {
  const fs::path folder = fs::path(HEADGATE_GOLDEN_DIR) / "kustomize" / GetParam();
  std::string path = tests::ReadFile(folder / "path");
  if (path.ends_with('\n')) path.pop_back();
  const std::map<std::string, std::string> whole = tests::ReadFiles(folder / "input");
  for (unsigned seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    std::minstd_rand random(seed);
    std::map<std::string, std::string> files = whole;
    for (auto& [name, text] : files) Damage(&random, &text);
    const core::MemoryTree tree(std::move(files));
    const core::Result<core::Objects> objects = RendererFor(tree, path)->Render(tree, path);
    if (objects) {
      EXPECT_EQ(PrintYaml(*objects).empty(), objects->empty());
    } else {
      EXPECT_NE(objects.error().text(), "");
    }
  }
}

TEST(KustomizeGoldenCases, AreThere) { EXPECT_GE(Cases().size(), 15u); }

}  // namespace
}  // namespace headgate::templating
