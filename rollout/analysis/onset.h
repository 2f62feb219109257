#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace headgate::rollout::analysis {

// What both tracks counted in one interval; before the window the canary has nothing.
struct TrackCounts {
  int64_t canary_bad = 0, canary = 0;
  int64_t stable_bad = 0, stable = 0;
};

// What became worse for everybody, which comparing tracks cannot see.
struct Onset {
  enum class What {
    kNothing,
    kBefore,  // stable got worse before the weight changed: not the candidate's doing
    kSince,   // both tracks got worse since then: it may harm what they share
  };
  What what = What::kNothing;
  std::string why;
};

// Worse: each of the last kOnsetIntervals intervals (kOnsetSevere where half of both tracks'
// requests are bad) has kOnsetPoints more bad requests than stable had before, and kOnsetTimes the
// share of its worst interval before. A rule, no test: it pauses and blames nobody. Single bursts
// and the slow swing of a day do not meet it.
//
// `before`: intervals before the weight changed, `since`: after it, both in the order of time. With
// fewer than kOnsetPast before, it never says anything.
Onset FindOnset(const std::vector<TrackCounts>& before, const std::vector<TrackCounts>& since);

inline constexpr size_t kOnsetPast = 8;
inline constexpr size_t kOnsetIntervals = 5;
inline constexpr size_t kOnsetSevere = 2;
inline constexpr double kOnsetPoints = 0.05;
inline constexpr double kOnsetTimes = 3;
inline constexpr int64_t kOnsetRequests = 20;  // of each track, in these intervals

}  // namespace headgate::rollout::analysis
