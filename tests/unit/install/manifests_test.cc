#include "install/manifests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <set>
#include <string>
#include <vector>

namespace headgate::install {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

std::vector<YAML::Node> Documents(std::string_view name) {
  for (const Manifest& manifest : Manifests()) {
    if (manifest.name == name) return YAML::LoadAll(std::string(manifest.text));
  }
  return {};
}

YAML::Node TheOne(std::string_view file, std::string_view kind, std::string_view name) {
  for (const YAML::Node& document : Documents(file)) {
    if (document["kind"].as<std::string>() == kind &&
        document["metadata"]["name"].as<std::string>() == name) {
      return document;
    }
  }
  ADD_FAILURE() << file << " has no " << kind << " " << name;
  return YAML::Node();
}

std::set<std::string> Words(const YAML::Node& list) {
  const auto words = list.as<std::vector<std::string>>();
  return {words.begin(), words.end()};
}

std::set<std::string> Keys(const YAML::Node& map) {
  std::set<std::string> keys;
  for (const auto& entry : map) keys.insert(entry.first.as<std::string>());
  return keys;
}

TEST(ManifestsTest, AreInTheOrderOfApplying) {
  std::vector<std::string_view> names;
  for (const Manifest& manifest : Manifests()) names.push_back(manifest.name);
  EXPECT_THAT(names, ElementsAre("namespace.yaml", "crds/application.yaml", "crds/rollout.yaml",
                                 "rbac.yaml", "deployment.yaml"));
}

TEST(ManifestsTest, AreObjectsWithNames) {
  for (const Manifest& manifest : Manifests()) {
    const std::vector<YAML::Node> documents = Documents(manifest.name);
    EXPECT_FALSE(documents.empty()) << manifest.name;
    for (const YAML::Node& document : documents) {
      EXPECT_TRUE(document["apiVersion"].IsScalar()) << manifest.name;
      EXPECT_TRUE(document["kind"].IsScalar()) << manifest.name;
      EXPECT_TRUE(document["metadata"]["name"].IsScalar()) << manifest.name;
    }
  }
}

TEST(ManifestsTest, RunTheVersionThatHoldsThem) {
  const YAML::Node deployment = TheOne("deployment.yaml", "Deployment", "headgate");
  EXPECT_EQ(deployment["spec"]["template"]["spec"]["containers"][0]["image"].as<std::string>(),
            "headgate:" HEADGATE_VERSION);
}

struct CrdCase {
  std::string file;
  std::string kind;
  std::string short_name;
  std::vector<std::string> columns;
  std::set<std::string> spec;
};

void PrintTo(const CrdCase& c, std::ostream* out) { *out << c.kind; }

class CrdTest : public testing::TestWithParam<CrdCase> {
 protected:
  CrdTest() : crd_(YAML::Load(std::string(Text()))), version_(crd_["spec"]["versions"][0]) {}

  static std::string_view Text() {
    for (const Manifest& manifest : Manifests()) {
      if (manifest.name == GetParam().file) return manifest.text;
    }
    return "";
  }
  YAML::Node Schema() const { return version_["schema"]["openAPIV3Schema"]; }

  const YAML::Node crd_;
  const YAML::Node version_;
};

TEST_P(CrdTest, HasItsNames) {
  const YAML::Node names = crd_["spec"]["names"];
  EXPECT_EQ(crd_["spec"]["group"].as<std::string>(), "headgate.dev");
  EXPECT_EQ(version_["name"].as<std::string>(), "v1alpha1");
  EXPECT_EQ(names["kind"].as<std::string>(), GetParam().kind);
  EXPECT_EQ(names["shortNames"].as<std::vector<std::string>>(),
            std::vector<std::string>{GetParam().short_name});
  EXPECT_EQ(names["categories"].as<std::vector<std::string>>(),
            std::vector<std::string>{"headgate"});
}

TEST_P(CrdTest, HasItsColumns) {
  std::vector<std::string> columns;
  for (const YAML::Node& column : version_["additionalPrinterColumns"]) {
    columns.push_back(column["name"].as<std::string>());
  }
  EXPECT_EQ(columns, GetParam().columns);
}

TEST_P(CrdTest, HasAStatusOfItsOwn) {
  EXPECT_TRUE(version_["subresources"]["status"].IsMap());
  EXPECT_TRUE(Schema()["properties"]["status"]["properties"].IsMap());
}

TEST_P(CrdTest, HasTheFieldsOfItsSpec) {
  EXPECT_EQ(Keys(Schema()["properties"]["spec"]["properties"]), GetParam().spec);
}

// Every field under spec with neither text nor children is one that nobody can understand.
void CollectBare(const YAML::Node& schema, const std::string& path,
                 std::vector<std::string>* bare) {
  for (const auto& entry : schema["properties"]) {
    const std::string field = path + "." + entry.first.as<std::string>();
    const bool obvious = field.ends_with(".name") || field.ends_with(".kind");
    if (!obvious && !entry.second["description"] && !entry.second["properties"]) {
      bare->push_back(field);
    }
    CollectBare(entry.second, field, bare);
    if (entry.second["items"]) CollectBare(entry.second["items"], field + "[]", bare);
  }
}

TEST_P(CrdTest, SaysWhatEachFieldIs) {
  std::vector<std::string> bare;
  CollectBare(Schema()["properties"]["spec"], "spec", &bare);
  EXPECT_THAT(bare, IsEmpty());
}

// A rule without a message shows its CEL to the person who must mend the object.
void CollectMute(const YAML::Node& node, std::vector<std::string>* mute) {
  if (!node.IsMap() && !node.IsSequence()) return;
  for (const auto& entry : node) {
    const YAML::Node& child = node.IsMap() ? entry.second : entry;
    if (node.IsMap() && entry.first.as<std::string>() == "x-kubernetes-validations") {
      for (const YAML::Node& rule : child) {
        if (!rule["message"]) mute->push_back(rule["rule"].as<std::string>());
      }
    }
    CollectMute(child, mute);
  }
}

TEST_P(CrdTest, NamesTheMendInEveryRule) {
  std::vector<std::string> mute;
  CollectMute(version_["schema"], &mute);
  EXPECT_THAT(mute, IsEmpty());
}

const CrdCase kCrds[] = {
    {"crds/application.yaml",
     "Application",
     "hga",
     {"Revision", "Release", "Status", "Message", "Age"},
     {"source", "destination", "render", "sync", "dependsOn", "suspend"}},
    {"crds/rollout.yaml",
     "Rollout",
     "hgro",
     {"Phase", "Step", "Weight", "Candidate", "Message", "Age"},
     {"workloads", "canary", "blueGreen", "traffic", "analysis", "onNewCommit", "ignoreForTrial",
      "allowIrreversible"}},
};
INSTANTIATE_TEST_SUITE_P(Install, CrdTest, testing::ValuesIn(kCrds),
                         [](const auto& test) { return test.param.kind; });

// Rights that the daemon must not have everywhere, whatever else is added to its role.
TEST(RbacTest, KeepsTheClusterRoleFromSecretsAndWrites) {
  for (const YAML::Node& rule : TheOne("rbac.yaml", "ClusterRole", "headgate")["rules"]) {
    const auto verbs = Words(rule["verbs"]);
    const auto resources = Words(rule["resources"]);
    EXPECT_FALSE(resources.contains("secrets"));
    EXPECT_FALSE(verbs.contains("*"));
    EXPECT_FALSE(verbs.contains("impersonate"));
    EXPECT_FALSE(verbs.contains("delete"));
    const bool writes = verbs.contains("create") || verbs.contains("patch");
    const bool own = resources.contains("events") || resources.contains("rollouts/status") ||
                     resources == std::set<std::string>{"applications"};
    EXPECT_TRUE(!writes || own) << YAML::Dump(rule);
  }
}

TEST(RbacTest, BindsSecretsAndImpersonationByNamespaceOnly) {
  std::vector<std::string> bindings;
  for (const YAML::Node& document : Documents("rbac.yaml")) {
    if (document["roleRef"] && document["roleRef"]["name"].as<std::string>() == "headgate-tenant") {
      bindings.push_back(document["kind"].as<std::string>());
    }
  }
  EXPECT_THAT(bindings, ElementsAre("RoleBinding"));
}

TEST(DeploymentTest, MeetsTheRestrictedStandard) {
  const YAML::Node pod =
      TheOne("deployment.yaml", "Deployment", "headgate")["spec"]["template"]["spec"];
  EXPECT_TRUE(pod["securityContext"]["runAsNonRoot"].as<bool>());
  const YAML::Node container = pod["containers"][0];
  EXPECT_FALSE(container["securityContext"]["allowPrivilegeEscalation"].as<bool>());
  EXPECT_THAT(container["securityContext"]["capabilities"]["drop"].as<std::vector<std::string>>(),
              UnorderedElementsAre("ALL"));
  EXPECT_EQ(container["livenessProbe"]["httpGet"]["path"].as<std::string>(), "/healthz");
  EXPECT_EQ(container["readinessProbe"]["httpGet"]["path"].as<std::string>(), "/readyz");
}

}  // namespace
}  // namespace headgate::install
