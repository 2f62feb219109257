#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/application.h"
#include "rollout/gated.h"
#include "rollout/routers/router.h"
#include "rollout/selectors.h"
#include "rollout/steps.h"
#include "rollout/variants.h"
#include "templating/yaml/yaml.h"
#include "tests/unit/rollout/objects.h"

// A folder of tests/golden/routers is a case: input.yaml has a route, a Service and a Rollout;
// want.yaml is what stands in the cluster when all of its steps are in force. The integration test
// Routers.want has a real API server judge each want.yaml. UPDATE_GOLDEN=1 writes it.
namespace headgate::rollout::routers {
namespace {

std::string Read(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Given {
  core::Objects bundle;
  core::RolloutSpec spec;
  const core::Object* route = nullptr;
  Variants services;

  explicit Given(const std::string& text) : bundle(ObjectsOf(text)), spec(RolloutOf(bundle)) {
    for (const core::Object& object : bundle) {
      if (IsRoute(object.body, spec)) route = &object;
    }
    services = ServicesOf(bundle, spec);
  }
  const Router& router() const { return RouterFor(spec.traffic); }
  core::Objects Split(int weight, int64_t routed) const {
    return router().Split(*route, services, {weight, true, ExtrasOf(spec, routed)}, spec);
  }
};

class RoutersTest : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(RoutersTest, SplitTheAuthorsRoute) {
  const Given given(Read(GetParam() / "input.yaml"));
  const core::Status checked = CheckBundle(given.bundle, given.spec);
  ASSERT_TRUE(checked) << checked.error().text();
  const auto steps = static_cast<int64_t>(given.spec.steps.size());
  std::string text;
  for (const core::Object& object : given.Split(WeightAt(given.spec, steps), steps))
    text += "---\n" + templating::PrintYaml(object.body);
  for (const core::Object& object : given.router().Companions(given.bundle, given.services, "app"))
    text += "---\n" + templating::PrintYaml(object.body);
  const char* update = std::getenv("UPDATE_GOLDEN");
  if (update && std::string(update) == "1") std::ofstream(GetParam() / "want.yaml") << text;
  EXPECT_EQ(text, Read(GetParam() / "want.yaml"));
}

TEST_P(RoutersTest, LeaveTheAuthorsRouteAloneAtNothing) {
  const Given given(Read(GetParam() / "input.yaml"));
  const core::Objects left =
      given.router().Split(*given.route, given.services, {0, false, {}}, given.spec);
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left.front().body, given.route->body);
}

TEST_P(RoutersTest, ReadBackWhatTheyWrote) {
  const Given given(Read(GetParam() / "input.yaml"));
  for (const int weight : {0, 1, 2, 10, 33, 50, 99, 100}) {
    for (const int64_t routed : {0, 2}) {
      const core::Objects split = given.Split(weight, routed);
      const RouteSeen seen = given.router().See(given.spec, [&](const core::ObjectRef& ref) {
        std::shared_ptr<const core::Value> live;
        for (const core::Object& object : split) {
          if (core::RefOf(object.body) == ref)
            live = std::make_shared<const core::Value>(object.body);
        }
        return live;
      });
      EXPECT_TRUE(seen.exists);
      EXPECT_EQ(seen.weight, weight);
      EXPECT_EQ(seen.extras, Show(ExtrasOf(given.spec, routed)));
    }
  }
}

std::vector<std::filesystem::path> Folders() {
  std::vector<std::filesystem::path> folders;
  for (const auto& entry : std::filesystem::directory_iterator(HEADGATE_GOLDEN "/routers"))
    folders.push_back(entry.path());
  std::sort(folders.begin(), folders.end());
  return folders;
}

INSTANTIATE_TEST_SUITE_P(Rollout, RoutersTest, testing::ValuesIn(Folders()),
                         [](const auto& test) { return test.param.filename().string(); });

// What a router cannot do is refused with place and mend: a replacement in a case's input.
struct Refused {
  const char* name;
  const char* folder;
  const char* from;
  const char* to;
  const char* want;
};
const Refused kRefused[] = {
    {"MirrorOfMixedRule", "http_route_with_headers_and_mirror", "[{name: web, port: 80}]",
     "[{name: web, port: 80}, {name: files, port: 80}]",
     "setMirror would copy requests that are not for the gated workloads"},
    {"HeaderThatTheRouteMatches", "http_route_with_headers_and_mirror", "X-Beta", "X-Cart",
     "the rule matches header X-Cart already, which setHeaderRoute beta uses"},
    {"RouteNameThatIsNotThere", "virtual_service_named_routes", "[cart]", "[card]",
     "has no http route named card, which spec.traffic.istio.virtualService.routes asks for; named "
     "are: cart, files, mixed"},
    {"NamedRouteToOthers", "virtual_service_named_routes", "[cart]", "[files]",
     "sends nothing to a Service of the gated workloads"},
    {"MirrorBesideMirror", "virtual_service_with_subsets", "retries:",
     "mirror: {host: x}\n    retries:", "has a mirror already, beside which Istio takes none"},
    {"CanaryOfACanary", "ingress", "cert-manager.io/cluster-issuer",
     "nginx.ingress.kubernetes.io/canary-weight",
     "has annotation nginx.ingress.kubernetes.io/canary-weight already"},
    {"DefaultBackend", "ingress", "ingressClassName: nginx",
     "defaultBackend: {service: {name: web, port: {number: 80}}}",
     "spec.defaultBackend leads to a gated workload"},
    {"MirrorOfNginx", "ingress", "{setWeight: 10}", "{setMirror: {percentage: 5}}",
     "cannot do setMirror 5 %; ingress-nginx mirrors only to addresses"},
    {"CookieOfNginx", "ingress_with_cookie", "canary=always", "canary=yes",
     "of cookies ingress-nginx knows only the value always"},
    {"MirroringTraefikService", "traefik_service",
     "weighted:", "mirroring:", "has no spec.weighted"},
    {"HeaderOfTraefikService", "traefik_service", "{setWeight: 10}",
     "{setHeaderRoute: {name: beta, match: [{headerName: x, headerValue: {exact: y}}]}}",
     "cannot do setHeaderRoute beta; a TraefikService only weighs"},
};
class RefusalTest : public testing::TestWithParam<Refused> {};
TEST_P(RefusalTest, SaysWhereAndTheMend) {
  const Refused& refused = GetParam();
  std::string text =
      Read(std::filesystem::path(HEADGATE_GOLDEN "/routers") / refused.folder / "input.yaml");
  const size_t at = text.find(refused.from);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, std::string(refused.from).size(), refused.to);
  const core::Objects bundle = ObjectsOf(text);
  const auto spec = FindRollout(bundle);
  const core::Status checked = spec ? CheckBundle(bundle, **spec) : core::Status(spec.error());
  ASSERT_FALSE(checked);
  EXPECT_NE(checked.error().text().find(refused.want), std::string::npos) << checked.error().text();
}
INSTANTIATE_TEST_SUITE_P(Rollout, RefusalTest, testing::ValuesIn(kRefused),
                         [](const auto& test) { return test.param.name; });

std::string WithReplicas(const std::string& steps) {
  std::string text = Read(std::filesystem::path(HEADGATE_GOLDEN "/routers/ingress/input.yaml"));
  for (const auto& [from, to] :
       {std::pair<std::string, std::string>("{nginx: {stableIngress: web}}", "{replicas: {}}"),
        {"[{setWeight: 10}]", steps}})
    text.replace(text.find(from), from.size(), to);
  return text;
}

TEST(ReplicasTest, RefusesWhatNumbersOfPodsCannotHold) {
  const struct {
    std::string steps, want;
  } kCases[] = {
      {"[{setWeight: 20}, {setWeight: 50}]", ""},
      {"[{setWeight: 51}]", "setWeight 51 %: by replicas at most 50 % can be reached"},
      {"[{setMirror: {percentage: 5}}]", "setMirror 5 %: without a router there is nothing"},
  };
  for (const auto& c : kCases) {
    const core::Objects bundle = ObjectsOf(WithReplicas(c.steps));
    const core::Status checked = CheckBundle(bundle, RolloutOf(bundle));
    if (c.want.empty()) {
      EXPECT_TRUE(checked) << checked.error().text();
    } else {
      ASSERT_FALSE(checked) << c.want;
      EXPECT_NE(checked.error().text().find(c.want), std::string::npos) << checked.error().text();
    }
  }
}

TEST(ReplicasTest, GivesTheCanaryItsShareOfAllPods) {
  core::RolloutSpec spec;
  spec.traffic.by = core::Traffic::By::kReplicas;
  const struct {
    int weight, percent;
  } kCases[] = {{0, 0}, {10, 11}, {20, 25}, {25, 33}, {33, 49}, {50, 100}};
  for (const auto& c : kCases) EXPECT_EQ(PodsPercentFor(spec, c.weight), c.percent) << c.weight;
}

// Both tracks stand behind stable's Service; the Deployments own their pods apart.
TEST(ReplicasTest, ItsPodsKeepStablesLabels) {
  const core::Objects bundle = ObjectsOf(WithReplicas("[{setWeight: 20}]"));
  const core::RolloutSpec spec = RolloutOf(bundle);
  const core::Objects variants =
      MakeVariants({.candidate = &bundle,
                    .stable = &bundle,
                    .spec = &spec,
                    .track_label = *FindTrackLabel(bundle, spec),
                    .gated_hash = "abc",
                    .replicas = [](const core::WorkloadRef&) { return 1; }});
  ASSERT_EQ(variants.size(), 1u);
  const core::Value& body = variants.front().body;
  EXPECT_EQ(body.StringAt("spec", "template", "metadata", "labels", "app"), "web");
  EXPECT_EQ(body.StringAt("spec", "template", "metadata", "labels", "headgate.dev/track"),
            "canary");
  EXPECT_EQ(body.StringAt("spec", "selector", "matchLabels", "headgate.dev/track"), "canary");
}

}  // namespace
}  // namespace headgate::rollout::routers
