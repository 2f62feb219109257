#include "rollout/observation.h"

#include <gtest/gtest.h>

#include "core/json.h"

namespace headgate::rollout {
namespace {

core::Value Slice(const std::string& service, const std::string& endpoints) {
  return *core::ParseJson(R"({"metadata":{"labels":{"kubernetes.io/service-name":")" + service +
                          R"("}},"endpoints":[)" + endpoints + "]}");
}
std::string Endpoint(const std::string& pod, const std::string& conditions) {
  return R"({"targetRef":{"kind":"Pod","name":")" + pod + R"("},"conditions":)" + conditions + "}";
}

struct Case {
  const char* name;
  std::vector<PodSeen> pods;
  std::vector<core::Value> slices;
  std::vector<std::string> services;
  int ready;
  int leaving = 0;
};

const PodSeen kOne{.name = "one", .candidate = "", .ready = true, .broken = "", .started = {}};
const PodSeen kTwo{.name = "two", .candidate = "", .ready = true, .broken = "", .started = {}};
const PodSeen kUnready{.name = "two", .candidate = "", .broken = "", .started = {}};
const PodSeen kLeaving{
    .name = "two", .candidate = "", .ready = true, .broken = "", .started = {}, .leaving = true};
const std::string kReady = R"({"ready":true})";

const Case kCases[] = {
    {"CountsReadyPodsWithoutAService", {kOne, kUnready}, {}, {}, 1},
    {"WaitsForASlice", {kOne, kTwo}, {}, {"web"}, 0},
    {"CountsEndpointsOfSeveralSlices",
     {kOne, kTwo},
     {Slice("web", Endpoint("one", kReady)), Slice("web", Endpoint("two", kReady))},
     {"web"},
     2},
    {"TakesNoWordForReady", {kOne}, {Slice("web", Endpoint("one", "{}"))}, {"web"}, 1},
    {"LeavesOutEndpointsThatAreNotReady",
     {kOne},
     {Slice("web", Endpoint("one", R"({"ready":false})"))},
     {"web"},
     0},
    {"CountsLeavingPodsApart",
     {kOne, kLeaving},
     {Slice("web", Endpoint("one", kReady) + "," + Endpoint("two", kReady))},
     {"web"},
     1,
     1},
    {"ForgetsLeavingPodsThatGetNothing",
     {kOne, kLeaving},
     {Slice("web", Endpoint("one", kReady) + "," + Endpoint("two", R"({"ready":false})"))},
     {"web"},
     1},
    {"LeavesOutPodsOfOthers", {kOne}, {Slice("web", Endpoint("other", kReady))}, {"web"}, 0},
    {"WantsEveryService", {kOne}, {Slice("web", Endpoint("one", kReady))}, {"web", "grpc"}, 0},
};
class SeeServingTest : public testing::TestWithParam<Case> {};
TEST_P(SeeServingTest, CountsPodsThatRequestsAreSentTo) {
  const Serving serving = SeeServing(GetParam().pods, GetParam().slices, GetParam().services);
  EXPECT_EQ(serving.ready, GetParam().ready);
  EXPECT_EQ(serving.leaving, GetParam().leaving);
}
INSTANTIATE_TEST_SUITE_P(Rollout, SeeServingTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace headgate::rollout
