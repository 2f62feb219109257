#pragma once

#include <set>

#include "core/object.h"
#include "core/rollout_spec.h"

namespace headgate::rollout {

// The objects of a bundle that its gated workloads lean on, or that act on them: configuration,
// accounts and their rights, volumes, Services, autoscalers, budgets, policies, the route, the
// Rollout. Not the workloads themselves. While a candidate is on trial those that stable has stay
// as they are.
std::set<core::ObjectRef> NeedsOf(const core::Objects& bundle, const core::RolloutSpec& spec);

}  // namespace headgate::rollout
