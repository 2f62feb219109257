#pragma once

#include <string>
#include <vector>

#include "core/clock.h"
#include "core/value.h"
#include "deploy/health/health.h"

namespace headgate::deploy {

// How long a load balancer or an ingress controller may take to give an address. Many clusters have
// none that ever does.
inline constexpr core::Duration kAddressPatience = std::chrono::seconds(60);

// Whether it is a Service of type LoadBalancer or an Ingress that has no address yet.
bool WaitsForAddress(const core::Value& object);

// The Services that must serve for it: itself, or the backends of an Ingress. Sorted, each once.
std::vector<std::string> BackendsOf(const core::Value& object);

// The health of what waits for an address, by who serves it: kHealthy where each backend has a
// ready endpoint, though nobody gave an address within kAddressPatience; kSuspended where a backend
// has no pods at all, as when it is scaled to nothing. `slices` are the EndpointSlices of its
// backends.
Health ServedHealth(const core::Value& object, const std::vector<core::Value>& slices,
                    core::Time now);

// What the newest warning among the events of an object (or of its pods) says about why it is not
// ready: "FailedCreate: pods "web-0" is forbidden: exceeded quota"; "" where none does.
std::string CauseOfEvents(const std::vector<core::Value>& events);

// Whether a claim waits for a pod to use it, as its StorageClass wants: its own events say so.
bool WaitsForFirstConsumer(const std::vector<core::Value>& events);

}  // namespace headgate::deploy
