#include "deploy/order.h"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace headgate::deploy {
namespace {

struct Entry {
  std::string_view group;
  std::string_view kind;
  OrderClass order;
};

constexpr Entry kOrder[] = {
    {"", "Namespace", OrderClass::kNamespaces},
    {"apiextensions.k8s.io", "CustomResourceDefinition", OrderClass::kDefinitions},
    {"scheduling.k8s.io", "PriorityClass", OrderClass::kFoundations},
    {"storage.k8s.io", "StorageClass", OrderClass::kFoundations},
    {"node.k8s.io", "RuntimeClass", OrderClass::kFoundations},
    {"networking.k8s.io", "IngressClass", OrderClass::kFoundations},
    {"networking.k8s.io", "NetworkPolicy", OrderClass::kFoundations},
    {"gateway.networking.k8s.io", "GatewayClass", OrderClass::kFoundations},
    {"", "ResourceQuota", OrderClass::kFoundations},
    {"", "LimitRange", OrderClass::kFoundations},
    {"", "ServiceAccount", OrderClass::kFoundations},
    {"", "Secret", OrderClass::kFoundations},
    {"", "ConfigMap", OrderClass::kFoundations},
    {"", "PersistentVolume", OrderClass::kFoundations},
    {"", "PersistentVolumeClaim", OrderClass::kFoundations},
    {"rbac.authorization.k8s.io", "ClusterRole", OrderClass::kFoundations},
    {"rbac.authorization.k8s.io", "ClusterRoleBinding", OrderClass::kFoundations},
    {"rbac.authorization.k8s.io", "Role", OrderClass::kFoundations},
    {"rbac.authorization.k8s.io", "RoleBinding", OrderClass::kFoundations},
    {"", "Service", OrderClass::kServices},
    {"", "Pod", OrderClass::kWorkloads},
    {"", "ReplicationController", OrderClass::kWorkloads},
    {"apps", "DaemonSet", OrderClass::kWorkloads},
    {"apps", "Deployment", OrderClass::kWorkloads},
    {"apps", "ReplicaSet", OrderClass::kWorkloads},
    {"apps", "StatefulSet", OrderClass::kWorkloads},
    {"batch", "Job", OrderClass::kWorkloads},
    {"batch", "CronJob", OrderClass::kWorkloads},
    {"apiregistration.k8s.io", "APIService", OrderClass::kWebhooks},
    {"admissionregistration.k8s.io", "MutatingWebhookConfiguration", OrderClass::kWebhooks},
    {"admissionregistration.k8s.io", "ValidatingWebhookConfiguration", OrderClass::kWebhooks},
};

}  // namespace

OrderClass OrderClassOf(const core::ObjectRef& ref) {
  const Entry* entry = std::find_if(std::begin(kOrder), std::end(kOrder), [&](const Entry& e) {
    return e.kind == ref.kind && e.group == ref.group;
  });
  return entry == std::end(kOrder) ? OrderClass::kOthers : entry->order;
}

core::Objects InOrder(core::Objects objects) {
  std::stable_sort(objects.begin(), objects.end(),
                   [](const core::Object& a, const core::Object& b) {
                     return OrderClassOf(core::RefOf(a.body)) < OrderClassOf(core::RefOf(b.body));
                   });
  return objects;
}

}  // namespace headgate::deploy
