#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/session.h"
#include "core/application.h"
#include "core/object.h"
#include "core/result.h"
#include "core/value.h"
#include "deploy/health/health.h"

namespace headgate::cli {

// An object of an Application, and what its controllers made of it.
struct Deployed {
  core::ObjectRef ref;
  std::shared_ptr<const core::Value> live;  // nullptr: not in the cluster
  deploy::Health health;                    // with the cause from its pods, where they know one
  std::vector<Deployed> children;  // ReplicaSets, Jobs, Pods; old ReplicaSets without pods left out
};

// The objects of an Application's inventory, in its order, with their children. Reads each object,
// and ReplicaSets, Jobs and Pods of the namespaces that hold workloads.
core::Result<std::vector<Deployed>> ReadDeployed(const Session& session,
                                                 const core::Value& application);

// The worst of all, children left out: what they do is in the health of what made them.
deploy::Health WorstOf(const std::vector<Deployed>& objects);

// As a tree with a line for each object. Pure.
std::string ShowTree(const core::Value& application, const std::vector<Deployed>& objects);
core::Value ToValue(const std::vector<Deployed>& objects);

}  // namespace headgate::cli
