
#include <gtest/gtest.h>

#include "core/json.h"
#include "rollout/routers/router.h"

namespace headgate::rollout::routers {
namespace {

core::Value Route(const std::string& backends) {
  return *core::ParseJson(
      R"({"metadata":{"name":"web","namespace":"shop"},"spec":{"rules":[{"backendRefs":)" +
      backends + "}]}}");
}

core::RolloutSpec SpecOf() {
  core::RolloutSpec spec;
  spec.traffic.route = "web";
  spec.namespace_name = "shop";
  return spec;
}

core::Value SplitRoute(const core::Value& route, const Variants& variants, int weight) {
  const core::RolloutSpec spec = SpecOf();
  return RouterFor(spec.traffic).Split({route, ""}, variants, {weight, true, {}}, spec)[0].body;
}

RouteSeen SeeRoute(const core::Value* live) {
  const auto kept = live ? std::make_shared<const core::Value>(*live) : nullptr;
  const core::RolloutSpec spec = SpecOf();
  return RouterFor(spec.traffic).See(spec, [&](const core::ObjectRef&) { return kept; });
}

struct Case {
  const char* name;
  int weight;
  const char* backends;
  const char* want;
};
const Case kCases[] = {
    {"SplitsOne", 2, R"([{"name":"web","port":80}])",
     R"([{"name":"web","port":80,"weight":98},{"name":"web-canary","port":80,"weight":2}])"},
    {"LeavesItAtZero", 0, R"([{"name":"web","port":80}])", R"([{"name":"web","port":80}])"},
    {"GivesAll", 100, R"([{"name":"web"}])",
     R"([{"name":"web","weight":0},{"name":"web-canary","weight":100}])"},
    {"KeepsTheAuthorsProportions", 10, R"([{"name":"web","weight":3},{"name":"other","weight":1}])",
     R"([{"name":"web","weight":270},{"name":"web-canary","weight":30},{"name":"other","weight":100}])"},
    {"ReducesTheAuthorsWeights", 10, R"([{"name":"web","weight":50},{"name":"cart","weight":50}])",
     R"([{"name":"web","weight":90},{"name":"web-canary","weight":10},{"name":"cart","weight":90},{"name":"cart-canary","weight":10}])"},
    {"KeepsFilters", 1, R"([{"name":"web","filters":[{"type":"X"}]}])",
     R"([{"name":"web","filters":[{"type":"X"}],"weight":99},{"name":"web-canary","filters":[{"type":"X"}],"weight":1}])"},
    {"LeavesOtherKinds", 10, R"([{"kind":"Bucket","group":"x.io","name":"web"}])",
     R"([{"kind":"Bucket","group":"x.io","name":"web"}])"},
    {"LeavesOtherNamespaces", 10, R"([{"name":"web","namespace":"else"}])",
     R"([{"name":"web","namespace":"else"}])"},
    {"KeepsAZero", 10, R"([{"name":"web","weight":0},{"name":"other","weight":1}])",
     R"([{"name":"web","weight":0},{"name":"web-canary","weight":0},{"name":"other","weight":100}])"},
    {"StaysWithinTheApisBounds", 1,
     R"([{"name":"web","weight":1000000},{"name":"other","weight":1}])",
     R"([{"name":"web","weight":990000},{"name":"web-canary","weight":10000},{"name":"other","weight":1}])"},
};
class SplitRouteTest : public testing::TestWithParam<Case> {};
TEST_P(SplitRouteTest, SendsTheCanaryItsShare) {
  const Variants variants{{"web", "web-canary"}, {"cart", "cart-canary"}};
  const core::Value route = Route(GetParam().backends);
  const core::Value split = SplitRoute(route, variants, GetParam().weight);
  EXPECT_EQ(core::ToCanonicalJson(split), core::ToCanonicalJson(Route(GetParam().want)));
}
INSTANTIATE_TEST_SUITE_P(Rollout, SplitRouteTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

TEST(SeeRouteTest, ReadsBackWhatWasWritten) {
  for (int weight : {0, 1, 2, 33, 50, 99, 100}) {
    const core::Value split = SplitRoute(Route(R"([{"name":"web"},{"name":"other","weight":7}])"),
                                         {{"web", "web-canary"}}, weight);
    EXPECT_EQ(SeeRoute(&split).weight, weight);
  }
}

core::Value WithStatus(const char* status) {
  core::Value route = Route(R"([{"name":"web"}])");
  route.MakeMap()["metadata"].MakeMap().Set("generation", 3);
  route.MakeMap().Set("status", *core::ParseJson(status));
  return route;
}

struct SeenCase {
  const char* name;
  const char* status;
  const char* why;  // "" where it is accepted
};
const SeenCase kSeenCases[] = {
    {"TakesBothConditions",
     R"({"parents":[{"conditions":[{"type":"Accepted","status":"True","observedGeneration":3},{"type":"ResolvedRefs","status":"True","observedGeneration":3}]}]})",
     ""},
    {"WaitsForAGateway", R"({})", "no gateway has taken the route"},
    {"WaitsForThePresentGeneration",
     R"({"parents":[{"conditions":[{"type":"Accepted","status":"True","observedGeneration":2},{"type":"ResolvedRefs","status":"True","observedGeneration":3}]}]})",
     "the gateway has not seen the present generation"},
    {"SaysWhyNot",
     R"({"parents":[{"conditions":[{"type":"Accepted","status":"True","observedGeneration":3},{"type":"ResolvedRefs","status":"False","observedGeneration":3,"reason":"BackendNotFound","message":"no web-canary"}]}]})",
     "ResolvedRefs: BackendNotFound: no web-canary"},
    {"WantsEveryParent",
     R"({"parents":[{"conditions":[{"type":"Accepted","status":"True","observedGeneration":3},{"type":"ResolvedRefs","status":"True","observedGeneration":3}]},{"conditions":[]}]})",
     "the gateway says nothing of Accepted"},
};
class SeeRouteStatusTest : public testing::TestWithParam<SeenCase> {};
TEST_P(SeeRouteStatusTest, SaysWhetherItIsAccepted) {
  const core::Value route = WithStatus(GetParam().status);
  const RouteSeen seen = SeeRoute(&route);
  EXPECT_EQ(seen.why, GetParam().why);
  EXPECT_EQ(seen.accepted, seen.why.empty());
}
INSTANTIATE_TEST_SUITE_P(Rollout, SeeRouteStatusTest, testing::ValuesIn(kSeenCases),
                         [](const auto& test) { return test.param.name; });

TEST(ServicesBehindTest, NamesThoseOfItsOwnNamespace) {
  const core::Value route = Route(
      R"([{"name":"web"},{"name":"web-canary","kind":"Service"},{"name":"far","namespace":"else"},
          {"name":"bucket","kind":"Bucket","group":"x.io"}])");
  EXPECT_EQ(RouterFor(SpecOf().traffic).ServicesBehind(route),
            (std::set<std::string>{"web", "web-canary"}));
}

TEST(SeeRouteTest, SaysThatItIsNotThere) { EXPECT_FALSE(SeeRoute(nullptr).exists); }

}  // namespace
}  // namespace headgate::rollout::routers
