#include "rollout/compose.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/json.h"
#include "templating/yaml/yaml.h"
#include "tests/unit/rollout/objects.h"

// A folder of tests/golden/compose is a case: stable.yaml (with "# content named" in its first line
// where stable uses the copies already) and candidate.yaml; want.txt says what is composed for each
// position: stages of numbered objects, and each object once. UPDATE_GOLDEN=1 writes it.
namespace headgate::rollout {
namespace {

std::string Read(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<core::Position> Positions(const core::Candidate& candidate) {
  using T = core::Trial;
  using P = core::Promoting;
  using R = core::RollingBack;
  const auto trial = [&](T::Part part, int weight, int scale) {
    T at;
    at.candidate = candidate;
    at.part = part;
    at.weight = weight;
    at.scale = scale;
    return at;
  };
  std::vector<core::Position> positions{core::Stable{}, trial(T::Part::kWarming, 0, 10),
                                        trial(T::Part::kShifting, 10, 10),
                                        trial(T::Part::kObserving, 50, 50)};
  for (const auto& [part, weight] :
       {std::pair(P::Part::kScaling, 50), std::pair(P::Part::kShifting, 100),
        std::pair(P::Part::kUpdating, 100), std::pair(P::Part::kReturning, 0),
        std::pair(P::Part::kRemoving, 0)})
    positions.push_back(P{candidate, part, weight, {}, {}});
  for (const auto& [part, weight] :
       {std::pair(R::Part::kRestoring, 100), std::pair(R::Part::kShifting, 0),
        std::pair(R::Part::kRemoving, 0)})
    positions.push_back(R{candidate, part, weight, {}, R::Then::kHeld, "failed", {}});
  positions.push_back(core::Held{candidate, "failed", {}, {}});
  return positions;
}

// Gives each distinct object a number and keeps its text.
class Catalogue {
 public:
  std::string Name(const core::Object& object) {
    const std::string text = templating::PrintYaml(object.body);
    auto at = std::find(texts_.begin(), texts_.end(), text);
    if (at == texts_.end()) at = texts_.insert(texts_.end(), text);
    return fmt::format("{} {} [{}]", object.body.StringAt("kind"), core::NameOf(object.body),
                       at - texts_.begin() + 1);
  }
  std::string All() const {
    std::string all;
    for (size_t i = 0; i < texts_.size(); ++i)
      all += fmt::format("---- [{}]\n{}", i + 1, texts_[i]);
    return all;
  }

 private:
  std::vector<std::string> texts_;
};

std::string ComposeAll(const std::filesystem::path& folder) {
  const std::string stable_text = Read(folder / "stable.yaml");
  core::BundleRecord stable, candidate;
  stable.bundle = core::MakeBundle("1111111aaaa", ObjectsOf(stable_text));
  candidate.bundle = core::MakeBundle("2222222bbbb", ObjectsOf(Read(folder / "candidate.yaml")));
  const core::RolloutSpec spec = RolloutOf(stable.bundle.objects);
  stable.content_named = stable_text.starts_with("# content named");
  stable.gated_hash = "5" + GatedHash(stable.bundle.objects, spec)->substr(0, 9);
  candidate.gated_hash = "c" + GatedHash(candidate.bundle.objects, spec)->substr(0, 9);
  const core::Candidate on_trial{candidate.bundle.revision, candidate.bundle.hash,
                                 candidate.gated_hash};
  const core::Status checked = CheckBundle(candidate.bundle.objects, spec);
  EXPECT_TRUE(checked) << (checked ? "" : checked.error().text());
  std::string text;
  Catalogue catalogue;
  for (const core::Position& position : Positions(on_trial)) {
    text += "==== " + core::Show(position) + "\n";
    const auto stages = Compose({&stable, &candidate, &spec, position, {}, {}});
    if (!stages) return stages.error().text();
    for (const core::Stage& stage : *stages) {
      text += stage.name + (stage.wait == core::Stage::Wait::kReady ? ", until ready:" : ":");
      for (const core::Object& object : stage.objects) text += "\n  " + catalogue.Name(object);
      text += "\n";
    }
  }
  return text + catalogue.All();
}

class ComposeTest : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(ComposeTest, DemandsWhatIsWritten) {
  const std::string composed = ComposeAll(GetParam());
  const char* update = std::getenv("UPDATE_GOLDEN");
  if (update && std::string(update) == "1") std::ofstream(GetParam() / "want.txt") << composed;
  EXPECT_EQ(composed, Read(GetParam() / "want.txt"));
}

std::vector<std::filesystem::path> Folders() {
  std::vector<std::filesystem::path> folders;
  for (const auto& entry : std::filesystem::directory_iterator(HEADGATE_GOLDEN "/compose"))
    folders.push_back(entry.path());
  std::sort(folders.begin(), folders.end());
  return folders;
}

INSTANTIATE_TEST_SUITE_P(Rollout, ComposeTest, testing::ValuesIn(Folders()),
                         [](const auto& test) { return test.param.filename().string(); });

TEST(ComposeNamesTest, CutsLongNamesAndKeepsThemApart) {
  EXPECT_EQ(CanaryName("web"), "web-canary");
  const std::string a = CanaryName(std::string(63, 'a'));
  const std::string b = CanaryName(std::string(62, 'a') + "b");
  EXPECT_EQ(a.size(), 63u);
  EXPECT_TRUE(a.ends_with("-canary"));
  EXPECT_NE(a, b);
}

TEST(ComposeNamesTest, RoundsReplicasUp) {
  EXPECT_EQ(CanaryReplicas(4, 0), 1);
  EXPECT_EQ(CanaryReplicas(4, 2), 1);
  EXPECT_EQ(CanaryReplicas(4, 26), 2);
  EXPECT_EQ(CanaryReplicas(3, 100), 3);
  EXPECT_EQ(CanaryReplicas(0, 100), 1);
}

TEST(ComposeUnreadableTest, IsStableAloneWithoutTheCandidatesRecord) {
  const auto folder = Folders().front();
  core::BundleRecord stable;
  stable.bundle = core::MakeBundle("1111111aaaa", ObjectsOf(Read(folder / "stable.yaml")));
  const core::RolloutSpec spec = RolloutOf(stable.bundle.objects);
  core::Trial trial;
  trial.weight = 50;
  trial.candidate.gated_hash = "c";
  core::BundleRecord other = stable;
  other.gated_hash = "another";
  for (const core::BundleRecord* candidate : {static_cast<core::BundleRecord*>(nullptr), &other}) {
    const auto stages = Compose({&stable, candidate, &spec, trial, {}, {}});
    ASSERT_TRUE(stages);
    EXPECT_EQ(stages->front().name, "traffic");
    for (const core::Stage& stage : *stages) {
      for (const core::Object& object : stage.objects)
        EXPECT_EQ(core::NameOf(object.body).find("canary"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace headgate::rollout
