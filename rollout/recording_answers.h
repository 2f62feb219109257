#pragma once

#include <vector>

#include "core/result.h"
#include "core/value.h"
#include "rollout/analysis/series.h"

namespace headgate::rollout {

// The provider's answers as a tree, told by what `before` (the answers of an earlier look) had
// already; and back, exactly.
using Answers = std::vector<analysis::MetricAnswers>;
core::Value ToValue(const Answers& answers, const Answers& before);
core::Result<Answers> ParseAnswers(const core::Value& value, const Answers& before);

}  // namespace headgate::rollout
