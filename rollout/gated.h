#pragma once

#include <optional>
#include <string>

#include "core/object.h"
#include "core/result.h"
#include "core/rollout_spec.h"

namespace headgate::rollout {

// The Rollout that stands in a bundle, parsed; nothing where there is none. More than one is
// kInvalid and names both places.
core::Result<std::optional<core::RolloutSpec>> FindRollout(const core::Objects& bundle);

// Whether a bundle can be put on trial by its Rollout: the workloads, the route and a Service of
// theirs behind it are there, some label tells the tracks apart, names of variants are free, the
// steps can be observed. kInvalid says which is wrong and how to mend it.
core::Status CheckBundle(const core::Objects& bundle, const core::RolloutSpec& spec);

// What a trial is about (DESIGN section 1): the pod templates of the gated workloads and the
// content of the ConfigMaps and Secrets that they use, without the labels and annotations of
// ignoreForTrial. The same whatever the order of keys and objects; a ConfigMap's name counts for
// nothing where its content is known. Gated workloads that the bundle lacks are left out; kInvalid
// where it has none of them.
core::Result<std::string> GatedHash(const core::Objects& bundle, const core::RolloutSpec& spec);

// Stable's Rollout governs a trial unless the candidate's is at least as strict in everything:
// workloads, time and approvals before each weight, metrics, bounds, requests, policies.
const core::RolloutSpec& Governing(const core::RolloutSpec& stable,
                                   const core::RolloutSpec& candidate);
bool IsAsStrict(const core::RolloutSpec& candidate, const core::RolloutSpec& stable);

}  // namespace headgate::rollout
