#include "rollout/gated.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/rollout/objects.h"

namespace headgate::rollout {
namespace {

constexpr const char* kShop = R"(
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}, annotations: {built: monday}}
    spec:
      containers:
      - {name: web, image: "web:1", envFrom: [{configMapRef: {name: settings}}]}
      volumes: [{name: s, secret: {secretName: keys}}]
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {A: "1"}}
---
{apiVersion: v1, kind: Secret, metadata: {name: keys}, stringData: {K: v}}
---
{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: web}}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web}
spec: {rules: [{backendRefs: [{name: web, port: 80}]}]}
---
apiVersion: headgate.dev/v1alpha1
kind: Rollout
metadata: {name: shop}
spec:
  workloads: [{kind: Deployment, name: web}]
  canary: {steps: [{setWeight: 10}, {analyze: {duration: 1m}}]}
  traffic: {gatewayAPI: {httpRoute: web}}
  analysis:
    metrics:
    - {name: error-rate, bad: 'e_total{code=~"5.."}', total: e_total, max: 10%}
  ignoreForTrial: [built]
)";

std::string With(std::string from, const std::string& to) {
  std::string text = kShop;
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::string HashOf(const std::string& yaml) {
  const core::Objects objects = ObjectsOf(yaml);
  const core::Result<std::string> hash = GatedHash(objects, RolloutOf(objects));
  return hash ? *hash : hash.error().text();
}

struct HashCase {
  const char* name;
  const char* from;
  const char* to;
  bool same;
};
const HashCase kHashCases[] = {
    {"ReplicasDoNotCount", "replicas: 2", "replicas: 3", true},
    {"OrderOfKeysDoesNotCount", "{name: web, image: \"web:1\",", "{image: \"web:1\", name: web,",
     true},
    {"IgnoredAnnotationsDoNotCount", "built: monday", "built: tuesday", true},
    {"IgnoredAnnotationsMayBeMissing", ", annotations: {built: monday}", "", true},
    {"OtherAnnotationsCount", "built: monday", "other: monday", false},
    {"ImagesCount", "web:1", "web:2", false},
    {"ContentOfConfigMapsCounts", "{A: \"1\"}", "{A: \"2\"}", false},
    {"ContentOfSecretsCounts", "{K: v}", "{K: w}", false},
    {"TheWayASecretIsWrittenDoesNotCount", "stringData: {K: v}", "data: {K: dg==}", true},
    {"StepsDoNotCount", "setWeight: 10", "setWeight: 20", true},
    {"ServicesDoNotCount", "spec: {selector: {app: web}}}",
     "spec: {type: NodePort, selector: {app: web}}}", true},
};
class GatedHashTest : public testing::TestWithParam<HashCase> {};
TEST_P(GatedHashTest, IsWhatATrialIsAbout) {
  EXPECT_EQ(HashOf(kShop) == HashOf(With(GetParam().from, GetParam().to)), GetParam().same);
}
INSTANTIATE_TEST_SUITE_P(Rollout, GatedHashTest, testing::ValuesIn(kHashCases),
                         [](const auto& test) { return test.param.name; });

TEST(GatedHashNamesTest, DoNotCountWhereTheContentIsKnown) {
  std::string renamed = kShop;
  for (size_t at; (at = renamed.find("name: settings")) != std::string::npos;)
    renamed.replace(at, 14, "name: setting5-f7k2");
  EXPECT_EQ(HashOf(kShop), HashOf(renamed));
}

struct LintCase {
  const char* name;
  const char* from;
  const char* to;
  const char* want;  // part of the text; "" where it is well
};
const LintCase kLintCases[] = {
    {"TakesAGoodBundle", "replicas: 2", "replicas: 2", ""},
    {"NamesAWorkloadThatIsNotThere", "workloads: [{kind: Deployment, name: web}]",
     "workloads: [{kind: Deployment, name: wep}]",
     "Deployment wep is not among the objects; Deployments that are: web"},
    {"NamesARouteThatIsNotThere", "httpRoute: web", "httpRoute: wep",
     "HTTPRoute wep is not among the objects; HTTPRoutes that are: web"},
    {"WantsAServiceBehindTheRoute", "backendRefs: [{name: web, port: 80}]",
     "backendRefs: [{name: cart, port: 80}]",
     "sends nothing to a Service of the gated workloads; Services that select their pods: web"},
    {"NamesTheSelectorWithoutALabel",
     "kind: Service, metadata: {name: web}, spec: {selector: {app: web}}}",
     "kind: Service, metadata: {name: web}, spec: {selector: {tier: front}}}",
     "sends nothing to a Service"},
    {"WantsALabelInTheSelector",
     "selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}",
     "selector: {matchLabels: {tier: web}}\n  template:\n    metadata: {labels: {app: web, tier: "
     "web}",
     "no label tells canary pods from stable's"},
    {"WantsStableOnesOfItsOwnLabels", "selector: {matchLabels: {app: web}}",
     "selector: {matchLabels: {app: wep}}", "spec.selector does not select its own pod template"},
    {"KeepsItsOwnLabels",
     "selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}",
     "selector: {matchLabels: {app: web, headgate.dev/track: stable}}\n  template:\n    metadata: "
     "{labels: {app: web, headgate.dev/track: stable}",
     "which Headgate sets itself"},
    {"NeedsTheVariantsNames", "apiVersion: v1, kind: ConfigMap, metadata: {name: settings}",
     "apiVersion: v1, kind: Service, metadata: {name: web-canary}",
     "Service web-canary is among the objects, but Headgate needs the name"},
    {"WantsSelectorsOfCounters", "total: e_total", "total: 'rate(e_total[1m])'",
     "metric error-rate: total: \"rate(e_total[1m])\" is no selector"},
    {"WantsWeightBeforeAnalysis", "[{setWeight: 10}, {analyze: {duration: 1m}}]",
     "[{analyze: {duration: 1m}}, {setWeight: 10}]",
     "an analyze before the first setWeight would see no request"},
};
class CheckBundleTest : public testing::TestWithParam<LintCase> {};
TEST_P(CheckBundleTest, SaysWhatIsWrong) {
  const core::Objects objects = ObjectsOf(With(GetParam().from, GetParam().to));
  const core::Status checked = CheckBundle(objects, RolloutOf(objects));
  const std::string text = checked ? "" : checked.error().text();
  if (std::string(GetParam().want).empty()) {
    EXPECT_EQ(text, "");
  } else {
    EXPECT_THAT(text, testing::HasSubstr(GetParam().want));
  }
}
INSTANTIATE_TEST_SUITE_P(Rollout, CheckBundleTest, testing::ValuesIn(kLintCases),
                         [](const auto& test) { return test.param.name; });

TEST(FindRolloutTest, RefusesTwo) {
  core::Objects objects = ObjectsOf(kShop);
  objects.push_back(objects.back());
  const auto found = FindRollout(objects);
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().text(), testing::HasSubstr("two Rollouts: shop.yaml:"));
  objects.clear();
  EXPECT_EQ(*FindRollout(objects), std::nullopt);
}

struct StrictCase {
  const char* name;
  const char* from;
  const char* to;
  bool candidate_governs;
};
const StrictCase kStrictCases[] = {
    {"EqualOnes", "max: 10%", "max: 10%", true},
    {"ALowerBound", "max: 10%", "max: 5%", true},
    {"AHigherBound", "max: 10%", "max: 20%", false},
    {"LongerAnalysis", "duration: 1m", "duration: 2m", true},
    {"ShorterAnalysis", "duration: 1m", "duration: 30s", false},
    {"OneMoreStep", "[{setWeight: 10},",
     "[{setWeight: 5}, {analyze: {duration: 1m}}, {setWeight: 10},", true},
    {"ALargerLeap", "setWeight: 10", "setWeight: 50", false},
    {"AnApproval", "{duration: 1m}}]", "{duration: 1m}}, {approve: {}}]", true},
    {"IgnoringMore", "ignoreForTrial: [built]", "ignoreForTrial: [built, app]", false},
    {"IgnoringLess", "ignoreForTrial: [built]", "ignoreForTrial: []", true},
};
class GoverningTest : public testing::TestWithParam<StrictCase> {};
TEST_P(GoverningTest, IsTheStricter) {
  const core::RolloutSpec stable = RolloutOf(ObjectsOf(kShop));
  const core::RolloutSpec candidate = RolloutOf(ObjectsOf(With(GetParam().from, GetParam().to)));
  EXPECT_EQ(&Governing(stable, candidate), GetParam().candidate_governs ? &candidate : &stable);
}
INSTANTIATE_TEST_SUITE_P(Rollout, GoverningTest, testing::ValuesIn(kStrictCases),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace headgate::rollout
