#include "templating/kustomize/rules_tables.h"

#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <tuple>

namespace headgate::templating::kustomize {
namespace {

using Texts = std::span<const std::string_view>;

constexpr std::string_view kBatch = "batch", kApps = "apps", kNetworking = "networking.k8s.io",
                           kAccess = "rbac.authorization.k8s.io",
                           kAdmission = "admissionregistration.k8s.io";

// Joined paths that the tables view; they stay for the life of the program.
std::string_view Join(std::string_view first, std::string_view second) {
  static std::deque<std::string> joined;
  return joined.emplace_back(std::string(first) + std::string(second));
}

// Where the pod of a kind stands.
struct Host {
  std::string_view kind, path, version = {};
};
constexpr Host kPod{"Pod", "spec/"};
constexpr Host kPodV1{"Pod", "spec/", "v1"};
constexpr Host kCronJob{"CronJob", "spec/jobTemplate/spec/template/spec/"};
constexpr Host Workload(std::string_view kind) { return {kind, "spec/template/spec/"}; }

// Those whose ConfigMaps and Secrets are followed, and those whose accounts, claims and priorities.
constexpr Host kConfigHosts[] = {
    kPodV1,
    {"PodTemplate", "template/spec/"},
    Workload("Deployment"),
    Workload("ReplicaSet"),
    Workload("DaemonSet"),
    Workload("StatefulSet"),
    Workload("Job"),
    kCronJob,
};
constexpr Host kAccountHosts[] = {
    kPod,     Workload("StatefulSet"), Workload("Deployment"), Workload("ReplicationController"),
    kCronJob, Workload("Job"),         Workload("DaemonSet"),
};

void AddToPods(std::span<const Host> hosts, Texts paths, FieldSpecs* specs) {
  for (const Host& host : hosts) {
    for (std::string_view path : paths) {
      specs->push_back({"", host.version, host.kind, Join(host.path, path)});
    }
  }
}

void AddAll(std::string_view group, std::string_view kind, Texts paths, bool create,
            FieldSpecs* specs) {
  for (std::string_view path : paths) specs->push_back({group, "", kind, path, create});
}

FieldSpecs ConfigMapReferrers() {
  static constexpr std::string_view kPaths[] = {
      "volumes/configMap/name",
      "containers/env/valueFrom/configMapKeyRef/name",
      "initContainers/env/valueFrom/configMapKeyRef/name",
      "containers/envFrom/configMapRef/name",
      "initContainers/envFrom/configMapRef/name",
      "volumes/projected/sources/configMap/name",
  };
  FieldSpecs specs;
  AddToPods(kConfigHosts, kPaths, &specs);
  specs.push_back({"", "", "Node", "spec/configSource/configMap"});
  specs.push_back({"", "", "Role", "rules/resourceNames"});
  specs.push_back({"", "", "ClusterRole", "rules/resourceNames"});
  specs.push_back(
      {"", "", "Ingress",
       R"(metadata/annotations/nginx.ingress.kubernetes.io\/fastcgi-params-configmap)"});
  return specs;
}

FieldSpecs SecretReferrers() {
  static constexpr std::string_view kPaths[] = {
      "volumes/secret/secretName",
      "containers/env/valueFrom/secretKeyRef/name",
      "initContainers/env/valueFrom/secretKeyRef/name",
      "containers/envFrom/secretRef/name",
      "initContainers/envFrom/secretRef/name",
      "imagePullSecrets/name",
      "volumes/projected/sources/secret/name",
  };
  static constexpr std::string_view kIngressPaths[] = {
      "spec/tls/secretName",
      R"(metadata/annotations/ingress.kubernetes.io\/auth-secret)",
      R"(metadata/annotations/nginx.ingress.kubernetes.io\/auth-secret)",
      R"(metadata/annotations/nginx.ingress.kubernetes.io\/auth-tls-secret)",
  };
  static constexpr std::string_view kStoragePaths[] = {
      "parameters/secretName", "parameters/adminSecretName", "parameters/userSecretName",
      "parameters/secretRef"};
  FieldSpecs specs;
  AddToPods(kConfigHosts, kPaths, &specs);
  AddAll("", "Ingress", kIngressPaths, false, &specs);
  specs.push_back({"", "", "ServiceAccount", "imagePullSecrets/name"});
  AddAll("", "StorageClass", kStoragePaths, false, &specs);
  specs.push_back({"", "", "Role", "rules/resourceNames"});
  specs.push_back({"", "", "ClusterRole", "rules/resourceNames"});
  specs.push_back({"serving.knative.dev", "v1", "Service",
                   "spec/template/spec/containers/env/valueFrom/secretKeyRef/name"});
  specs.push_back({"", "", "PersistentVolume", "spec/azureFile/secretName"});
  return specs;
}

FieldSpecs ServiceReferrers() {
  static constexpr std::string_view kIngressPaths[] = {
      "spec/rules/http/paths/backend/serviceName",
      "spec/backend/serviceName",
      "spec/rules/http/paths/backend/service/name",
      "spec/defaultBackend/service/name",
  };
  FieldSpecs specs{{kApps, "", "StatefulSet", "spec/serviceName"}};
  AddAll("", "Ingress", kIngressPaths, false, &specs);
  specs.push_back({"apiregistration.k8s.io", "", "APIService", "spec/service/name"});
  for (std::string_view kind : {"ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"}) {
    specs.push_back({kAdmission, "", kind, "webhooks/clientConfig/service"});
  }
  return specs;
}

FieldSpecs PodReferrers(std::string_view path, FieldSpecs before = {}) {
  AddToPods(kAccountHosts, Texts(&path, 1), &before);
  return before;
}

std::vector<ReferenceRule> NameReferences() {
  std::vector<ReferenceRule> rules;
  for (std::string_view kind :
       {"Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"}) {
    rules.push_back(
        {"", "", kind, {{"", "", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name"}}});
  }
  rules.push_back({"", "v1", "ConfigMap", ConfigMapReferrers()});
  rules.push_back({"", "v1", "Secret", SecretReferrers()});
  rules.push_back({"", "v1", "Service", ServiceReferrers()});
  rules.push_back({kAccess, "", "Role", {{kAccess, "", "RoleBinding", "roleRef/name"}}});
  rules.push_back({kAccess,
                   "",
                   "ClusterRole",
                   {{kAccess, "", "RoleBinding", "roleRef/name"},
                    {kAccess, "", "ClusterRoleBinding", "roleRef/name"}}});
  rules.push_back(
      {"", "v1", "ServiceAccount",
       PodReferrers("serviceAccountName", {{kAccess, "", "RoleBinding", "subjects"},
                                           {kAccess, "", "ClusterRoleBinding", "subjects"}})});
  rules.push_back(
      {"", "v1", "PersistentVolumeClaim", PodReferrers("volumes/persistentVolumeClaim/claimName")});
  rules.push_back({"",
                   "v1",
                   "PersistentVolume",
                   {{"", "", "PersistentVolumeClaim", "spec/volumeName"},
                    {"", "", "ClusterRole", "rules/resourceNames"}}});
  rules.push_back({"storage.k8s.io",
                   "v1",
                   "StorageClass",
                   {{"", "", "PersistentVolume", "spec/storageClassName"},
                    {"", "", "PersistentVolumeClaim", "spec/storageClassName"},
                    {"", "", "StatefulSet", "spec/volumeClaimTemplates/spec/storageClassName"}}});
  rules.push_back({"scheduling.k8s.io", "v1", "PriorityClass", PodReferrers("priorityClassName")});
  // A group that no object has, as there: ingress classes are not followed.
  rules.push_back({"networking.k8s.io/v1",
                   "v1",
                   "IngressClass",
                   {{"", "", "Ingress", "spec/ingressClassName"}}});
  rules.push_back({kAdmission,
                   "",
                   "ValidatingAdmissionPolicy",
                   {{kAdmission, "", "ValidatingAdmissionPolicyBinding", "spec/policyName"}}});
  return rules;
}

FieldSpecs VarReferences() {
  static constexpr std::string_view kPaths[] = {
      "containers/args",          "containers/command",
      "containers/env/value",     "containers/volumeMounts/mountPath",
      "initContainers/args",      "initContainers/command",
      "initContainers/env/value", "initContainers/volumeMounts/mountPath",
  };
  static constexpr Host kHosts[] = {
      kCronJob, Workload("DaemonSet"),  Workload("Deployment"),  Workload("Job"),
      kPod,     Workload("ReplicaSet"), Workload("StatefulSet"),
  };
  static constexpr std::string_view kIngressPaths[] = {"spec/rules/host", "spec/tls/hosts",
                                                       "spec/tls/secretName"};
  FieldSpecs specs;
  AddToPods(kHosts, kPaths, &specs);
  for (std::string_view kind : {"DaemonSet", "Deployment", "Job", "ReplicaSet"}) {
    specs.push_back({"", "", kind, "spec/template/spec/volumes/nfs/server"});
  }
  // Not where the pod's volumes are, as there.
  specs.push_back({"", "", "CronJob", "spec/jobTemplate/spec/template/volumes/nfs/server"});
  specs.push_back({"", "", "StatefulSet", "spec/volumeClaimTemplates/spec/nfs/server"});
  specs.push_back({"", "", "Pod", "spec/volumes/nfs/server"});
  specs.push_back({"", "", "PersistentVolume", "spec/nfs/server"});
  specs.push_back({"", "", "Deployment", "spec/template/metadata/annotations"});
  AddAll("", "Ingress", kIngressPaths, false, &specs);
  specs.push_back({"", "", "Service", "spec/ports/port"});
  specs.push_back({"", "", "Service", "spec/ports/targetPort"});
  specs.push_back({"", "", "", "metadata/labels"});
  specs.push_back({"", "", "", "metadata/annotations"});
  return specs;
}

// Labels (or annotations) of objects, and of the templates in them.
FieldSpecs MetadataLabels() {
  constexpr std::string_view kTemplate = "spec/template/metadata/labels";
  return {
      {"", "", "", "metadata/labels", true},
      {"", "v1", "ReplicationController", kTemplate, true},
      {"", "", "Deployment", kTemplate, true},
      {"", "", "ReplicaSet", kTemplate, true},
      {"", "", "DaemonSet", kTemplate, true},
      {kApps, "", "StatefulSet", kTemplate, true},
      {kApps, "", "StatefulSet", "spec/volumeClaimTemplates[]/metadata/labels", true},
      {kBatch, "", "Job", kTemplate, true},
      {kBatch, "", "CronJob", "spec/jobTemplate/metadata/labels", true},
      {kBatch, "", "CronJob", "spec/jobTemplate/spec/template/metadata/labels", true},
  };
}

FieldSpecs CommonAnnotations() {
  constexpr std::string_view kTemplate = "spec/template/metadata/annotations";
  return {
      {"", "", "", "metadata/annotations", true},
      {"", "v1", "ReplicationController", kTemplate, true},
      {"", "", "Deployment", kTemplate, true},
      {"", "", "ReplicaSet", kTemplate, true},
      {"", "", "DaemonSet", kTemplate, true},
      {"", "", "StatefulSet", kTemplate, true},
      {kBatch, "", "Job", kTemplate, true},
      {kBatch, "", "CronJob", "spec/jobTemplate/metadata/annotations", true},
      {kBatch, "", "CronJob", "spec/jobTemplate/spec/template/metadata/annotations", true},
  };
}

FieldSpecs CommonLabels() {
  static constexpr std::string_view kPodPaths[] = {
      "spec/template/spec/affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/"
      "podAffinityTerm/labelSelector/matchLabels",
      "spec/template/spec/affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/"
      "labelSelector/matchLabels",
      "spec/template/spec/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/"
      "podAffinityTerm/labelSelector/matchLabels",
      "spec/template/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/"
      "labelSelector/matchLabels",
      "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels",
  };
  constexpr std::string_view kSelector = "spec/selector/matchLabels";
  FieldSpecs specs{
      {"", "v1", "Service", "spec/selector", true},
      {"", "v1", "ReplicationController", "spec/selector", true},
      {"", "", "Deployment", kSelector, true},
      {"", "", "ReplicaSet", kSelector, true},
      {"", "", "DaemonSet", kSelector, true},
      {kApps, "", "StatefulSet", kSelector, true},
      {kBatch, "", "Job", kSelector},
      {kBatch, "", "CronJob", "spec/jobTemplate/spec/selector/matchLabels"},
      {"policy", "", "PodDisruptionBudget", kSelector},
      {kNetworking, "", "NetworkPolicy", "spec/podSelector/matchLabels"},
      {kNetworking, "", "NetworkPolicy", "spec/ingress/from/podSelector/matchLabels"},
      {kNetworking, "", "NetworkPolicy", "spec/egress/to/podSelector/matchLabels"},
  };
  AddAll(kApps, "Deployment", kPodPaths, false, &specs);
  AddAll(kApps, "StatefulSet", kPodPaths, false, &specs);
  for (const FieldSpec& each : MetadataLabels()) specs.push_back(each);
  return specs;
}

FieldSpecs Images() {
  static constexpr std::string_view kPaths[] = {
      "spec/containers[]/image",
      "spec/initContainers[]/image",
      "spec/volumes[]/image/reference",
      "spec/template/spec/containers[]/image",
      "spec/template/spec/initContainers[]/image",
      "spec/template/spec/volumes[]/image/reference",
  };
  FieldSpecs specs;
  AddAll("", "", kPaths, true, &specs);
  return specs;
}

TransformerConfig MakeTables() {
  TransformerConfig tables;
  tables.name_prefix = tables.name_suffix = {{"", "", "", "metadata/name"}};
  tables.namespace_fields = {
      {"", "", "Namespace", "metadata/name", true},
      {"apiregistration.k8s.io", "", "APIService", "spec/service/namespace", true},
      {"apiextensions.k8s.io", "", "CustomResourceDefinition",
       "spec/conversion/webhook/clientConfig/service/namespace"},
  };
  tables.common_labels = CommonLabels();
  tables.template_labels = MetadataLabels();
  tables.common_annotations = CommonAnnotations();
  tables.var_reference = VarReferences();
  tables.images = Images();
  for (std::string_view kind :
       {"Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"}) {
    tables.replicas.push_back({"", "", kind, "spec/replicas", true});
  }
  tables.name_reference = NameReferences();
  return tables;
}

}  // namespace

const TransformerConfig& BuiltInTables() {
  static const TransformerConfig tables = MakeTables();
  return tables;
}

// Source: install/crds, and DESIGN.md section 4.
const std::vector<OwnReferenceRule>& OwnReferenceRules() {
  static const std::vector<OwnReferenceRule> rules = [] {
    constexpr std::string_view kGroup = "headgate.dev";
    std::vector<OwnReferenceRule> all;
    for (std::string_view kind : {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"}) {
      all.push_back({kApps, kind, {kGroup, "", "Rollout", "spec/workloads"}, true});
    }
    all.push_back({"gateway.networking.k8s.io",
                   "HTTPRoute",
                   {kGroup, "", "Rollout", "spec/traffic/gatewayAPI/httpRoute"},
                   false});
    for (const auto& [group, kind, field] :
         {std::tuple("gateway.networking.k8s.io", "GRPCRoute", "spec/traffic/gatewayAPI/grpcRoute"),
          std::tuple("networking.istio.io", "VirtualService",
                     "spec/traffic/istio/virtualService/name"),
          std::tuple("networking.k8s.io", "Ingress", "spec/traffic/nginx/stableIngress"),
          std::tuple("traefik.io", "TraefikService",
                     "spec/traffic/traefik/weightedTraefikServiceName"),
          std::tuple("", "Service", "spec/blueGreen/previewService")}) {
      all.push_back({group, kind, {kGroup, "", "Rollout", field}, false});
    }
    all.push_back(
        {"", "Secret", {kGroup, "", "Rollout", "spec/analysis/prometheus/secretRef/name"}, false});
    all.push_back({"", "Secret", {kGroup, "", "Application", "spec/source/secretRef/name"}, false});
    all.push_back({"",
                   "ServiceAccount",
                   {kGroup, "", "Application", "spec/destination/serviceAccount"},
                   false});
    return all;
  }();
  return rules;
}

}  // namespace headgate::templating::kustomize
