#include "deploy/tenancy.h"

#include <gtest/gtest.h>

#include "tests/unit/deploy/parsed.h"

namespace headgate::deploy {
namespace {

struct Case {
  const char* name;
  const char* object;   // JSON with single quotes
  const char* refused;  // part of the error; "" where it may be asked for
};

const Case kCases[] = {
    {"MayWriteToItsOwnNamespace",
     "{'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'a', 'namespace': 'team'}}",
     ""},
    {"MayNotWriteToAnother",
     "{'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'a', 'namespace': 'other'}}",
     "kubectl annotate namespace other headgate.dev/allow=team/shop"},
    {"MayWriteWhereItsNamespaceIsLet",
     "{'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'a', 'namespace': 'open'}}",
     ""},
    {"MayWriteWhereItIsLetItself",
     "{'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'a', 'namespace': 'mine'}}",
     ""},
    {"MayNotWriteWhereItsNeighbourIsLet",
     "{'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'a', 'namespace': 'theirs'}}",
     "writes to no other"},
    {"MayHaveWhatIsTheClustersByItsRights",
     "{'apiVersion': 'rbac.authorization.k8s.io/v1', 'kind': 'ClusterRole', 'metadata': {'name': "
     "'team-view'}}",
     ""},
    {"MayNotHaveNamesOfTheCluster",
     "{'apiVersion': 'rbac.authorization.k8s.io/v1', 'kind': 'ClusterRole', 'metadata': {'name': "
     "'system:node'}}",
     "system: are the cluster's own"},
    {"MayNotChangeOurDefinitions",
     "{'apiVersion': 'apiextensions.k8s.io/v1', 'kind': 'CustomResourceDefinition', 'metadata': "
     "{'name': 'applications.headgate.dev'}, 'spec': {'group': 'headgate.dev'}}",
     "come from headgate install"},
    {"MayHaveDefinitionsOfItsOwn",
     "{'apiVersion': 'apiextensions.k8s.io/v1', 'kind': 'CustomResourceDefinition', 'metadata': "
     "{'name': 'shops.example.com'}, 'spec': {'group': 'example.com'}}",
     ""},
    {"MayNotInterceptOurKinds",
     "{'apiVersion': 'admissionregistration.k8s.io/v1', 'kind': 'ValidatingWebhookConfiguration', "
     "'metadata': {'name': 'a'}, 'webhooks': [{'namespaceSelector': {'matchLabels': "
     "{'kubernetes.io/metadata.name': 'team'}}, 'rules': [{'apiGroups': ['headgate.dev']}]}]}",
     "would intercept objects of headgate.dev"},
    {"MayNotInterceptEverything",
     "{'apiVersion': 'admissionregistration.k8s.io/v1', 'kind': 'MutatingWebhookConfiguration', "
     "'metadata': {'name': 'a'}, 'webhooks': [{'rules': [{'apiGroups': ['*']}]}]}",
     "would intercept objects of headgate.dev"},
    {"MayNotInterceptOtherNamespaces",
     "{'apiVersion': 'admissionregistration.k8s.io/v1', 'kind': 'MutatingWebhookConfiguration', "
     "'metadata': {'name': 'a'}, 'webhooks': [{'rules': [{'apiGroups': ['apps']}]}]}",
     "confine it with namespaceSelector"},
    {"MayInterceptItsOwnNamespace",
     "{'apiVersion': 'admissionregistration.k8s.io/v1', 'kind': 'MutatingWebhookConfiguration', "
     "'metadata': {'name': 'a'}, 'webhooks': [{'namespaceSelector': {'matchLabels': "
     "{'kubernetes.io/metadata.name': 'team'}}, 'rules': [{'apiGroups': ['apps']}]}]}",
     ""},
    {"MayNotHaveAdmissionPolicies",
     "{'apiVersion': 'admissionregistration.k8s.io/v1', 'kind': 'ValidatingAdmissionPolicy', "
     "'metadata': {'name': 'a'}}",
     "for administrators"},
};

class TenancyTest : public testing::TestWithParam<Case> {};

core::Status Check(const std::string& namespace_name, const core::Value& object) {
  core::Application application;
  application.name = "shop";
  application.namespace_name = namespace_name;
  const auto allow_of = [](const std::string& of) {
    const std::string allow = of == "open"     ? "other, team"
                              : of == "mine"   ? "team/shop"
                              : of == "theirs" ? "team/cart,steam"
                                               : "";
    return core::Result<std::string>(allow);
  };
  return CheckTenancy(application, {{object, ""}}, allow_of);
}

TEST_P(TenancyTest, Decides) {
  const core::Value object = Parsed(GetParam().object);
  const core::Status may = Check("team", object);
  if (*GetParam().refused == 0) {
    EXPECT_TRUE(may.ok()) << may.error().text();
  } else {
    ASSERT_FALSE(may.ok());
    EXPECT_EQ(may.error().fault(), core::Fault::kForbidden);
    EXPECT_NE(may.error().text().find(GetParam().refused), std::string::npos) << may.error().text();
  }
  EXPECT_TRUE(Check(core::kSystemNamespace, object).ok());
}

INSTANTIATE_TEST_SUITE_P(Tenancy, TenancyTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace headgate::deploy
