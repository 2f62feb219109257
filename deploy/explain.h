#pragma once

#include <stop_token>

#include "core/clock.h"
#include "core/value.h"
#include "deploy/health/health.h"
#include "deploy/kube/client.h"

namespace headgate::deploy {

// The health of a live object that is not well by itself, with what only the cluster knows: the
// cause from its pods and the warnings about them, and whether something serves where nobody gives
// addresses. Healthy objects cost no request; what cannot be read is left out.
Health Explained(const Client& client, const core::Value& live, Health health, core::Time now,
                 std::stop_token stop);

}  // namespace headgate::deploy
