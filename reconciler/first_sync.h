#pragma once

#include <string>
#include <vector>

#include "core/object.h"
#include "deploy/inventory.h"
#include "deploy/plan/plan.h"

namespace headgate::reconciler {

// What a first sync would change of the pods of workloads that are already there (DESIGN section 1,
// adoption): a line each, "Deployment shop/web: spec.template.spec.containers[name=web].image".
// Empty: they are what git says, or nothing is there; it may go on. Workloads that carry our label
// are of an Application that was deleted and made again: they need a word only where a Rollout
// gated them and what they run is not `gated_hash`, the wanted bundle's, for what failed a canary
// is forgotten with the Application. Pure.
std::vector<std::string> AdoptionChanges(const core::Objects& wanted, const std::string& gated_hash,
                                         const deploy::LiveObjects& live,
                                         const deploy::ApplySet& set);

// Whether any workload of `wanted` is live already, so that deploying it is an adoption.
bool AdoptsWorkloads(const core::Objects& wanted, const deploy::LiveObjects& live,
                     const deploy::ApplySet& set);

}  // namespace headgate::reconciler
