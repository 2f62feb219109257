// The API server drops fields that a CRD does not have, without a word: a position would lose them.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <string>
#include <vector>

#include "core/position.h"
#include "core/request.h"
#include "install/manifests.h"

namespace headgate::install {
namespace {

using namespace std::chrono_literals;
using core::Value;

YAML::Node StatusSchema(std::string_view file) {
  for (const Manifest& manifest : Manifests()) {
    if (manifest.name != file) continue;
    return YAML::Load(std::string(
        manifest.text))["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["status"];
  }
  ADD_FAILURE() << "no " << file;
  return YAML::Node();
}

std::string TypeOf(const Value& value) {
  if (value.AsMap()) return "object";
  if (value.AsList()) return "array";
  if (value.AsString()) return "string";
  if (value.AsInt()) return "integer";
  if (value.AsFloat()) return "number";
  return "boolean";
}

// What the schema would drop or refuse: "weight.observed: number, not integer".
void Compare(const Value& value, const YAML::Node& schema, const std::string& path,
             std::vector<std::string>* wrong) {
  if (!schema) {
    wrong->push_back(path + " is not in the CRD");
    return;
  }
  const auto want = schema["type"].as<std::string>();
  const std::string type = TypeOf(value);
  if (type != want && !(type == "integer" && want == "number")) {
    wrong->push_back(path + ": " + type + ", not " + want);
    return;
  }
  if (const core::Map* map = value.AsMap()) {
    for (const auto& [key, child] : *map) {
      Compare(child, schema["properties"][key],
              path.empty() ? key : fmt::format("{}.{}", path, key), wrong);
    }
  }
  if (const core::List* list = value.AsList()) {
    for (const Value& item : *list) Compare(item, schema["items"], path + "[]", wrong);
  }
}

std::vector<std::string> Wrong(const Value& value, const YAML::Node& schema) {
  std::vector<std::string> wrong;
  Compare(value, schema, "", &wrong);
  return wrong;
}

core::Time At(int seconds) { return core::HandClock::kStart + std::chrono::seconds(seconds); }

const core::Candidate kCandidate{"3f2a91c0", "aa", "bb"};
const std::vector<core::Evidence> kEvidence = {
    {"error-rate", core::Verdict::kFail, 51, 412, 0.1238, 0.1, 3, "12.4 % > 10 %"}};

struct PositionCase {
  std::string name;
  core::Position position;
};
void PrintTo(const PositionCase& c, std::ostream* out) { *out << c.name; }

class RolloutStatusTest : public testing::TestWithParam<PositionCase> {};

TEST_P(RolloutStatusTest, FitsIntoTheCrd) {
  const core::RolloutStatus status{GetParam().position, {{"bb", "3f2a91c0", "aborted", At(1)}}};
  EXPECT_THAT(Wrong(ToValue(status), StatusSchema("crds/rollout.yaml")), testing::IsEmpty());
}

const PositionCase kPositions[] = {
    {"Stable", core::Stable{}},
    {"Trial", core::Trial{kCandidate,
                          1,
                          core::Trial::Part::kObserving,
                          10,
                          50,
                          3,
                          1,
                          At(1),
                          At(2),
                          42s,
                          3s,
                          At(44),
                          9.6,
                          true,
                          true,
                          "by alice",
                          kEvidence,
                          {"web-canary-1"}}},
    {"Promoting",
     core::Promoting{
         kCandidate, core::Promoting::Part::kUpdating, 100, At(1), {"web-canary-1"}, At(44)}},
    {"RollingBack",
     core::RollingBack{kCandidate, core::RollingBack::Part::kShifting, 0, At(1),
                       core::RollingBack::Then::kHeld, "failed its canary at 2 %", kEvidence}},
    {"Held", core::Held{kCandidate, "failed its canary at 2 %", kEvidence, At(1)}},
};
INSTANTIATE_TEST_SUITE_P(Install, RolloutStatusTest, testing::ValuesIn(kPositions),
                         [](const auto& test) { return test.param.name; });

TEST(ApplicationStatusTest, HasRoomForEvidenceAndAnswers) {
  const YAML::Node schema = StatusSchema("crds/application.yaml");
  EXPECT_THAT(Wrong(core::ToValue(kEvidence[0]),
                    schema["properties"]["held"]["properties"]["evidence"]["items"]),
              testing::IsEmpty());
  const core::RequestAnswer answer{"1", "promote", true, "promoted step 1"};
  EXPECT_THAT(Wrong(core::ToValue(answer), schema["properties"]["request"]), testing::IsEmpty());
}

TEST(CompareTest, FindsWhatWouldBeDropped) {
  const Value status =
      core::Map{{"phase", "Trial"}, {"weight", core::Map{{"seen", 1}}}, {"step", "1"}};
  EXPECT_THAT(Wrong(status, StatusSchema("crds/rollout.yaml")),
              testing::ElementsAre("weight.seen is not in the CRD", "step: string, not integer"));
}

}  // namespace
}  // namespace headgate::install
