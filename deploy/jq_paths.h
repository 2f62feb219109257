#pragma once

#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "core/value.h"
#include "deploy/plan/fields_v1.h"

namespace headgate::deploy {

inline constexpr size_t kJqExpressionBytesMax = 1024;
inline constexpr core::Duration kJqTimeMax = std::chrono::seconds(1);  // of one call
inline constexpr size_t kJqMemoryBytesMax = 64 * 1024 * 1024;

// The places of `input` that jq's path(EXPRESSION) gives, of all expressions together; each place
// once. An expression that cannot be read is kInvalid with jq's own words; one that fails on this
// input (it walks into null, say) selects nothing, as in Argo CD.
//
// Expressions come from people who may only write Applications, and jq has no bounds of its own: a
// child process without files, environment and network evaluates them, with bounded time, memory
// and output. About 1 ms a call: keep what it says.
core::Result<std::vector<FieldPath>> JqPaths(const std::vector<std::string>& expressions,
                                             const core::Value& input);

}  // namespace headgate::deploy
