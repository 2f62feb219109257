#include "templating/kustomize/transform.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "node_text.h"
#include "resources_text.h"

namespace headgate::templating::kustomize {
namespace {

using Transform = std::function<core::Status(Build*, ResourceMap*)>;

Transform Prefix(std::string_view text) {
  return [=](Build* build, ResourceMap* all) {
    return AddPrefix({text, DefaultConfig()->name_prefix}, build, all);
  };
}
Transform Suffix(std::string_view text) {
  return [=](Build* build, ResourceMap* all) {
    return AddSuffix({text, DefaultConfig()->name_suffix}, build, all);
  };
}
Transform Namespace(std::string_view name,
                    NamespaceConfig::Subjects subjects = NamespaceConfig::Subjects::kDefaultOnly,
                    bool unset_only = false) {
  return [=](Build* build, ResourceMap* all) {
    return ChangeNamespace({name, DefaultConfig()->namespace_fields, unset_only, subjects}, build,
                           all);
  };
}
Transform CommonLabels(StringPairs pairs) {
  return [=](Build* build, ResourceMap* all) {
    return AddPairs({pairs, DefaultConfig()->common_labels}, build, all);
  };
}
Transform Images(ImageConfig image) {
  return [=](Build* build, ResourceMap* all) {
    return SetImages({image}, DefaultConfig()->images, build, all);
  };
}
Transform Replicas(std::string_view name, int64_t count) {
  return [=](Build* build, ResourceMap* all) {
    return SetReplicas({name, count, DefaultConfig()->replicas}, build, all);
  };
}
Transform Value(std::string_view value, ValueTarget target) {
  return [=](Build* build, ResourceMap* all) { return AddValue({value, {target}}, build, all); };
}

struct Case {
  const char* name;
  Transform transform;
  const char* input;
  const char* want;
};

const Case kCases[] = {
    {"PrefixesNames", Prefix("p-"), "{apiVersion: v1, kind: Pod, metadata: {name: a}}",
     "{apiVersion: v1, kind: Pod, metadata: {name: ?p-a}}"},
    {"SuffixesNames", Suffix("-s"), "{apiVersion: v1, kind: Pod, metadata: {name: 'a'}}",
     "{apiVersion: v1, kind: Pod, metadata: {name: ?a-s}}"},
    {"LeavesNamesOfNamespacesAndDefinitions", Prefix("p-"),
     "{apiVersion: v1, kind: Namespace, metadata: {name: a}}\n---\n"
     "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: b}}"
     "\n---\n{apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: {name: c}}\n---\n"
     "{apiVersion: example.com/v1, kind: APIService, metadata: {name: d}}",
     "{apiVersion: v1, kind: Namespace, metadata: {name: a}}\n"
     "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: b}}\n"
     "{apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: {name: c}}\n"
     "{apiVersion: example.com/v1, kind: APIService, metadata: {name: ?p-d}}"},

    {"SetsNamespaces", Namespace("ns"),
     "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: old}}\n---\n"
     "{apiVersion: v1, kind: Node, metadata: {name: b}}\n---\n"
     "{apiVersion: example.com/v1, kind: Unknown, metadata: {name: c}}",
     "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: ns}}\n"
     "{apiVersion: v1, kind: Node, metadata: {name: b}}\n"
     "{apiVersion: example.com/v1, kind: Unknown, metadata: {name: c, namespace: ns}}"},
    {"SetsUnsetNamespacesOnly", Namespace("ns", NamespaceConfig::Subjects::kDefaultOnly, true),
     "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: old}}\n---\n"
     "{apiVersion: v1, kind: Pod, metadata: {name: b, namespace: ''}}",
     "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: old}}\n"
     "{apiVersion: v1, kind: Pod, metadata: {name: b, namespace: ns}}"},
    {"NamesNamespaces", Namespace("ns"), "{apiVersion: v1, kind: Namespace, metadata: {name: a}}",
     "{apiVersion: v1, kind: Namespace, metadata: {name: ns}}"},
    {"SetsNamespacesOfServicesOfAPIs", Namespace("ns"),
     "{apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: {name: c}}",
     "{apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: {name: c}, "
     "spec: {service: {namespace: ns}}}"},
    {"SetsTheDefaultSubject", Namespace("ns"),
     "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: a}, "
     "subjects: [{kind: ServiceAccount, name: default}, {kind: ServiceAccount, name: x}]}",
     "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: a}, "
     "subjects: [{kind: ServiceAccount, name: default, namespace: ns}, "
     "{kind: ServiceAccount, name: x}]}"},
    {"SetsAllAccounts", Namespace("ns", NamespaceConfig::Subjects::kAllServiceAccounts),
     "{kind: RoleBinding, subjects: [{kind: ServiceAccount, name: x}, {kind: User, name: "
     "default}]}",
     "{kind: RoleBinding, subjects: [{kind: ServiceAccount, name: x, namespace: ns}, "
     "{kind: User, name: default}], metadata: {namespace: ns}}"},
    {"SetsNoSubject", Namespace("ns", NamespaceConfig::Subjects::kNone),
     "{kind: RoleBinding, subjects: [{name: default}]}",
     "{kind: RoleBinding, subjects: [{name: default}], metadata: {namespace: ns}}"},
    {"RefusesTwoOfOneId", Namespace("ns"),
     "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: x}}\n---\n"
     "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: y}}",
     "v1 Pod ns/a: namespace ns gives 2 objects this id"},

    {"LabelsSelectorsAndTemplates", CommonLabels({{"b", "1"}, {"a", "x"}}),
     "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a, labels: {a: old}}}",
     "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a, labels: {a: x, b: \"1\"}}, "
     "spec: {selector: {matchLabels: {b: \"1\", a: x}}, "
     "template: {metadata: {labels: {b: \"1\", a: x}}}}}"},
    {"LabelsSelectorsOfJobsThatHaveOne", CommonLabels({{"a", "x"}}),
     "{apiVersion: batch/v1, kind: Job, metadata: {name: a}, spec: {template: {}}}",
     "{apiVersion: batch/v1, kind: Job, metadata: {name: a, labels: {a: x}}, "
     "spec: {template: {metadata: {labels: {a: x}}}}}"},
    {"RefusesLabelsThatAreNoMapping", CommonLabels({{"a", "x"}}),
     "{apiVersion: v1, kind: Pod, metadata: {name: a, labels: [b]}}",
     "v1 Pod a: line 1: a: a mapping around it expected, found a list"},

    {"SetsTags", Images({"nginx", "", "2", "", ""}),
     "{kind: Pod, spec: {containers: [{image: nginx}, {image: 'nginx:1'}, {image: nginx-x}, "
     "{image: \"a/nginx:1\"}]}}",
     "{kind: Pod, spec: {containers: [{image: ?nginx:2}, {image: ?nginx:2}, {image: nginx-x}, "
     "{image: a/nginx:1}]}}"},
    {"SetsDigestsAndNames", Images({"h:5000/a.b", "new", "", "", "sha256:00"}),
     "{kind: Pod, spec: {initContainers: [{image: 'h:5000/a.b:1'}, {image: 'h:5000/axb'}]}}",
     "{kind: Pod, spec: {initContainers: [{image: ?new@sha256:00}, {image: ?new@sha256:00}]}}"},
    {"FindsContainersAnywhere", Images({"a|b", "c", "", "", ""}),
     "{kind: Odd, x: [{containers: [{image: a}, {name: b}]}], image: a}",
     "{kind: Odd, x: [{containers: [{image: ?c}, {name: b}]}], image: a}"},
    {"LeavesDefinitionsAlone", Images({"a", "b", "", "", ""}),
     "{kind: CustomResourceDefinition, spec: {containers: [{image: a}]}}",
     "{kind: CustomResourceDefinition, spec: {containers: [{image: a}]}}"},

    {"SetsReplicas", Replicas("a", 5),
     "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {replicas: '1'}}\n---\n"
     "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: a}}\n---\n"
     "{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: a}}",
     "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {replicas: \"5\"}}\n"
     "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: a}, spec: {replicas: 5}}\n"
     "{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: a}}"},
    {"RefusesReplicasOfNothing", Replicas("b", 5),
     "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}}",
     "no object is called \"b\" of the kinds Deployment, StatefulSet, "
     "ReplicaSet, ReplicationController"},

    {"AddsAValue", Value("v", {std::nullopt, "spec/a/b", 0}), "{kind: Pod, spec: {}}",
     "{kind: Pod, spec: {a: {b: ?v}}}"},
    {"AddsAPartOfAPath", Value("v", {std::nullopt, "p", 2}), "{kind: Pod, p: /a/b}",
     "{kind: Pod, p: ?/a/v/b}"},
    {"AddsAPartAtTheEnd", Value("v", {std::nullopt, "p", 9}), "{kind: Pod, p: a/b}",
     "{kind: Pod, p: ?a/b/v}"},
};

class TransformTest : public testing::TestWithParam<Case> {};

TEST_P(TransformTest, ChangesResources) {
  OwnBuild build;
  ResourceMap all = ReadResources(&build, GetParam().input);
  const core::Status done = GetParam().transform(&build, &all);
  EXPECT_EQ(ShowAfter(done, &all), GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(Kustomize, TransformTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

// Odd, but as there: what a label is in all selectors is one value.
TEST(SharedLabelsTest, ChangeTogetherUntilTheyAreParted) {
  OwnBuild build;
  ResourceMap all = ReadResources(
      &build, "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {selector: {x: old}}}");
  const StringPairs first{{"x", "one"}, {"z", "one"}};
  ASSERT_TRUE(AddPairs({first, DefaultConfig()->common_labels}, &build, &all));
  const auto change = [&](std::string_view value) {
    const StringPairs pairs{{"x", value}, {"z", value}};
    return AddPairs({pairs, {{"", "", "", "metadata/labels", true}}}, &build, &all);
  };
  ASSERT_TRUE(change("two"));
  EXPECT_EQ(ShowResources(&all),
            "{apiVersion: v1, kind: Service, metadata: {name: a, labels: {x: two, z: two}}, "
            "spec: {selector: {x: one, z: two}}}");
  Resource* service = all.all().front().get();
  EXPECT_TRUE(service->shares_nodes);
  PartNodes(service, &build);
  ASSERT_TRUE(change("three"));
  EXPECT_EQ(ShowResources(&all),
            "{apiVersion: v1, kind: Service, metadata: {name: a, labels: {x: three, z: three}}, "
            "spec: {selector: {x: one, z: two}}}");
}

}  // namespace
}  // namespace headgate::templating::kustomize
