#include "rollout/analysis/onset.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "rollout/analysis/judge.h"

namespace headgate::rollout::analysis {
namespace {

double ShareOf(int64_t bad, int64_t requests) {
  return requests > 0 ? static_cast<double>(bad) / static_cast<double>(requests) : 0;
}

// Stable's share in these intervals, and its largest in one of them.
struct Usual {
  double share = 0, worst = 0;
  bool IsExceededBy(double other) const {
    return other >= share + kOnsetPoints && other >= kOnsetTimes * worst;
  }
};
using At = std::vector<TrackCounts>::const_iterator;
Usual UsualOf(At begin, At end) {
  Usual usual;
  int64_t bad = 0;
  int64_t requests = 0;
  for (At at = begin; at != end; ++at) {
    bad += at->stable_bad;
    requests += at->stable;
    usual.worst = std::max(usual.worst, ShareOf(at->stable_bad, at->stable));
  }
  usual.share = ShareOf(bad, requests);
  return usual;
}

// Whether both tracks were beyond what is usual in each of the last `count` intervals.
bool BothWorse(const std::vector<TrackCounts>& since, size_t count, const Usual& usual,
               double share_min) {
  if (since.size() < count) return false;
  TrackCounts sum;
  for (auto at = since.end() - static_cast<std::ptrdiff_t>(count); at != since.end(); ++at) {
    const double stable = ShareOf(at->stable_bad, at->stable);
    if (!usual.IsExceededBy(stable) || stable < share_min) return false;
    sum.canary_bad += at->canary_bad, sum.canary += at->canary;
    sum.stable += at->stable;
  }
  const double canary = ShareOf(sum.canary_bad, sum.canary);
  return sum.canary >= kOnsetRequests && sum.stable >= kOnsetRequests &&
         usual.IsExceededBy(canary) && canary >= share_min;
}

}  // namespace

Onset FindOnset(const std::vector<TrackCounts>& before, const std::vector<TrackCounts>& since) {
  if (before.size() < kOnsetPast) return {};
  const auto early_end = before.begin() + static_cast<std::ptrdiff_t>(before.size() - 3);
  const Usual early = UsualOf(before.begin(), early_end);
  const Usual usual = UsualOf(before.begin(), before.end());
  const double now = since.empty() ? 0 : ShareOf(since.back().stable_bad, since.back().stable);
  const bool rose = std::all_of(early_end, before.end(), [&](const TrackCounts& each) {
    return early.IsExceededBy(ShareOf(each.stable_bad, each.stable));
  });
  if (rose && now >= early.share + kOnsetPoints)
    return {Onset::What::kBefore,
            fmt::format("stable got worse before the weight changed: {} -> {}; waits until it is "
                        "well",
                        ShowShare(early.share), ShowShare(now))};
  if (!BothWorse(since, kOnsetIntervals, usual, 0) && !BothWorse(since, kOnsetSevere, usual, 0.5))
    return {};
  return {
      Onset::What::kSince,
      fmt::format("stable, too, got worse since the weight changed: {} -> {}; the candidate may "
                  "harm what both share",
                  ShowShare(usual.share), ShowShare(now))};
}

}  // namespace headgate::rollout::analysis
