#include "templating/kustomize_first/merge_keys.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/object.h"

namespace headgate::templating {
namespace {

struct Rule {
  std::string_view field;
  std::string_view parent;
  std::string_view kind;  // "" for all
  std::vector<std::string> keys;
};

// Source: x-kubernetes-patch-merge-key and x-kubernetes-list-map-keys of Kubernetes' OpenAPI v2. A
// field's name and the one above it tell the lists apart; of one name only in one kind, the kind.
const std::vector<Rule>& Rules() {
  static const std::vector<Rule> rules = [] {
    std::vector<Rule> all{
        {"containers", "spec", "", {"name"}},
        {"initContainers", "spec", "", {"name"}},
        {"ephemeralContainers", "spec", "", {"name"}},
        {"volumes", "spec", "", {"name"}},
        {"imagePullSecrets", "spec", "", {"name"}},
        {"hostAliases", "spec", "", {"ip"}},
        {"topologySpreadConstraints", "spec", "", {"topologyKey", "whenUnsatisfiable"}},
        {"ports", "spec", "Service", {"port", "protocol"}},
        {"secrets", "", "ServiceAccount", {"name"}},
        {"webhooks", "", "", {"name"}},
        {"drivers", "spec", "CSINode", {"name"}},
        {"podCIDRs", "spec", "Node", {}},
        {"ownerReferences", "metadata", "", {"uid"}},
        {"finalizers", "metadata", "", {}},
        {"conditions", "status", "", {"type"}},
        {"addresses", "status", "Node", {"type"}},
        {"podIPs", "status", "Pod", {"ip"}},
    };
    for (std::string_view containers : {"containers", "initContainers", "ephemeralContainers"}) {
      all.push_back({"env", containers, "", {"name"}});
      all.push_back({"volumeMounts", containers, "", {"mountPath"}});
      all.push_back({"volumeDevices", containers, "", {"devicePath"}});
      if (containers == "ephemeralContainers") continue;
      all.push_back({"ports", containers, "", {"containerPort", "protocol"}});
    }
    return all;
  }();
  return rules;
}

// Group and versions whose schemas have the merge keys.
constexpr std::array<std::string_view, 23> kBuiltIn{"v1",
                                                    "admissionregistration.k8s.io/v1",
                                                    "admissionregistration.k8s.io/v1beta1",
                                                    "apiextensions.k8s.io/v1",
                                                    "apiregistration.k8s.io/v1",
                                                    "apps/v1",
                                                    "autoscaling/v1",
                                                    "autoscaling/v2",
                                                    "batch/v1",
                                                    "batch/v1beta1",
                                                    "certificates.k8s.io/v1",
                                                    "coordination.k8s.io/v1",
                                                    "discovery.k8s.io/v1",
                                                    "events.k8s.io/v1",
                                                    "networking.k8s.io/v1",
                                                    "networking.k8s.io/v1beta1",
                                                    "node.k8s.io/v1",
                                                    "policy/v1",
                                                    "policy/v1beta1",
                                                    "rbac.authorization.k8s.io/v1",
                                                    "scheduling.k8s.io/v1",
                                                    "storage.k8s.io/v1",
                                                    "storage.k8s.io/v1beta1"};

}  // namespace

MergeKeys MergeKeys::For(const core::Value& body) {
  const std::string& version = body.StringAt("apiVersion");
  const bool built_in = std::find(kBuiltIn.begin(), kBuiltIn.end(), version) != kBuiltIn.end();
  return MergeKeys(built_in, body.StringAt("kind"));
}

const std::vector<std::string>* MergeKeys::Find(const std::string& field,
                                                const std::string& parent) const {
  if (!built_in_) return nullptr;
  for (const Rule& rule : Rules()) {
    if (rule.field == field && rule.parent == parent && (rule.kind.empty() || rule.kind == kind_)) {
      return &rule.keys;
    }
  }
  return nullptr;
}

}  // namespace headgate::templating
