#include <gtest/gtest.h>

#include <string>

#include "node_text.h"
#include "resources_text.h"
#include "templating/kustomize/transform.h"

namespace headgate::templating::kustomize {
namespace {

// An object with what it was called before, as a file may say it itself.
#define WAS(names, spaces, kinds)                              \
  "internal.config.kubernetes.io/previousNames: '" names       \
  "', "                                                        \
  "internal.config.kubernetes.io/previousNamespaces: '" spaces \
  "', "                                                        \
  "internal.config.kubernetes.io/previousKinds: '" kinds "'"
#define CONFIG(name, was)                                    \
  "{apiVersion: v1, kind: ConfigMap, metadata: {name: " name \
  ", annotations: {" WAS(was, "default", "ConfigMap") "}}}\n---\n"
#define CONFIG_IN(name, was, space, context)                                       \
  "{apiVersion: v1, kind: ConfigMap, metadata: {name: " name ", namespace: " space \
  ", annotations: {" context                                                       \
  WAS(was, space, "ConfigMap") "}}}\n---\n"
#define PREFIXES(text) "internal.config.kubernetes.io/prefixes: '" text "', "

struct Case {
  const char* name;
  const char* others;    // renamed objects
  const char* referrer;  // the last object
  const char* want;      // of the last object, or an error
};

const Case kCases[] = {
    {"FollowsAConfigMap", CONFIG("p-a", "a"),
     "{apiVersion: v1, kind: Pod, spec: {volumes: [{configMap: {name: a}}, {configMap: {name: "
     "b}}], "
     "containers: [{env: [{valueFrom: {configMapKeyRef: {name: a}}}]}, "
     "{envFrom: [{configMapRef: {name: 'a'}}]}]}}",
     "{apiVersion: v1, kind: Pod, spec: {volumes: [{configMap: {name: ?p-a}}, "
     "{configMap: {name: b}}], containers: [{env: [{valueFrom: {configMapKeyRef: {name: ?p-a}}}]}, "
     "{envFrom: [{configMapRef: {name: ?p-a}}]}]}}"},
    {"FollowsNoOtherKind", CONFIG("p-a", "a"),
     "{apiVersion: v1, kind: Pod, spec: {volumes: [{secret: {secretName: a}}]}}",
     "{apiVersion: v1, kind: Pod, spec: {volumes: [{secret: {secretName: a}}]}}"},
    {"FollowsNoOtherNamespace", CONFIG_IN("p-a", "a", "x", ""),
     "{apiVersion: v1, kind: Pod, metadata: {namespace: yy}, "
     "spec: {volumes: [{configMap: {name: a}}]}}",
     "{apiVersion: v1, kind: Pod, metadata: {namespace: yy}, "
     "spec: {volumes: [{configMap: {name: a}}]}}"},
    {"TakesTheOneOfItsNamespace", CONFIG_IN("x-a", "a", "x", "") CONFIG_IN("y-a", "a", "yy", ""),
     "{apiVersion: v1, kind: Pod, metadata: {namespace: yy}, "
     "spec: {volumes: [{configMap: {name: a}}]}}",
     "{apiVersion: v1, kind: Pod, metadata: {namespace: yy}, "
     "spec: {volumes: [{configMap: {name: ?y-a}}]}}"},
    {"TakesTheOneOfItsPrefixes",
     CONFIG_IN("x-a", "a", "default", PREFIXES("x-"))
         CONFIG_IN("y-a", "a", "default", PREFIXES("y-")),
     "{apiVersion: v1, kind: Pod, metadata: {annotations: {" PREFIXES(
         "y-") "a: b}}, "
               "spec: {volumes: [{configMap: {name: a}}]}}",
     "{apiVersion: v1, kind: Pod, metadata: {annotations: {a: b}}, "
     "spec: {volumes: [{configMap: {name: ?y-a}}]}}"},
    {"RefusesToGuess", CONFIG("x-a", "a") CONFIG("y-a", "a"),
     "{apiVersion: v1, kind: Pod, spec: {volumes: [{configMap: {name: a}}]}}",
     "v1 Pod (no name): spec/volumes/configMap/name: \"a\" may be any of "
     "v1 ConfigMap x-a, v1 ConfigMap y-a"},
    {"FollowsAScaleTarget",
     "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: p-a, annotations: "
     "{" WAS("a", "default", "StatefulSet") "}}}\n---\n",
     "{apiVersion: autoscaling/v1, kind: HorizontalPodAutoscaler, "
     "spec: {scaleTargetRef: {kind: StatefulSet, name: a}}}",
     "{apiVersion: autoscaling/v1, kind: HorizontalPodAutoscaler, "
     "spec: {scaleTargetRef: {kind: StatefulSet, name: ?p-a}}}"},
    {"FollowsTheKindOfRoleThatIsSaid",
     "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: c-a, "
     "annotations: {" WAS("a", "_non_namespaceable_",
                          "ClusterRole") "}}}\n---\n"
                                         "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, "
                                         "metadata: {name: r-a, "
                                         "annotations: {" WAS("a", "default", "Role") "}}}\n---\n",
     "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, "
     "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: a}}",
     "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, "
     "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ?c-a}}"},
    {"FollowsSubjectsIntoTheirNamespace",
     "{apiVersion: v1, kind: ServiceAccount, metadata: {name: p-a, namespace: new, annotations: "
     "{" WAS("a", "old", "ServiceAccount") "}}}\n---\n",
     "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: x}, "
     "subjects: [{kind: ServiceAccount, name: a, namespace: old}, {kind: User, name: b}]}",
     "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: x}, "
     "subjects: [{kind: ServiceAccount, name: ?p-a, namespace: ?new}, {kind: User, name: b}]}"},
    {"RefusesSubjectsWithoutAName", "",
     "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: x}, "
     "subjects: [{kind: ServiceAccount}]}",
     "rbac.authorization.k8s.io/v1 RoleBinding x: line 1: subjects: a name expected in the "
     "mapping, found none"},
    {"FollowsLists",
     "{apiVersion: v1, kind: Secret, metadata: {name: p-a, "
     "annotations: {" WAS("a", "default", "Secret") "}}}\n---\n" CONFIG("q-b", "b"),
     "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, rules: [{resourceNames: [a, b, c]}]}",
     "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, "
     "rules: [{resourceNames: [?p-a, ?q-b, c]}]}"},
    {"FollowsWhatARolloutGates",
     "{apiVersion: apps/v1, kind: Deployment, metadata: {name: p-a, "
     "annotations: {" WAS("a", "default",
                          "Deployment") "}}}\n---\n"
                                        "{apiVersion: gateway.networking.k8s.io/v1, kind: "
                                        "HTTPRoute, metadata: {name: p-r, "
                                        "annotations: {" WAS("r", "default",
                                                             "HTTPRoute") "}}}\n---\n",
     "{apiVersion: headgate.dev/v1alpha1, kind: Rollout, spec: {workloads: "
     "[{kind: Deployment, name: a}, {kind: StatefulSet, name: a}], "
     "traffic: {gatewayAPI: {httpRoute: r}}}}",
     "{apiVersion: headgate.dev/v1alpha1, kind: Rollout, spec: {workloads: "
     "[{kind: Deployment, name: ?p-a}, {kind: StatefulSet, name: a}], "
     "traffic: {gatewayAPI: {httpRoute: ?p-r}}}}"},
    {"MindsNoGateway", CONFIG("p-a", "a"),
     "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, "
     "spec: {rules: [{backendRefs: [{name: a}]}]}}",
     "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, "
     "spec: {rules: [{backendRefs: [{name: a}]}]}}"},
};

class ReferencesTest : public testing::TestWithParam<Case> {};

TEST_P(ReferencesTest, FollowsNames) {
  OwnBuild build;
  ResourceMap all = ReadResources(&build, std::string(GetParam().others) + GetParam().referrer);
  const core::Status done = FixReferences(*DefaultConfig(), &build, &all);
  const std::string found = ShowAfter(done, &all);
  const size_t line = done ? found.rfind('\n') : std::string::npos;
  EXPECT_EQ(line == std::string::npos ? found : found.substr(line + 1), GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(Kustomize, ReferencesTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

TEST(RulesTest, MergesWhatIsNotCovered) {
  FieldSpecs specs{{"", "", "", "a", true}, {"g", "", "K", "b", false}};
  ASSERT_TRUE(MergeSpecs({{"", "", "", "b", false}, {"", "", "K", "a", true}}, &specs));
  EXPECT_EQ(specs.size(), 3U);
  const core::Status merged = MergeSpecs({{"", "", "", "a", false}}, &specs);
  ASSERT_FALSE(merged);
  EXPECT_EQ(merged.error().text(),
            "conflicting fieldspecs: a of all kinds is there already, with create: true");
}

TEST(RulesTest, SortsAsKustomizeDoes) {
  auto config = std::make_shared<TransformerConfig>();
  config->images = {{"", "", "Zebra", "z"}, {"", "", "", "any"}, {"", "", "Service", "s"}};
  const core::Result<SharedConfig> merged = Merge(nullptr, config);
  ASSERT_TRUE(merged);
  std::string paths;
  for (const FieldSpec& spec : (*merged)->images) paths += spec.path;
  EXPECT_EQ(paths, "szany");
  EXPECT_EQ(*Merge(nullptr, DefaultConfig()), DefaultConfig());
  EXPECT_EQ(*Merge(DefaultConfig(), DefaultConfig()), DefaultConfig());
}

}  // namespace
}  // namespace headgate::templating::kustomize
