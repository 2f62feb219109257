#include "templating/kustomize_first/reference_rules.h"

#include <utility>

namespace headgate::templating {
namespace {

using Rules = std::vector<ReferenceRule>;

// Where the pod of a kind stands.
struct Host {
  const char* kind;
  const char* path;
};
constexpr Host kHosts[] = {
    {"Pod", "spec/"},
    {"PodTemplate", "template/spec/"},
    {"Deployment", "spec/template/spec/"},
    {"ReplicaSet", "spec/template/spec/"},
    {"DaemonSet", "spec/template/spec/"},
    {"StatefulSet", "spec/template/spec/"},
    {"Job", "spec/template/spec/"},
    {"CronJob", "spec/jobTemplate/spec/template/spec/"},
};
// Those whose references to accounts, claims and priorities are followed.
constexpr Host kFurtherHosts[] = {
    {"Pod", "spec/"},
    {"StatefulSet", "spec/template/spec/"},
    {"Deployment", "spec/template/spec/"},
    {"ReplicationController", "spec/template/spec/"},
    {"DaemonSet", "spec/template/spec/"},
    {"Job", "spec/template/spec/"},
    {"CronJob", "spec/jobTemplate/spec/template/spec/"},
};

void AddPodRules(Rules* rules) {
  for (const Host& host : kHosts) {
    const std::string pod = host.path;
    for (const char* path :
         {"volumes/configMap/name", "containers/env/valueFrom/configMapKeyRef/name",
          "initContainers/env/valueFrom/configMapKeyRef/name",
          "containers/envFrom/configMapRef/name", "initContainers/envFrom/configMapRef/name",
          "volumes/projected/sources/configMap/name"}) {
      rules->push_back({"", "v1", "ConfigMap", {pod + path, "", "", host.kind}});
    }
    for (const char* path :
         {"volumes/secret/secretName", "containers/env/valueFrom/secretKeyRef/name",
          "initContainers/env/valueFrom/secretKeyRef/name", "containers/envFrom/secretRef/name",
          "initContainers/envFrom/secretRef/name", "imagePullSecrets/name",
          "volumes/projected/sources/secret/name"}) {
      rules->push_back({"", "v1", "Secret", {pod + path, "", "", host.kind}});
    }
  }
  for (const Host& host : kFurtherHosts) {
    const std::string pod = host.path;
    rules->push_back({"", "v1", "ServiceAccount", {pod + "serviceAccountName", "", "", host.kind}});
    rules->push_back({"",
                      "v1",
                      "PersistentVolumeClaim",
                      {pod + "volumes/persistentVolumeClaim/claimName", "", "", host.kind}});
    rules->push_back({"scheduling.k8s.io",
                      "v1",
                      "PriorityClass",
                      {pod + "priorityClassName", "", "", host.kind}});
  }
}

void AddIngressRules(Rules* rules) {
  for (const char* path :
       {"spec/rules/http/paths/backend/serviceName", "spec/backend/serviceName",
        "spec/rules/http/paths/backend/service/name", "spec/defaultBackend/service/name"}) {
    rules->push_back({"", "v1", "Service", {path, "", "", "Ingress"}});
  }
  for (const char* path :
       {"spec/tls/secretName", "metadata/annotations/ingress.kubernetes.io\\/auth-secret",
        "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret",
        "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret"}) {
    rules->push_back({"", "v1", "Secret", {path, "", "", "Ingress"}});
  }
  rules->push_back({"",
                    "v1",
                    "ConfigMap",
                    {"metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap",
                     "", "", "Ingress"}});
}

void AddAccessRules(Rules* rules) {
  const std::string rbac = "rbac.authorization.k8s.io";
  for (const char* kind : {"Role", "ClusterRole"}) {
    for (const char* named : {"ConfigMap", "Secret"}) {
      rules->push_back({"", "v1", named, {"rules/resourceNames", "", "", kind}});
    }
  }
  rules->push_back({"", "v1", "PersistentVolume", {"rules/resourceNames", "", "", "ClusterRole"}});
  rules->push_back({rbac, "", "Role", {"roleRef/name", rbac, "", "RoleBinding"}});
  for (const char* kind : {"RoleBinding", "ClusterRoleBinding"}) {
    rules->push_back({rbac, "", "ClusterRole", {"roleRef/name", rbac, "", kind}});
    rules->push_back({"", "v1", "ServiceAccount", {"subjects", rbac, "", kind}});
  }
  rules->push_back({"", "v1", "Secret", {"imagePullSecrets/name", "", "", "ServiceAccount"}});
  const std::string admission = "admissionregistration.k8s.io";
  for (const char* kind : {"ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"}) {
    rules->push_back({"", "v1", "Service", {"webhooks/clientConfig/service", admission, "", kind}});
  }
  rules->push_back({admission,
                    "",
                    "ValidatingAdmissionPolicy",
                    {"spec/policyName", admission, "", "ValidatingAdmissionPolicyBinding"}});
}

void AddStorageRules(Rules* rules) {
  for (const char* path : {"parameters/secretName", "parameters/adminSecretName",
                           "parameters/userSecretName", "parameters/secretRef"}) {
    rules->push_back({"", "v1", "Secret", {path, "", "", "StorageClass"}});
  }
  rules->push_back({"", "v1", "Secret", {"spec/azureFile/secretName", "", "", "PersistentVolume"}});
  rules->push_back(
      {"", "v1", "PersistentVolume", {"spec/volumeName", "", "", "PersistentVolumeClaim"}});
  const std::pair<const char*, const char*> classes[] = {
      {"spec/storageClassName", "PersistentVolume"},
      {"spec/storageClassName", "PersistentVolumeClaim"},
      {"spec/volumeClaimTemplates/spec/storageClassName", "StatefulSet"}};
  for (const auto& [path, kind] : classes) {
    rules->push_back({"storage.k8s.io", "v1", "StorageClass", {path, "", "", kind}});
  }
}

// Not in kustomize: without these a prefix would part routes from their services, and a Rollout
// from what it gates.
void AddFurtherRules(Rules* rules) {
  const std::string gateway = "gateway.networking.k8s.io", headgate = "headgate.dev";
  for (const char* kind : {"HTTPRoute", "GRPCRoute"}) {
    for (const char* path :
         {"spec/rules/backendRefs/name", "spec/rules/filters/requestMirror/backendRef/name"}) {
      rules->push_back({"", "v1", "Service", {path, gateway, "", kind}});
    }
    rules->push_back({gateway, "", "Gateway", {"spec/parentRefs/name", gateway, "", kind}});
  }
  for (const char* kind : {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"}) {
    rules->push_back({"", "", kind, {"spec/workloads", headgate, "", "Rollout"}, true});
  }
  rules->push_back(
      {gateway, "", "HTTPRoute", {"spec/traffic/gatewayAPI/httpRoute", headgate, "", "Rollout"}});
  rules->push_back(
      {"", "v1", "Secret", {"spec/analysis/prometheus/secretRef/name", headgate, "", "Rollout"}});
}

}  // namespace

// Source: kustomize's built-in configuration "nameReference", and AddFurtherRules.
const std::vector<ReferenceRule>& ReferenceRules() {
  static const Rules rules = [] {
    Rules all;
    for (const char* kind : {"Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"}) {
      all.push_back(
          {"", "", kind, {"spec/scaleTargetRef/name", "", "", "HorizontalPodAutoscaler"}});
    }
    AddPodRules(&all);
    AddIngressRules(&all);
    AddAccessRules(&all);
    AddStorageRules(&all);
    all.push_back({"", "v1", "ConfigMap", {"spec/configSource/configMap", "", "", "Node"}});
    all.push_back({"", "v1", "Service", {"spec/serviceName", "apps", "", "StatefulSet"}});
    all.push_back(
        {"", "v1", "Service", {"spec/service/name", "apiregistration.k8s.io", "", "APIService"}});
    all.push_back({"",
                   "v1",
                   "Secret",
                   {"spec/template/spec/containers/env/valueFrom/secretKeyRef/name",
                    "serving.knative.dev", "v1", "Service"}});
    AddFurtherRules(&all);
    return all;
  }();
  return rules;
}

}  // namespace headgate::templating
