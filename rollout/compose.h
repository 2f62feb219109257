#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/bundle.h"
#include "core/position.h"
#include "core/result.h"
#include "core/rollout_spec.h"
#include "core/stages.h"

namespace headgate::rollout {

struct ComposeInput {
  const core::BundleRecord* stable = nullptr;     // never nullptr
  const core::BundleRecord* candidate = nullptr;  // nullptr where its record cannot be read
  const core::RolloutSpec* spec = nullptr;        // the governing one; nullptr without a Rollout
  core::Position position;
  // spec.replicas of the live gated workloads, for those that an autoscaler or a person moves; the
  // manifest's where missing. canary_replicas is used only while a rollback drains.
  std::map<core::WorkloadRef, int> stable_replicas;
  std::map<core::WorkloadRef, int> canary_replicas;  // by the name of the stable workload
};

// All that the cluster should hold, as ordered stages: DESIGN section 1. Pure; equal input, equal
// output. Without a candidate that fits the position (by gatedHash) it is stable alone. kInvalid
// where the variants cannot be made (CheckBundle says so beforehand).
//
// Order: where weight may rise, "the rest", then "variants" (wait kReady), then "traffic"; where it
// falls or stays, "traffic" first. While stable is updated or restored, "the rest" is last. A
// step's Job is a stage of its own after all of them.
core::Result<core::Stages> Compose(const ComposeInput& input);

// How many canary pods carry `scale_percent` of what `stable_replicas` carry: rounded up, at
// least 1.
int CanaryReplicas(int stable_replicas, int scale_percent);

// "web" -> "web-canary"; longer ones are cut and end in a hash. The name of a workload's and a
// Service's variant.
std::string CanaryName(std::string_view name);

// "web" -> "web-baseline": fresh pods of stable's.
std::string BaselineName(std::string_view name);

// What the pods of a candidate carry as the value of headgate.dev/candidate.
std::string CandidateLabelValue(std::string_view gated_hash);

}  // namespace headgate::rollout
