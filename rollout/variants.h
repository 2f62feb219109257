#pragma once

#include <functional>
#include <string>

#include "core/object.h"
#include "core/rollout_spec.h"
#include "rollout/routers/router.h"

namespace headgate::rollout {

struct VariantInput {
  const core::Objects* candidate = nullptr;
  const core::Objects* stable = nullptr;  // whose Services a route may still name
  const core::RolloutSpec* spec = nullptr;
  std::string track_label;                                // FindTrackLabel
  std::string gated_hash;                                 // the candidate's
  std::function<int(const core::WorkloadRef&)> replicas;  // of the canary
};

// Fresh pods of stable beside the canary's: its gated Deployments (as `objects` has them), and what
// selects their pods, each for the baseline's. The spec must be one with a router.
core::Objects MakeBaseline(const core::Objects& objects, const VariantInput& input);

// What exists only for a trial: the gated Deployments, and what selects their pods (Services,
// PodDisruptionBudgets, PodMonitors, NetworkPolicies), each for the canary's pods. Autoscalers have
// no variant: the canary follows stable's live replicas.
core::Objects MakeVariants(const VariantInput& input);

// Whether it is spec.blueGreen.previewService, which leads to the canary's pods during a trial.
bool IsPreview(const core::Value& body, const core::RolloutSpec& spec);

// The Services of gated workloads in a bundle and the names of their variants.
routers::Variants ServicesOf(const core::Objects& bundle, const core::RolloutSpec& spec);

}  // namespace headgate::rollout
