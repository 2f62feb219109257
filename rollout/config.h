#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/object.h"
#include "core/rollout_spec.h"
#include "core/value.h"

namespace headgate::rollout {

// Whether two namespaces of rendered objects may be the same: "" is not placed yet.
bool SamePlace(std::string_view a, std::string_view b);

// The gated workloads of a bundle, in the spec's order; what the bundle lacks is left out.
std::vector<const core::Object*> GatedOf(const core::Objects& bundle,
                                         const core::RolloutSpec& spec);
bool IsGated(const core::Value& body, const core::RolloutSpec& spec);

// Calls for every place where a pod template names a ConfigMap or a Secret whose content its
// containers see: env, envFrom, volumes, projected volumes. `kind` is ConfigMap or Secret.
using VisitConfig = std::function<void(std::string_view kind, std::string* name)>;
void ForEachConfig(core::Value* pod_template, const VisitConfig& visit);

// The ConfigMap or Secret of a bundle, if its content is known from git and may be copied: not
// where git gives it no data (others fill it in), not tokens that the cluster makes.
const core::Object* FindConfig(const core::Objects& bundle, std::string_view kind,
                               std::string_view namespace_name, std::string_view name);

// kind, type and data; equal for equal content however it is written (a Secret's stringData).
core::Value ConfigContent(const core::Value& body);

// Immutable copies of the ConfigMaps and Secrets that the gated workloads of a bundle use, named
// by their content: "web-config" -> "web-config-1a2b3c4d".
core::Objects CopiesOf(const core::Objects& bundle, const core::RolloutSpec& spec);

// Makes a workload of the bundle use those copies.
void UseCopies(core::Value* workload, const core::Objects& bundle);

// `name` with `suffix`; where longer than `size_max` it is cut and a hash of it put before the
// suffix.
std::string WithSuffix(std::string_view name, std::string_view suffix, size_t size_max);

}  // namespace headgate::rollout
