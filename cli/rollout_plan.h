#pragma once

#include <string>

#include "cli/session.h"
#include "core/object.h"
#include "core/result.h"
#include "core/value.h"
#include "deploy/inventory.h"

namespace headgate::cli {

// What a Rollout does with a commit that is planned.
struct RolloutPlan {
  core::Objects objects;  // as they are deployed when no trial is left
  std::string first;      // "3f2a91c goes on trial first: setWeight 2 %, analyze 4s"; "" where the
                          // commit is deployed directly
};

// `prepared` is what the revision renders, placed and labelled. Reads the live workload that the
// Rollout gates and the live Rollout. kInvalid where the bundle cannot be put on trial.
core::Result<RolloutPlan> PlanRollout(const Session& session, const core::Value& application,
                                      const deploy::Inventory& inventory,
                                      const std::string& revision, core::Objects prepared);

}  // namespace headgate::cli
