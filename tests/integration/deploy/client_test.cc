#include "deploy/kube/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "environment.h"
#include "proxy.h"

namespace headgate::deploy {
namespace {

using testing::HasSubstr;
using testing::Not;

using ClientTest = ClusterTest;

TEST_F(ClientTest, ReadsWhatItWrote) {
  const core::Value made = Must(client_.Apply(ConfigMap("web", "1")));
  EXPECT_EQ(made.StringAt("data", "k"), "1");
  EXPECT_EQ(made.ListAt("metadata", "managedFields")[0].StringAt("manager"), "headgate");
  const core::Value got = Must(client_.Get(kConfigMaps, namespace_name_, "web"));
  EXPECT_EQ(got, made);
}

TEST_F(ClientTest, ListsInPagesWithTheirKind) {
  for (int i = 0; i < 3; ++i) {
    core::Value map = ConfigMap("web-" + std::to_string(i), "1");
    core::SetLabel(&map, "wanted", i == 1 ? "no" : "yes");
    Must(client_.Create(map));
  }
  const ListAnswer all = Must(client_.List(
      kConfigMaps, {.namespace_name = namespace_name_, .label_selector = "wanted=yes"}));
  ASSERT_EQ(all.items.size(), 2u);
  EXPECT_EQ(core::Show(core::RefOf(all.items[0])), "ConfigMap " + namespace_name_ + "/web-0");
  EXPECT_NE(all.resource_version, "");

  const ListAnswer metadata = Must(client_.List(
      kConfigMaps,
      {.namespace_name = namespace_name_, .label_selector = "wanted=yes", .metadata_only = true}));
  ASSERT_EQ(metadata.items.size(), 2u);
  EXPECT_EQ(metadata.items[0].Find("data"), nullptr);
  EXPECT_EQ(core::NameOf(metadata.items[1]), "web-2");
}

TEST_F(ClientTest, NamesAKindThatNobodyServes) {
  const auto got = client_.Get({"example.com/v1", "Toaster"}, namespace_name_, "x");
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().fault(), core::Fault::kNotFound);
  EXPECT_THAT(got.error().text(), HasSubstr("no kind Toaster in example.com/v1"));
  EXPECT_THAT(got.error().text(), HasSubstr("is its CustomResourceDefinition installed"));
}

TEST_F(ClientTest, AsksDiscoveryOnlyOnce) {
  Must(client_.Apply(ConfigMap("a", "1")));
  const uint64_t before = client_.requests_sent();
  Must(client_.Apply(ConfigMap("b", "1")));
  EXPECT_EQ(client_.requests_sent() - before, 1u);
}

TEST_F(ClientTest, NamesManagersAndFieldsInDispute) {
  Must(client_.Apply(ConfigMap("web", "1"), {.field_manager = "somebody"}));
  const auto refused = client_.Apply(ConfigMap("web", "2"), {.force = false});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().fault(), core::Fault::kConflict);
  EXPECT_THAT(refused.error().text(), HasSubstr(R"(conflict with "somebody" (.data.k))"));
  EXPECT_EQ(Must(client_.Apply(ConfigMap("web", "2"))).StringAt("data", "k"), "2");
}

TEST_F(ClientTest, FencesByResourceVersion) {
  const core::Value first = Must(client_.Apply(ConfigMap("web", "1")));
  const std::string version = first.StringAt("metadata", "resourceVersion");
  Must(client_.Apply(ConfigMap("web", "2"), {.resource_version = version}));
  const auto late = client_.Apply(ConfigMap("web", "3"), {.resource_version = version});
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().fault(), core::Fault::kConflict);
}

TEST_F(ClientTest, DryRunStoresNothing) {
  EXPECT_EQ(Must(client_.Apply(ConfigMap("web", "1"), {.dry_run = true})).StringAt("data", "k"),
            "1");
  const auto got = client_.Get(kConfigMaps, namespace_name_, "web");
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().fault(), core::Fault::kNotFound);
  EXPECT_EQ(got.error().text(), "get ConfigMap " + namespace_name_ + "/web: not found");
}

TEST_F(ClientTest, RefusesFieldsThatTheSchemaDoesNotHaveWithoutTryingAgain) {
  const core::Value wrong = Parsed(
      "{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web','namespace':'NS'},"
      "'spec':{'replicaz':3}}");
  Must(client_.ResourceFor(TypeOf(wrong)));
  const uint64_t before = client_.requests_sent();
  const auto refused = client_.Apply(wrong);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().fault(), core::Fault::kInvalid);
  EXPECT_THAT(refused.error().text(), HasSubstr("replicaz"));
  EXPECT_EQ(client_.requests_sent() - before, 1u);
}

TEST_F(ClientTest, NamesTheRuleThatIsMissing) {
  const std::string user = ServiceAccountUser(namespace_name_, "deployer");
  const auto refused = client_.As(user).Apply(ConfigMap("web", "1"));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().fault(), core::Fault::kForbidden);
  EXPECT_THAT(refused.error().text(), HasSubstr(user + " may not patch configmaps"));
  EXPECT_THAT(refused.error().text(), HasSubstr("a Role in namespace " + namespace_name_));
  EXPECT_THAT(refused.error().text(),
              HasSubstr(R"({apiGroups: [""], resources: [configmaps], verbs: [patch]})"));

  Grant(user, "", "configmaps", {"patch", "create"});
  EXPECT_TRUE(Eventually([&] { return client_.As(user).Apply(ConfigMap("web", "1")).ok(); }));
}

TEST_F(ClientTest, ShowsNoSecretInErrors) {
  core::Value secret = Parsed(
      "{'apiVersion':'v1','kind':'Secret','metadata':{'name':'s','namespace':'NS'},"
      "'data':{'password':'hunter2 is no base64'}}");
  const auto refused = client_.Apply(secret);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().fault(), core::Fault::kInvalid);
  EXPECT_THAT(refused.error().text(), Not(HasSubstr("hunter2")));
  EXPECT_THAT(refused.error().text(), HasSubstr("Secret " + namespace_name_ + "/s"));
}

TEST_F(ClientTest, SaysWhichNamespaceIsMissing) {
  core::Value map = ConfigMap("web", "1");
  map.Find("metadata")->AsMap()->Set("namespace", "itest-nowhere");
  const auto refused = client_.Apply(map);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().fault(), core::Fault::kNotFound);
  EXPECT_THAT(refused.error().text(), HasSubstr(R"(namespaces "itest-nowhere" not found)"));
}

TEST_F(ClientTest, PatchesReplacesAndDeletesWithPreconditions) {
  const core::Value made = Must(client_.Create(ConfigMap("web", "1")));
  core::Value patched = Must(
      client_.Patch(kConfigMaps, namespace_name_, "web", Parsed("{'data':{'k':null,'l':'2'}}")));
  EXPECT_EQ(core::ToJson(*patched.Find("data")), R"({"l":"2"})");
  patched.Find("data")->AsMap()->Set("l", "3");
  const core::Value replaced = Must(client_.Replace(patched));
  EXPECT_EQ(replaced.StringAt("data", "l"), "3");

  const core::Status late =
      client_.Delete(kConfigMaps, namespace_name_, "web",
                     {.uid = made.StringAt("metadata", "uid"),
                      .resource_version = made.StringAt("metadata", "resourceVersion")});
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().fault(), core::Fault::kConflict);
  EXPECT_TRUE(
      client_.Delete(kConfigMaps, namespace_name_, "web", {.uid = made.StringAt("metadata", "uid")})
          .ok());
  EXPECT_EQ(client_.Delete(kConfigMaps, namespace_name_, "web").error().fault(),
            core::Fault::kNotFound);
}

TEST_F(ClientTest, WritesAStatusApart) {
  Must(client_.Apply(
      Parsed("{'apiVersion':'v1','kind':'Service','metadata':{'name':'web','namespace':'NS'},"
             "'spec':{'ports':[{'port':80}]}}")));
  const core::Value after = Must(client_.ApplyStatus(
      Parsed("{'apiVersion':'v1','kind':'Service','metadata':{'name':'web','namespace':'NS'},"
             "'spec':{'ports':[{'port':81}]},"
             "'status':{'conditions':[{'type':'Seen','status':'True','reason':'Test','message':'',"
             "'lastTransitionTime':'2026-01-01T00:00:00Z'}]}}")));
  EXPECT_EQ(after.ListAt("status", "conditions").size(), 1u);
  EXPECT_EQ(after.ListAt("spec", "ports")[0].IntAt(0, "port"), 80);
}

struct FaultCase {
  int status;
  const char* retry_after;
  size_t tries;  // of an apply
  bool succeeds;
};

// The first answer is a fault, the rest are the server's.
TEST_F(ClientTest, TriesAgainOnlyWhatMayHelp) {
  Proxy proxy;
  ClientOptions options;
  options.pause_first = std::chrono::milliseconds(5);
  const Client client(proxy.cluster(), &TestHttp(), options);
  Must(client.ResourceFor(kConfigMaps));
  const FaultCase kCases[] = {{429, "0", 2, true},   {500, "", 2, true},  {503, "", 2, true},
                              {429, "60", 1, false}, {409, "", 1, false}, {400, "", 1, false}};
  for (const FaultCase& c : kCases) {
    std::atomic<bool> done = false;
    proxy.SetFault([&](const std::string&) -> std::optional<Proxy::Answer> {
      if (done.exchange(true)) return std::nullopt;
      Proxy::Answer answer{c.status, "not even JSON", {}};
      if (*c.retry_after) answer.headers = {{"Retry-After", c.retry_after}};
      return answer;
    });
    const size_t before = proxy.Count("PATCH");
    const auto answer = client.Apply(ConfigMap("web", "1"));
    EXPECT_EQ(answer.ok(), c.succeeds) << c.status;
    EXPECT_EQ(proxy.Count("PATCH") - before, c.tries) << c.status;
    if (c.status == 429 && !c.succeeds && !answer.ok()) {
      EXPECT_EQ(answer.error().retry_after(), std::chrono::seconds(60));
      EXPECT_EQ(answer.error().fault(), core::Fault::kUnavailable);
    }
  }
}

TEST_F(ClientTest, DoesNotCreateTwiceAfterAFault) {
  Proxy proxy;
  const Client client(proxy.cluster(), &TestHttp());
  proxy.SetFault([](const std::string& request) -> std::optional<Proxy::Answer> {
    if (!request.starts_with("POST")) return std::nullopt;
    return Proxy::Answer{503, "", {}};
  });
  EXPECT_EQ(client.Create(ConfigMap("web", "1")).error().fault(), core::Fault::kUnavailable);
  EXPECT_EQ(proxy.Count("POST"), 1u);
}

TEST_F(ClientTest, GivesUpTryingWithinItsDeadline) {
  Proxy proxy;
  proxy.SetFault([](const std::string&) { return Proxy::Answer{503, "", {}}; });
  ClientOptions options;
  options.deadline = std::chrono::milliseconds(300);
  options.attempts_max = 1000;
  const Client client(proxy.cluster(), &TestHttp(), options);
  const core::RealClock clock;
  const core::BootTime begin = clock.SinceBoot();
  EXPECT_EQ(client.GetText("/version").error().fault(), core::Fault::kUnavailable);
  EXPECT_LT(clock.SinceBoot() - begin, std::chrono::seconds(5));
  EXPECT_LT(proxy.Count("GET"), 20u);
}

TEST_F(ClientTest, StopsWhenAsked) {
  Proxy proxy;
  proxy.SetFault([](const std::string&) { return Proxy::Answer{429, "", {{"Retry-After", "4"}}}; });
  const Client client(proxy.cluster(), &TestHttp());
  std::stop_source stop;
  std::jthread stopper([&] {
    Eventually([&] { return proxy.Count("GET") > 0; });
    stop.request_stop();
  });
  EXPECT_EQ(client.GetText("/version", stop.get_token()).error().fault(), core::Fault::kCancelled);
}

}  // namespace
}  // namespace headgate::deploy
