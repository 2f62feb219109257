#include "core/sync_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json.h"

namespace headgate::core {
namespace {

struct Case {
  std::string name;
  std::string spec;   // of an Application in the namespace shop, as JSON
  std::string error;  // part of it
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

Result<SyncPolicy> Parse(const std::string& spec) {
  return ParseSyncPolicy(
      Map{{"metadata", Map{{"name", "web"}, {"namespace", "shop"}}}, {"spec", *ParseJson(spec)}});
}

const Case kWrong[] = {
    {"PointerWithoutSlash",
     R"({"sync":{"ignoreDifferences":[{"kind":"X","jsonPointers":["spec"]}]}})",
     "spec.sync.ignoreDifferences[0].jsonPointers: has \"spec\"; expected a path such as "
     "/spec/replicas"},
    {"NoKind", R"({"sync":{"ignoreDifferences":[{"jsonPointers":["/spec"]}]}})",
     "ignoreDifferences[0].kind"},
    {"NoFields", R"({"sync":{"ignoreDifferences":[{"kind":"X"}]}})", "which fields are ignored"},
    {"Conflicts", R"({"sync":{"conflicts":"steal"}})", "expected one of take, keep"},
    {"Factor", R"({"sync":{"retry":{"backoff":{"factor":0.5}}}})", "from 1 to 100"},
    {"Max", R"({"sync":{"retry":{"backoff":{"initial":"5s","max":"1s"}}}})",
     "is shorter than initial"},
    {"DependencyWithoutName", R"({"dependsOn":[{}]})", "spec.dependsOn[0].name"},
};
class SyncPolicyTest : public testing::TestWithParam<Case> {};
TEST_P(SyncPolicyTest, NamesTheField) {
  const Result<SyncPolicy> policy = Parse(GetParam().spec);
  ASSERT_FALSE(policy.ok());
  EXPECT_THAT(policy.error().text(), testing::HasSubstr(GetParam().error));
}
INSTANTIATE_TEST_SUITE_P(Wrong, SyncPolicyTest, testing::ValuesIn(kWrong),
                         [](const auto& test) { return test.param.name; });

TEST(SyncPolicy, HasDefaults) {
  const Result<SyncPolicy> policy = Parse("{}");
  ASSERT_TRUE(policy.ok());
  EXPECT_EQ(*policy, SyncPolicy());
  EXPECT_TRUE(policy->self_heal);
  EXPECT_FALSE(policy->retry.limit.has_value());
}

TEST(SyncPolicy, ReadsAllFields) {
  const Result<SyncPolicy> policy = Parse(R"({
    "sync": {"selfHeal": false, "conflicts": "keep",
             "retry": {"limit": 5, "backoff": {"initial": "5s", "factor": 1.5, "max": "3m"}},
             "ignoreDifferences": [{"group": "", "kind": "Service", "jsonPointers": ["/spec/x"],
                                    "jqPathExpressions": [".a"], "managedFieldsManagers": ["m"]}]},
    "dependsOn": [{"name": "platform"}, {"name": "db", "namespace": "data", "condition": "Up"}]})");
  ASSERT_TRUE(policy.ok()) << policy.error().text();
  SyncPolicy want;
  want.self_heal = false;
  want.conflicts = Conflicts::kKeep;
  want.retry = {5, std::chrono::seconds(5), 1.5, std::chrono::minutes(3)};
  want.ignore_differences = {{"", "Service", "", "", {"/spec/x"}, {".a"}, {"m"}}};
  want.depends_on = {{"platform", "shop", "Ready"}, {"db", "data", "Up"}};
  EXPECT_EQ(*policy, want);
}

TEST(SyncPolicy, TakesMinusOneForNoLimit) {
  EXPECT_FALSE(Parse(R"({"sync":{"retry":{"limit":-1}}})")->retry.limit.has_value());
  EXPECT_EQ(Parse(R"({"sync":{"retry":{"limit":0}}})")->retry.limit, 0);
}

}  // namespace
}  // namespace headgate::core
