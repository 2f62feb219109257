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

// One of the tracks beside stable.
struct Side {
  const char* track;     // value of headgate.dev/track, and of headgate.dev/variant
  std::string_view end;  // of names and of the label's value
  std::string label;     // which label

  std::string NameOf(const Value& body) const {
    const std::string& name = core::NameOf(body);
    return end == kCanaryEnd ? CanaryName(name) : BaselineName(name);
  }
};

// Names it as the track's and marks it; guards against pruning do not hold for variants.
void MakeVariant(Value* body, std::string_view name, const Side& side) {
  Map& metadata = body->MakeMap()["metadata"].MakeMap();
  metadata.Set("name", name);
  if (Value* annotations = metadata.Find("annotations"); annotations && annotations->AsMap()) {
    annotations->AsMap()->Erase(core::kPruneAnnotation);
  }
  core::SetLabel(body, core::kVariantLabel, side.track);
  core::SetLabel(body, core::kTrackLabel, side.track);
}

// Selectors of the workload's own pods inside its template: affinity and spreading.
void RewriteTerms(Value* list, std::string_view nested, const Map& own, const Side& side) {
  if (!list || !list->AsList()) return;
  for (Value& item : *list->AsList()) {
    Value* term = nested.empty() ? &item : item.Find(nested);
    Value* selector = term ? term->Find("labelSelector") : nullptr;
    if (selector && Selects(*selector, own)) ToTrackSelector(selector, side.label, side.end);
  }
}

void RewriteScheduling(Value* pod, const Map& own, const Side& side) {
  for (const char* kind : {"podAffinity", "podAntiAffinity"}) {
    Value* affinity = pod->Find("affinity", kind);
    if (!affinity) continue;
    RewriteTerms(affinity->Find("requiredDuringSchedulingIgnoredDuringExecution"), "", own, side);
    RewriteTerms(affinity->Find("preferredDuringSchedulingIgnoredDuringExecution"),
                 "podAffinityTerm", own, side);
  }
  RewriteTerms(pod->Find("topologySpreadConstraints"), "", own, side);
}

// The workload once more under the track's name, selector and labels.
core::Object WorkloadVariant(const core::Object& workload, const VariantInput& input,
                             const Side& side) {
  core::Object variant = workload;
  Value* body = &variant.body;
  const Map own = PodLabelsOf(workload.body);
  MakeVariant(body, side.NameOf(workload.body), side);
  Map& spec = (*body->AsMap())["spec"].MakeMap();
  spec.Set("replicas",
           input.replicas({workload.body.StringAt("kind"), core::NameOf(workload.body)}));
  spec.Erase("paused");
  Value& pods = spec["template"];
  if (input.spec->traffic.by == core::Traffic::By::kReplicas) {
    // Its pods keep stable's labels, so that stable's Services send to them.
    spec["selector"].MakeMap()["matchLabels"].MakeMap().Set(core::kTrackLabel, side.track);
  } else {
    ToTrackSelector(&spec["selector"], side.label, side.end);
    if (Value* labels = pods.Find("metadata", "labels"); labels && labels->AsMap())
      ToTrack(labels->AsMap(), side.label, side.end);
    if (Value* pod = pods.Find("spec")) RewriteScheduling(pod, own, side);
  }
  core::SetLabel(&pods, core::kTrackLabel, side.track);
  return variant;
}

core::Object CanaryWorkload(const core::Object& workload, const VariantInput& input,
                            const Side& side) {
  core::Object variant = WorkloadVariant(workload, input, side);
  core::SetAnnotation(&variant.body, core::kGatedHashAnnotation, input.gated_hash);
  core::SetLabel(variant.body.Find("spec", "template"), core::kCandidateLabel,
                 CandidateLabelValue(input.gated_hash));
  UseCopies(&variant.body, *input.candidate);
  return variant;
}

// A Service inside the cluster: what it holds alone (addresses, ports of nodes, names in DNS) stays
// with stable's.
core::Object ServiceVariant(const core::Object& service, const Side& side) {
  core::Object variant = service;
  Value* body = &variant.body;
  MakeVariant(body, side.NameOf(service.body), side);
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
    ToTrack(selector->AsMap(), side.label, side.end);
  return variant;
}

core::Object SelectingVariant(const core::Object& object, const Side& side) {
  core::Object variant = object;
  MakeVariant(&variant.body, side.NameOf(object.body), side);
  Map& spec = (*variant.body.AsMap())["spec"].MakeMap();
  ToTrackSelector(&spec["selector"], side.label, side.end);
  // A number of pods is meant for stable's: one canary pod could never leave its node.
  if (const Value* least = spec.Find("minAvailable"); least && least->is_int()) {
    spec.Erase("minAvailable");
    spec.Set("maxUnavailable", 1);
  }
  return variant;
}

// Peers that are gated pods, once more for the track's. Whether there were any.
bool AddPeers(Value* policy, const std::vector<const core::Object*>& gated, const Side& side) {
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
        Value track = peer;
        if (ours && ToTrackSelector(track.Find("podSelector"), side.label, side.end))
          more.push_back(std::move(track));
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
                       const Side& side, core::Objects* variants) {
  core::Object peers = policy;
  const bool names_ours = AddPeers(&peers.body, gated, side);
  core::Object own = peers;
  Value* selector = own.body.Find("spec", "podSelector");
  const bool selects_ours =
      selector && std::any_of(gated.begin(), gated.end(), [&](const core::Object* workload) {
        return Selects(*selector, PodLabelsOf(workload->body));
      });
  if (selects_ours && ToTrackSelector(selector, side.label, side.end)) {
    MakeVariant(&own.body, side.NameOf(policy.body), side);
    variants->push_back(std::move(own));
  }
  if (names_ours) {
    core::Value named = policy.body;
    named.MakeMap()["metadata"].MakeMap().Set("name", core::NameOf(policy.body) + "-peers");
    MakeVariant(&peers.body, side.NameOf(named), side);
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
  const Side side{"canary", kCanaryEnd, input.track_label};
  for (const core::Object* workload : gated)
    variants.push_back(CanaryWorkload(*workload, input, side));
  if (input.spec->traffic.by == core::Traffic::By::kReplicas) return variants;
  for (const core::Object& object : *input.candidate) {
    if (core::IsKind(object.body, "networking.k8s.io", "NetworkPolicy")) {
      AddPolicyVariants(object, gated, side, &variants);
    } else if (SelectsAny(object.body, gated)) {
      if (IsPreview(object.body, *input.spec)) continue;
      variants.push_back(core::IsKind(object.body, "", "Service") ? ServiceVariant(object, side)
                                                                  : SelectingVariant(object, side));
    }
  }
  // A Service that the candidate no longer has may still be named by the route, which is stable's.
  const routers::Variants ours = ServicesOf(*input.candidate, *input.spec);
  const routers::Variants theirs = ServicesOf(*input.stable, *input.spec);
  for (const core::Object& object : *input.stable) {
    const std::string& name = core::NameOf(object.body);
    if (core::IsKind(object.body, "", "Service") && theirs.contains(name) && !ours.contains(name))
      variants.push_back(ServiceVariant(object, side));
  }
  const routers::Router& router = routers::RouterFor(input.spec->traffic);
  for (core::Object& object : router.Companions(*input.candidate, ours, input.track_label))
    variants.push_back(std::move(object));
  return variants;
}

core::Objects MakeBaseline(const core::Objects& objects, const VariantInput& input) {
  core::Objects variants;
  const Side side{"baseline", kBaselineEnd, input.track_label};
  const auto gated = GatedOf(objects, *input.spec);
  for (const core::Object* workload : gated) {
    variants.push_back(WorkloadVariant(*workload, input, side));
    core::SetLabel(variants.back().body.Find("spec", "template"), core::kCandidateLabel,
                   side.track);
  }
  for (const core::Object& object : objects) {
    if (core::IsKind(object.body, "networking.k8s.io", "NetworkPolicy")) {
      AddPolicyVariants(object, gated, side, &variants);
    } else if (core::IsKind(object.body, "", "Service") && SelectsAny(object.body, gated) &&
               !IsPreview(object.body, *input.spec)) {
      variants.push_back(ServiceVariant(object, side));
    }
  }
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
