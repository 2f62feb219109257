#pragma once

#include <string>
#include <vector>

#include "core/object.h"
#include "deploy/inventory.h"
#include "deploy/plan/plan.h"

namespace headgate::reconciler {

// What a first sync would change of workloads that are already there and not ours yet (DESIGN
// section 1, adoption): a line each, "Deployment shop/web:
// spec.template.spec.containers[name=web].image". Empty: their pod templates are what git says, or
// nothing is there; it may go on. Pure.
std::vector<std::string> AdoptionChanges(const core::Objects& wanted,
                                         const deploy::LiveObjects& live,
                                         const deploy::ApplySet& set);

// Whether any workload of `wanted` is live already, so that deploying it is an adoption.
bool AdoptsWorkloads(const core::Objects& wanted, const deploy::LiveObjects& live,
                     const deploy::ApplySet& set);

}  // namespace headgate::reconciler
