#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"
#include "rollout/analysis/interval.h"

namespace headgate::rollout::analysis {

inline constexpr size_t kEvidencePodsMax = 10'000;      // of one line
inline constexpr int64_t kCountMax = int64_t{1} << 53;  // of one pod and interval
inline constexpr double kEvidenceSecondsMax = 1e12;

// Reads a line of recorded evidence, one scrape interval of one run:
//
//   {"run": 17, "t": 45, "pods": [{"pod": "web-canary-x1", "track": "canary", "bad": 3, "total":
//   25}]}
//
// `run` is a number or a text and goes to `run` as it is written; `t` is in seconds; a track is
// stable, canary or baseline; `workload` is optional, and `pod` where only totals are known.
// kInvalid says which field is wrong and how. What `to` held before is reused, for speed.
core::Status ReadEvidence(std::string_view line, std::string* run, Interval* to);

}  // namespace headgate::rollout::analysis
