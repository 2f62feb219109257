#pragma once

#include <vector>

#include "core/clock.h"
#include "rollout/analysis/series.h"

namespace headgate::rollout::analysis {

// What a counter counted between two scrapes, at the time of the later one.
struct Increment {
  core::Time at{};
  double by = 0;
  friend bool operator==(const Increment&, const Increment&) = default;
};

// What to take for the value at the window's opening, where no sample says it.
enum class Start {
  kZero,         // the counter began within the window
  kFirstSample,  // it is older: what it counted before its first sample is not the window's
};

// Increments after `open`. A value below the one before is a restart: it counts from 0. Samples are
// put in order, each time counts once, and values that no counter has (negative, not finite) are
// left out.
std::vector<Increment> IncrementsOf(const Series& series, core::Time open, Start start);

double SumOf(const std::vector<Increment>& increments);

// Time within (from, now] that scrapes cover: between one and the next, if they are no further
// apart than kGapsMax times what is usual. Each list is one pod's scrape times; pods cover
// together.
inline constexpr int kGapsMax = 5;
core::Duration Coverage(const std::vector<std::vector<core::Time>>& pods, core::Time from,
                        core::Time now);

}  // namespace headgate::rollout::analysis
