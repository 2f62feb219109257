#include "templating/kustomize/schema.h"

#include <gtest/gtest.h>

#include <string>

namespace headgate::templating::kustomize {
namespace {

struct ScopeCase {
  const char* api_version;
  const char* kind;
  Scope want;
};
const ScopeCase kScopes[] = {
    {"v1", "Namespace", Scope::kCluster},
    {"v1", "Pod", Scope::kNamespaced},
    {"apps/v1", "Deployment", Scope::kNamespaced},
    {"rbac.authorization.k8s.io/v1", "ClusterRole", Scope::kCluster},
    {"rbac.authorization.k8s.io/v1alpha1", "ClusterRole", Scope::kUnknown},
    {"storage.k8s.io/v1beta1", "CSIStorageCapacity", Scope::kNamespaced},
    {"apps/v1beta1", "Deployment", Scope::kUnknown},
    {"v1", "DeleteOptions", Scope::kUnknown},
    {"", "", Scope::kUnknown},
};

TEST(SchemaTest, KnowsScopes) {
  const Schema schema;
  for (const ScopeCase& test : kScopes) {
    EXPECT_EQ(BuiltInScope(test.api_version, test.kind), test.want) << test.kind;
    EXPECT_EQ(schema.ScopeOf(test.api_version, test.kind), test.want) << test.kind;
  }
}

// "-" where nothing is known, "known" without merging, else the keys: "name", "port+protocol", "".
std::string Show(SchemaType type) {
  if (!type) return "-";
  if (!type.merges()) return "known";
  std::string keys = "by";
  for (std::string_view key : type.keys()) keys += " " + std::string(key);
  return keys;
}

SchemaType At(SchemaType type, std::string_view path) {
  while (!path.empty()) {
    const size_t dot = path.find('.');
    const std::string_view part = path.substr(0, dot);
    type = part == "[]" ? type.Items() : type.Field(part);
    path.remove_prefix(dot == std::string_view::npos ? path.size() : dot + 1);
  }
  return type;
}

struct TypeCase {
  const char* api_version;
  const char* kind;
  const char* path;
  const char* want;
};
const TypeCase kTypes[] = {
    {"apps/v1", "Deployment", "", "known"},
    {"apps/v1", "Deployment", "spec.template.spec.containers", "by name"},
    {"apps/v1", "Deployment", "spec.template.spec.containers.[].env", "by name"},
    {"apps/v1", "Deployment", "spec.template.spec.containers.[].ports",
     "by containerPort protocol"},
    {"apps/v1", "Deployment", "spec.template.spec.containers.[].volumeMounts", "by mountPath"},
    {"apps/v1", "Deployment", "spec.template.spec.containers.[].args", "known"},
    {"apps/v1", "Deployment", "spec.template.spec.tolerations", "known"},
    {"apps/v1", "Deployment", "spec.template.spec.tolerations.[].key", "known"},
    {"apps/v1", "Deployment", "spec.template.spec.invented", "-"},
    {"apps/v1", "Deployment", "metadata.labels.anything", "known"},
    {"apps/v1", "Deployment", "metadata.finalizers", "by"},
    {"v1", "Service", "spec.ports", "by port protocol"},
    {"v1", "Secret", "imagePullSecrets", "-"},
    {"v1", "ServiceAccount", "secrets", "by name"},
    {"batch/v1", "CronJob", "spec.jobTemplate.spec.template.spec.volumes", "by name"},
    {"kustomize.config.k8s.io/v1beta1", "Kustomization", "configMapGenerator", "by name"},
    {"example.com/v1", "Thing", "", "-"},
};

TEST(SchemaTest, KnowsWhichListsAreMerged) {
  const Schema schema;
  for (const TypeCase& test : kTypes) {
    EXPECT_EQ(Show(At(schema.TypeOf(test.api_version, test.kind), test.path)), test.want)
        << test.kind << " " << test.path;
  }
}

TEST(SchemaTest, TakesTheVersionThatIsBuiltIn) {
  Schema schema;
  EXPECT_TRUE(schema.Set("", std::nullopt, ""));
  EXPECT_FALSE(schema.Set("v1.20.4", std::nullopt, ""));
  EXPECT_FALSE(schema.Set("v1.21.2", "{}", "openapi.json"));
  EXPECT_TRUE(schema.Set("v1.21.2", std::nullopt, ""));
  EXPECT_TRUE(schema.Set("v1.20.4", std::nullopt, "")) << "is ignored";
  EXPECT_TRUE(schema.TypeOf("v1", "Pod"));
}

constexpr const char* kGiven = R"({
  "definitions": {
    "v1.Thing": {
      "type": "object",
      "properties": {
        "spec": {"$ref": "#/definitions/v1.ThingSpec"},
        "pod": {"$ref": "#/definitions/io.k8s.api.core.v1.PodSpec"},
        "lost": {"$ref": "#/definitions/v1.Lost"},
        "around": {"$ref": "#/definitions/v1.Around"}
      },
      "x-kubernetes-group-version-kind": [{"group": "example.com", "version": "v1", "kind": "Thing"}]
    },
    "v1.Around": {"$ref": "#/definitions/v1.Around"},
    "v1.ThingSpec": {
      "properties": {
        "parts": {
          "type": ["array"],
          "items": {"properties": {"id": {"type": "string"}}},
          "x-kubernetes-patch-strategy": "merge,retainKeys",
          "x-kubernetes-patch-merge-key": "id"
        },
        "pairs": {
          "type": "array",
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-patch-merge-key": "a",
          "x-kubernetes-list-map-keys": ["a", "b"]
        }
      }
    }
  },
  "paths": {
    "/a/namespaces/{namespace}/things": {
      "get": {"x-kubernetes-group-version-kind":
              {"group": "example.com", "version": "v1", "kind": "Thing"}}
    },
    "/a/rocks": {
      "get": {"x-kubernetes-group-version-kind":
              {"group": "example.com", "version": "v1", "kind": "Rock"}}
    }
  }
})";

const TypeCase kGivenTypes[] = {
    {"example.com/v1", "Thing", "spec", "known"},
    {"example.com/v1", "Thing", "spec.parts", "by id"},
    {"example.com/v1", "Thing", "spec.parts.[].id", "known"},
    {"example.com/v1", "Thing", "spec.pairs", "by a b"},
    {"example.com/v1", "Thing", "spec.pairs.[]", "-"},
    {"example.com/v1", "Thing", "lost", "-"},
    {"example.com/v1", "Thing", "around", "-"},
    {"kustomize.config.k8s.io/v1beta1", "Kustomization", "configMapGenerator", "by name"},
};

TEST(SchemaTest, ReadsWhatIsGivenInsteadOfWhatIsBuiltIn) {
  Schema schema;
  ASSERT_TRUE(schema.Set(std::nullopt, kGiven, "openapi.json"));
  for (const TypeCase& test : kGivenTypes) {
    EXPECT_EQ(Show(At(schema.TypeOf(test.api_version, test.kind), test.path)), test.want)
        << test.kind << " " << test.path;
  }
  EXPECT_EQ(Show(At(schema.TypeOf("example.com/v1", "Thing"), "pod")), "-");
  EXPECT_FALSE(schema.TypeOf("v1", "Pod"));
  EXPECT_EQ(schema.ScopeOf("example.com/v1", "Thing"), Scope::kNamespaced);
  EXPECT_EQ(schema.ScopeOf("example.com/v1", "Rock"), Scope::kCluster);
  EXPECT_EQ(schema.ScopeOf("v1", "Namespace"), Scope::kCluster);
}

TEST(SchemaTest, KeepsWhatIsBuiltInWhereItWasAskedBefore) {
  Schema schema;
  EXPECT_TRUE(schema.TypeOf("v1", "Pod"));
  ASSERT_TRUE(schema.Set(std::nullopt, kGiven, "openapi.json"));
  EXPECT_TRUE(schema.TypeOf("v1", "Pod"));
  EXPECT_EQ(Show(At(schema.TypeOf("example.com/v1", "Thing"), "pod.volumes")), "by name");

  Schema wanted;  // a question about scopes does as well
  EXPECT_EQ(wanted.ScopeOf("example.com/v1", "Thing"), Scope::kUnknown);
  ASSERT_TRUE(wanted.Set(std::nullopt, kGiven, "openapi.json"));
  EXPECT_TRUE(wanted.TypeOf("v1", "Pod"));
}

TEST(SchemaTest, FaultsOnlyWhereItHasToBeRead) {
  Schema schema;
  ASSERT_TRUE(schema.Set(std::nullopt, "[]", "openapi.json"));
  EXPECT_EQ(schema.ScopeOf("v1", "Namespace"), Scope::kCluster);
  EXPECT_TRUE(schema.fault());
  EXPECT_FALSE(schema.TypeOf("v1", "Pod"));
  EXPECT_EQ(schema.fault().error().text(), "openapi.json: an OpenAPI document expected");
}

}  // namespace
}  // namespace headgate::templating::kustomize
