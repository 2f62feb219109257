#include "rollout/variants.h"

#include <algorithm>
#include <set>

#include "core/application.h"
#include "rollout/compose.h"
#include "rollout/config.h"
#include "rollout/selectors.h"

namespace headgate::rollout {
namespace {

using core::List;
using core::Map;
using core::Value;

// Names it as the canary's and marks it; guards against pruning do not hold for variants.
void MakeVariant(Value* body, std::string_view name) {
  Map& metadata = body->MakeMap()["metadata"].MakeMap();
  metadata.Set("name", name);
  if (Value* annotations = metadata.Find("annotations"); annotations && annotations->AsMap()) {
    annotations->AsMap()->Erase(core::kPruneAnnotation);
  }
  core::SetLabel(body, core::kVariantLabel, "canary");
  core::SetLabel(body, core::kTrackLabel, "canary");
}

// Selectors of the workload's own pods inside its template: affinity and spreading.
void RewriteTerms(Value* list, std::string_view nested, const Map& own, std::string_view label) {
  if (!list || !list->AsList()) return;
  for (Value& item : *list->AsList()) {
    Value* term = nested.empty() ? &item : item.Find(nested);
    Value* selector = term ? term->Find("labelSelector") : nullptr;
    if (selector && Selects(*selector, own)) ToCanarySelector(selector, label);
  }
}

void RewriteScheduling(Value* pod, const Map& own, std::string_view label) {
  for (const char* kind : {"podAffinity", "podAntiAffinity"}) {
    Value* affinity = pod->Find("affinity", kind);
    if (!affinity) continue;
    RewriteTerms(affinity->Find("requiredDuringSchedulingIgnoredDuringExecution"), "", own, label);
    RewriteTerms(affinity->Find("preferredDuringSchedulingIgnoredDuringExecution"),
                 "podAffinityTerm", own, label);
  }
  RewriteTerms(pod->Find("topologySpreadConstraints"), "", own, label);
}

core::Object DeploymentVariant(const core::Object& workload, const VariantInput& input) {
  core::Object variant = workload;
  Value* body = &variant.body;
  const Map own = PodLabelsOf(workload.body);
  const core::WorkloadRef ref{workload.body.StringAt("kind"), core::NameOf(workload.body)};
  MakeVariant(body, CanaryName(ref.name));
  core::SetAnnotation(body, core::kGatedHashAnnotation, input.gated_hash);

  Map& spec = (*body->AsMap())["spec"].MakeMap();
  spec.Set("replicas", input.replicas(ref));
  spec.Erase("paused");
  Value& pods = spec["template"];
  if (input.spec->traffic.by == core::Traffic::By::kReplicas) {
    // Its pods keep stable's labels, so that stable's Services send to them.
    spec["selector"].MakeMap()["matchLabels"].MakeMap().Set(core::kTrackLabel, "canary");
  } else {
    ToCanarySelector(&spec["selector"], input.track_label);
    if (Value* labels = pods.Find("metadata", "labels"); labels && labels->AsMap())
      ToCanary(labels->AsMap(), input.track_label);
  }
  core::SetLabel(&pods, core::kTrackLabel, "canary");
  core::SetLabel(&pods, core::kCandidateLabel, CandidateLabelValue(input.gated_hash));
  Value* pod = pods.Find("spec");
  if (pod && input.spec->traffic.by != core::Traffic::By::kReplicas)
    RewriteScheduling(pod, own, input.track_label);
  UseCopies(body, *input.candidate);
  return variant;
}

// A Service inside the cluster: what it holds alone (addresses, ports of nodes, names in DNS) stays
// with stable's.
core::Object ServiceVariant(const core::Object& service, const std::string& label) {
  core::Object variant = service;
  Value* body = &variant.body;
  MakeVariant(body, CanaryName(core::NameOf(service.body)));
  if (Value* annotations = body->Find("metadata", "annotations");
      annotations && annotations->AsMap()) {
    Map kept;
    for (const auto& [key, value] : *annotations->AsMap()) {
      if (!key.starts_with("external-dns.")) kept.Set(key, value);
    }
    *annotations = std::move(kept);
  }
  Map& spec = (*body->AsMap())["spec"].MakeMap();
  const bool headless = body->StringAt("spec", "clusterIP") == "None";
  for (const char* field : {"clusterIP", "clusterIPs", "externalIPs", "externalTrafficPolicy",
                            "healthCheckNodePort", "loadBalancerIP", "loadBalancerClass",
                            "loadBalancerSourceRanges", "allocateLoadBalancerNodePorts", "type"})
    spec.Erase(field);
  if (headless) spec.Set("clusterIP", "None");
  if (Value* ports = spec.Find("ports"); ports && ports->AsList()) {
    for (Value& port : *ports->AsList()) {
      if (port.AsMap()) port.AsMap()->Erase("nodePort");
    }
  }
  if (Value* selector = spec.Find("selector"); selector && selector->AsMap())
    ToCanary(selector->AsMap(), label);
  return variant;
}

core::Object SelectingVariant(const core::Object& object, const std::string& label) {
  core::Object variant = object;
  MakeVariant(&variant.body, CanaryName(core::NameOf(object.body)));
  Map& spec = (*variant.body.AsMap())["spec"].MakeMap();
  ToCanarySelector(&spec["selector"], label);
  // A number of pods is meant for stable's: one canary pod could never leave its node.
  if (const Value* least = spec.Find("minAvailable"); least && least->is_int()) {
    spec.Erase("minAvailable");
    spec.Set("maxUnavailable", 1);
  }
  return variant;
}

// Peers that are gated pods, once more for the canary's. Whether there were any.
bool AddCanaryPeers(Value* policy, const std::vector<const core::Object*>& gated,
                    const std::string& label) {
  bool added = false;
  for (const auto& [direction, field] : {std::pair("ingress", "from"), std::pair("egress", "to")}) {
    Value* rules = policy->Find("spec", direction);
    if (!rules || !rules->AsList()) continue;
    for (Value& rule : *rules->AsList()) {
      Value* peers = rule.Find(field);
      if (!peers || !peers->AsList()) continue;
      List more;
      for (const Value& peer : *peers->AsList()) {
        const Value* selector = peer.Find("podSelector");
        const bool ours =
            selector && std::any_of(gated.begin(), gated.end(), [&](const core::Object* workload) {
              return Selects(*selector, PodLabelsOf(workload->body));
            });
        Value canary = peer;
        if (ours && ToCanarySelector(canary.Find("podSelector"), label))
          more.push_back(std::move(canary));
      }
      added = added || !more.empty();
      for (Value& peer : more) peers->AsList()->push_back(std::move(peer));
    }
  }
  return added;
}

// Policies add up: one for the canary's own pods, and one that lets the canary's pods be where
// stable's are let.
void AddPolicyVariants(const core::Object& policy, const std::vector<const core::Object*>& gated,
                       const std::string& label, core::Objects* variants) {
  core::Object peers = policy;
  const bool names_ours = AddCanaryPeers(&peers.body, gated, label);
  core::Object own = peers;
  Value* selector = own.body.Find("spec", "podSelector");
  const bool selects_ours =
      selector && std::any_of(gated.begin(), gated.end(), [&](const core::Object* workload) {
        return Selects(*selector, PodLabelsOf(workload->body));
      });
  if (selects_ours && ToCanarySelector(selector, label)) {
    MakeVariant(&own.body, CanaryName(core::NameOf(policy.body)));
    variants->push_back(std::move(own));
  }
  if (names_ours) {
    MakeVariant(&peers.body, CanaryName(core::NameOf(policy.body) + "-peers"));
    variants->push_back(std::move(peers));
  }
}

bool SelectsAny(const Value& body, const std::vector<const core::Object*>& gated) {
  return std::any_of(gated.begin(), gated.end(), [&](const core::Object* workload) {
    return SamePlace(core::NamespaceOf(body), core::NamespaceOf(workload->body)) &&
           SelectsPods(body, PodLabelsOf(workload->body));
  });
}

}  // namespace

core::Objects MakeVariants(const VariantInput& input) {
  core::Objects variants;
  const auto gated = GatedOf(*input.candidate, *input.spec);
  for (const core::Object* workload : gated)
    variants.push_back(DeploymentVariant(*workload, input));
  if (input.spec->traffic.by == core::Traffic::By::kReplicas) return variants;
  for (const core::Object& object : *input.candidate) {
    if (core::IsKind(object.body, "networking.k8s.io", "NetworkPolicy")) {
      AddPolicyVariants(object, gated, input.track_label, &variants);
    } else if (SelectsAny(object.body, gated)) {
      if (IsPreview(object.body, *input.spec)) continue;
      variants.push_back(core::IsKind(object.body, "", "Service")
                             ? ServiceVariant(object, input.track_label)
                             : SelectingVariant(object, input.track_label));
    }
  }
  // A Service that the candidate no longer has may still be named by the route, which is stable's.
  const routers::Variants ours = ServicesOf(*input.candidate, *input.spec);
  const routers::Variants theirs = ServicesOf(*input.stable, *input.spec);
  for (const core::Object& object : *input.stable) {
    const std::string& name = core::NameOf(object.body);
    if (core::IsKind(object.body, "", "Service") && theirs.contains(name) && !ours.contains(name))
      variants.push_back(ServiceVariant(object, input.track_label));
  }
  const routers::Router& router = routers::RouterFor(input.spec->traffic);
  for (core::Object& object : router.Companions(*input.candidate, ours, input.track_label))
    variants.push_back(std::move(object));
  return variants;
}

bool IsPreview(const core::Value& body, const core::RolloutSpec& spec) {
  return !spec.preview_service.empty() && core::IsKind(body, "", "Service") &&
         core::NameOf(body) == spec.preview_service;
}

routers::Variants ServicesOf(const core::Objects& bundle, const core::RolloutSpec& spec) {
  routers::Variants services;
  const auto gated = GatedOf(bundle, spec);
  for (const core::Object& object : bundle) {
    const std::string& name = core::NameOf(object.body);
    if (core::IsKind(object.body, "", "Service") && SelectsAny(object.body, gated))
      services.emplace(name, CanaryName(name));
  }
  return services;
}

}  // namespace headgate::rollout
