#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "core/value.h"

namespace headgate::rollout::metrics {

// Answers of Prometheus' HTTP API (/api/v1/query), from whoever sends them.

inline constexpr size_t kSeriesMax = 10'000;

// What `data.result` of a successful answer has, of just that `type` (matrix, vector, scalar
// aside). kInvalid: the query was refused; kUnavailable: everything else, with the mend where one
// is known. Warnings say that some of the data is missing, which is no ground to judge.
core::Result<core::List> ResultsIn(int http_status, std::string_view body, std::string_view type);

// A finite number, or +Inf and -Inf where it is an edge; numbers in JSON are texts there.
std::optional<double> ParseNumber(std::string_view text);
std::optional<double> NumberIn(const core::Value* value);
std::optional<core::Time> TimeIn(const core::Value& seconds);

// Of one series; values that are no texts are left out.
std::vector<std::pair<std::string, std::string>> LabelsOf(const core::Value& result);

}  // namespace headgate::rollout::metrics
