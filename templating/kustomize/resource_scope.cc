#include <algorithm>
#include <array>
#include <utility>

#include "templating/kustomize/build.h"

namespace headgate::templating::kustomize {

bool IsClusterScoped(const Build&, std::string_view group, std::string_view,
                     std::string_view kind) {
  using Entry = std::pair<std::string_view, std::string_view>;
  static constexpr std::array<Entry, 20> kKinds{{
      {"", "ComponentStatus"},
      {"", "Namespace"},
      {"", "Node"},
      {"", "NodeProxyOptions"},
      {"", "PersistentVolume"},
      {"admissionregistration.k8s.io", "MutatingWebhookConfiguration"},
      {"admissionregistration.k8s.io", "ValidatingWebhookConfiguration"},
      {"apiextensions.k8s.io", "CustomResourceDefinition"},
      {"apiregistration.k8s.io", "APIService"},
      {"certificates.k8s.io", "CertificateSigningRequest"},
      {"networking.k8s.io", "IngressClass"},
      {"node.k8s.io", "RuntimeClass"},
      {"policy", "PodSecurityPolicy"},
      {"rbac.authorization.k8s.io", "ClusterRole"},
      {"rbac.authorization.k8s.io", "ClusterRoleBinding"},
      {"scheduling.k8s.io", "PriorityClass"},
      {"storage.k8s.io", "CSIDriver"},
      {"storage.k8s.io", "CSINode"},
      {"storage.k8s.io", "StorageClass"},
      {"storage.k8s.io", "VolumeAttachment"},
  }};
  return std::find(kKinds.begin(), kKinds.end(), Entry(group, kind)) != kKinds.end();
}

}  // namespace headgate::templating::kustomize
