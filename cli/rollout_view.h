#pragma once

#include <string>

#include "core/clock.h"
#include "core/value.h"

namespace headgate::cli {

// What an operator watches: steps, weight wanted and seen, requests, error rates with their bounds,
// what it waits for. Pure. Several lines, each ends in a line end.
std::string ShowRollout(const core::Value& application, const core::Value& rollout, core::Time now);

}  // namespace headgate::cli
