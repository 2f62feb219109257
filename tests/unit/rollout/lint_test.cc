#include "rollout/lint.h"

#include <gtest/gtest.h>

#include "tests/unit/rollout/objects.h"

namespace headgate::rollout {
namespace {

constexpr const char* kShop = R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 4
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: shop:1}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
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
  canary:
    steps:
    - setWeight: 2
    - analyze: {duration: 5m}
    - setWeight: 50
    - analyze: {duration: 5m}
  traffic: {gatewayAPI: {httpRoute: web}}
  analysis:
    metrics: [{name: error-rate, bad: a, total: b, max: 10%}]
)";

// All findings, with each `from` replaced.
std::string Findings(const std::vector<std::pair<std::string, std::string>>& changes,
                     double requests, int64_t runs = 0) {
  std::string text = kShop;
  for (const auto& [from, to] : changes) {
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    if (at != std::string::npos) text.replace(at, from.size(), to);
  }
  simulation::Truth truth;
  truth.requests_per_second = requests;
  std::string shown;
  for (const Finding& finding : Lint(ObjectsOf(text), truth, runs)) shown += Show(finding) + "\n";
  return shown;
}

struct Case {
  const char* name;
  std::vector<std::pair<std::string, std::string>> changes;
  double requests;
  const char* want;
};
const Case kCases[] = {
    {"SaysWhenTheEvidenceIsThere",
     {},
     10,
     "info: shop.yaml:29: spec.canary.steps[1]: has its evidence 8m20s after the weight is seen "
     "(100 requests at 0.2/s)"},
    {"SaysThatAStepCannotPass",
     {},
     0.5,
     "error: shop.yaml:29: spec.canary.steps[1]: cannot pass at 0.5 requests/s: 2 % of them bring "
     "the 100 of minRequests after 2h46m40s, but onHold will pause after 30m"},
    {"SaysThatThereIsNoTraffic", {}, 0, "never passes: there is no traffic"},
    {"FindsAWorkloadWithoutRequests",
     {{"kind: Service\nmetadata: {name: web}", "kind: Service\nmetadata: {name: other}"},
      {"backendRefs: [{name: web, port: 80}]",
       "backendRefs: [{name: other, port: 80}]}, {backendRefs: [{name: web, port: 80}]"},
      {"workloads: [{kind: Deployment, name: web}]",
       "workloads: [{kind: Deployment, name: web}, {kind: Deployment, name: cart}]"},
      {"apiVersion: v1\n",
       "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: cart}\nspec:\n  selector: "
       "{matchLabels: {app: cart}}\n  template:\n    metadata: {labels: {app: cart}}\n    spec: "
       "{containers: [{name: c, image: c:1}]}\n---\napiVersion: v1\n"}},
     10,
     "Deployment cart gets no request from the route (no Service selects its pods)"},
    {"FindsWeightsThatPodsCannotHold",
     {{"{gatewayAPI: {httpRoute: web}}", "{replicas: {}}"}},
     10,
     "setWeight 2 % is out of reach: with 4 pods of web one track's pods are 1 of 5, which is 20 "
     "%"},
    {"FindsAScaleBelowTheWeight",
     {{"- setWeight: 50", "- setWeight: 50\n    - setCanaryScale: {weight: 10}"}},
     10,
     "setCanaryScale 10 % is less than the weight needs, so there will be 50 %"},
    {"FindsMetricsThatNothingWaitsFor",
     {{"    - analyze: {duration: 5m}\n", ""}, {"    - analyze: {duration: 5m}\n", ""}},
     10,
     "has no analyze: metrics can send a candidate back, but none has to pass"},
    {"FindsPortsOfNodes",
     {{"image: shop:1}", "image: shop:1, ports: [{containerPort: 80, hostPort: 80}]}"}},
     10,
     "the pods of Deployment web take ports of their node"},
    {"FindsABaselineThatIsYounger",
     {{"- setWeight: 50", "- setBaseline: {}\n    - setWeight: 50"}},
     10,
     "spec.canary.steps[2]: the canary's pods are older than the baseline's"},
    {"PassesOnWhatATrialWouldRefuse",
     {{"httpRoute: web", "httpRoute: wep"}},
     10,
     "error: Rollout shop: spec.traffic.gatewayAPI.httpRoute: HTTPRoute wep is not among"},
};
class LintTest : public testing::TestWithParam<Case> {};
TEST_P(LintTest, Finds) {
  const std::string found = Findings(GetParam().changes, GetParam().requests);
  EXPECT_NE(found.find(GetParam().want), std::string::npos) << found;
}
INSTANTIATE_TEST_SUITE_P(Rollout, LintTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

TEST(LintTest, ForeseesBothKindsOfCandidates) {
  const std::string found = Findings({}, 50, 20);
  EXPECT_NE(found.find("of errors is promoted in 20 of 20 simulated rollouts"), std::string::npos)
      << found;
  EXPECT_NE(found.find("a candidate with 30 % of errors is sent back in 20 of 20"),
            std::string::npos)
      << found;
  EXPECT_EQ(found.find("error: "), std::string::npos) << found;
}

}  // namespace
}  // namespace headgate::rollout
