#pragma once

#include <stop_token>

#include "core/position.h"
#include "core/rollout_spec.h"
#include "rollout/observation.h"

namespace headgate::net {
class Http;
}  // namespace headgate::net

namespace headgate::rollout::metrics {

// Asks a gate's webhook once, as the daemon: no credentials, no redirect, a bounded answer of which
// only the status counts.
GateSeen AskGate(const core::RolloutSpec& spec, const core::Gate& gate, const core::Trial& trial,
                 net::Http* http, std::stop_token stop = {});

}  // namespace headgate::rollout::metrics
