// Each folder of tests/golden/kustomize is a case: input/ (the tree), path (which of its
// directories is rendered; the whole tree where there is none), and want.yaml or want_error.txt.
// UPDATE_GOLDEN=1 rewrites what is wanted.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
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

TEST(KustomizeGoldenCases, AreThere) { EXPECT_GE(Cases().size(), 15u); }

}  // namespace
}  // namespace headgate::templating
