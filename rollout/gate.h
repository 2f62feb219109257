#pragma once

#include <string>

#include "core/position.h"
#include "core/result.h"
#include "core/rollout_spec.h"
#include "rollout/observation.h"

namespace headgate::rollout {

// What is POSTed to a gate's webhook, as JSON, with the fields of Flagger's webhooks (name,
// namespace, phase, checksum, metadata) and the trial's revision, step and weight:
//   {"name": "shop", "namespace": "shop", "phase": "Progressing", "checksum": GATED HASH,
//    "revision": COMMIT, "step": 2, "weight": 10, "metadata": {...}}
// Source of the names: Flagger, docs/gitbook/usage/webhooks.md.
std::string GateBody(const core::RolloutSpec& spec, const core::Gate& gate,
                     const core::Trial& trial);

// By the answer's status alone: 2xx goes on; 4xx refuses, but for 408, 425 and 429; all else (3xx
// too) says nothing of the candidate. No part of the answer's body is kept or shown.
GateSeen ReadGateAnswer(int http_status);
// No answer came.
GateSeen ReadGateError(const core::Error& error);

}  // namespace headgate::rollout
