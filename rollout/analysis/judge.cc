#include "rollout/analysis/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace headgate::rollout::analysis {
namespace {

using core::Verdict;

Tolerance ToleranceOf(const core::Metric& metric) {
  if (!metric.compare) return {};
  return {metric.compare->times, metric.compare->points};
}

std::string ShowTimes(double times) {
  return fmt::format("{:.{}f}", times, times >= 100 ? 0 : times >= 10 ? 1 : 2);
}

}  // namespace

std::string ShowShare(double share) {
  const double percent = share * 100;
  std::string text = fmt::format("{:.{}f}", percent, percent >= 1 ? 1 : 2);
  while (text.find('.') != std::string::npos && (text.back() == '0' || text.back() == '.')) {
    const bool point = text.back() == '.';
    text.pop_back();
    if (point) break;
  }
  return text + " %";
}

Judge::Judge(const core::Metric& metric, const core::Analysis& analysis, std::string_view identity,
             int windows, double share)
    : metric_(metric), analysis_(analysis), seed_(Mixed(HashOf(identity), HashOf(metric.name))) {
  const double confidence = metric.compare ? metric.compare->confidence : 0.99;
  proof_ = std::max(windows, 1) / (1 - confidence);
  threshold_ = proof_ / std::clamp(share, 1e-9, 1.0);
}

void Judge::Count(const Interval& interval) {
  Both now;
  for (const PodCount& pod : interval.pods) {
    Counts& of = pod.track == Track::kCanary ? now.canary : now.stable;
    of.bad += pod.bad;
    of.requests += std::max(pod.total, pod.bad);
  }
  for (auto [to, from] : {std::pair(&all_.canary, &now.canary), {&all_.stable, &now.stable}}) {
    to->bad += from->bad;
    to->requests += from->requests;
  }
  gathered_.bad += now.canary.bad;
  gathered_.requests += now.canary.requests;
  if (now.canary.requests == 0) return;
  before_last_ = last_;
  last_ = now;
}

// Intervals with few requests are put together until they have enough.
void Judge::CountFailures() {
  if (metric_.max == core::Metric::kNoMax || gathered_.requests < kIntervalRequestsMin) return;
  failures_ += gathered_.Share() > metric_.max;
  gathered_ = {};
}

void Judge::Compare(const Interval& interval, Comparison::Scratch* scratch) {
  std::map<std::string_view, Interval> parts;  // by workload, where there are several
  const Interval* whole = &interval;
  const bool several = std::any_of(
      interval.pods.begin(), interval.pods.end(),
      [&](const PodCount& pod) { return pod.workload != interval.pods.front().workload; });
  if (several) {
    for (const PodCount& pod : interval.pods) parts[pod.workload].pods.push_back(pod);
  }
  const auto add = [&](std::string_view workload, const Interval& part) {
    auto at = workloads_.find(workload);
    if (at == workloads_.end()) {
      const bool prove = analysis_.require == core::Analysis::Require::kNonInferiority;
      const Tolerance tolerance = ToleranceOf(metric_);
      at = workloads_
               .emplace(std::string(workload),
                        Workload{Comparison(tolerance, Mixed(seed_, HashOf(workload)), prove),
                                 Tempered(tolerance)})
               .first;
    }
    Both totals;
    bool named = false;
    for (const PodCount& pod : part.pods) {
      Counts& of = pod.track == Track::kCanary ? totals.canary : totals.stable;
      of.bad += pod.bad;
      of.requests += pod.total;
      named = named || !pod.pod.empty();
    }
    only_totals_ = !named;
    if (named) {
      at->second.pods.Add(part, scratch);
    } else {
      at->second.totals.Add(totals.canary.bad, totals.canary.requests, totals.stable.bad,
                            totals.stable.requests);
    }
  };
  if (!several) {
    if (!interval.pods.empty()) add(interval.pods.front().workload, *whole);
    return;
  }
  for (auto& [workload, part] : parts) {
    part.at_ms = interval.at_ms;
    add(workload, part);
  }
}

void Judge::Add(const Interval& interval, Comparison::Scratch* scratch) {
  if (!failed_.empty()) return;
  Count(interval);
  CountFailures();
  if (metric_.compare) Compare(interval, scratch);
  failed_ = Guard();
  if (failed_.empty()) failed_ = Harm();
}

void Judge::Peek(const Interval& interval) {
  if (!failed_.empty()) return;
  Count(interval);
  failed_ = Guard();
}

double Judge::EValue() const {
  if (!metric_.compare) {
    const Counts& seen = all_.canary;
    const double max = std::clamp(metric_.max, 1e-6, 0.99);
    double sum = 0;
    for (double rate : kWorse) {
      const double share = std::min(rate * max, 0.995);
      const double log =
          static_cast<double>(seen.bad) * std::log(share / max) +
          static_cast<double>(seen.requests - seen.bad) * std::log((1 - share) / (1 - max));
      sum += std::exp(std::clamp(log, -600.0, 600.0)) / static_cast<double>(kWorse.size());
    }
    return sum;
  }
  if (workloads_.empty()) return 1;
  Wealth sum;
  for (const auto& [name, workload] : workloads_)
    sum += only_totals_ ? workload.totals.Harm() : workload.pods.Harm();
  return (sum * (1 / static_cast<double>(workloads_.size()))).Shown();
}

double Judge::HarmShown() const {
  if (!metric_.compare || workloads_.empty()) return 0;
  const double shown = EValue() / threshold_;
  const bool beyond =
      only_totals_ || std::any_of(workloads_.begin(), workloads_.end(), [](const auto& each) {
        return each.second.pods.BeyondUnevenness();
      });
  return beyond ? shown : 0;
}

std::string Judge::Measured() const {
  return fmt::format("{} {}, stable's {} (n={})", metric_.name, ShowShare(all_.canary.Share()),
                     ShowShare(all_.stable.Share()), all_.canary.requests);
}

void Judge::Fail(std::string why) {
  if (failed_.empty()) failed_ = std::move(why);
}

double Judge::NoWorse() const {
  if (!metric_.compare || workloads_.empty()) return 0;
  Wealth least(1e300);
  for (const auto& [name, workload] : workloads_) {
    const Wealth of = workload.pods.NoWorse();
    if (of < least) least = of;
  }
  return least.Shown();
}

double Judge::Bound(const Counts& stable) const {
  const Tolerance tolerance = ToleranceOf(metric_);
  return std::max(tolerance.times * stable.Share(), stable.Share() + tolerance.points);
}

std::string Judge::Harm() const {
  const int64_t n = all_.canary.requests;
  const std::string share = fmt::format("{} {}", metric_.name, ShowShare(all_.canary.Share()));
  if (metric_.max != core::Metric::kNoMax && failures_ > metric_.failure_limit) {
    const std::string bound = ShowShare(metric_.max);
    if (all_.canary.Share() > metric_.max) return fmt::format("{} > {} (n={})", share, bound, n);
    return fmt::format("{} above {} in {} intervals, {} allowed ({} of n={})", metric_.name, bound,
                       failures_, metric_.failure_limit, ShowShare(all_.canary.Share()), n);
  }
  if (HarmShown() < 1) return "";
  const double e = EValue();
  const Bounds bounds = ShownBounds();
  return fmt::format("{}, stable's {} (n={}): {} to {} times, up to {} tolerated (e={:.0f}{})",
                     share, ShowShare(all_.stable.Share()), n, ShowTimes(bounds.low),
                     ShowTimes(bounds.high), ShowShare(Bound(all_.stable)), e,
                     only_totals_ ? "; by totals, no pods are known" : "");
}

std::string Judge::Guard() const {
  const auto guarded = [&](const Counts& canary, const Counts& stable) {
    const double bound = metric_.compare ? Bound(stable) : metric_.max;
    return canary.requests >= kGuardRequests && canary.Share() >= kGuardShare &&
           stable.Share() <= kGuardStable * canary.Share() && canary.Share() > bound;
  };
  const auto two = [](const Counts& a, const Counts& b) {
    return Counts{a.bad + b.bad, a.requests + b.requests};
  };
  const Counts late = two(last_.canary, before_last_.canary);
  const bool at_once = guarded(all_.canary, all_.stable);
  // Later two intervals in a row: one alone may be a burst.
  if (!at_once &&
      !(before_last_.canary.Share() >= kGuardShare && last_.canary.Share() >= kGuardShare &&
        guarded(late, two(last_.stable, before_last_.stable))))
    return "";
  const Counts& shown = at_once ? all_.canary : late;
  if (metric_.max != core::Metric::kNoMax)
    return fmt::format("{} {} > {} (n={})", metric_.name, ShowShare(shown.Share()),
                       ShowShare(metric_.max), shown.requests);
  return fmt::format("{} {}, stable's {} (n={})", metric_.name, ShowShare(shown.Share()),
                     ShowShare(all_.stable.Share()), shown.requests);
}

Bounds Judge::ShownBounds() const {
  const double alpha = 1 / threshold_;
  const auto bad = static_cast<double>(all_.canary.bad);
  const auto requests = static_cast<double>(all_.canary.requests);
  if (!metric_.compare) {
    const Bounds share = ShareBounds(bad, requests, alpha);
    return {100 * share.low, 100 * share.high};
  }
  double phi = 1;
  for (const auto& [name, workload] : workloads_) phi = std::max(phi, workload.pods.Dispersion());
  Bounds bounds = RatioBounds(bad / phi, requests / phi, static_cast<double>(all_.stable.bad) / phi,
                              static_cast<double>(all_.stable.requests) / phi, alpha);
  // What the bets refuted is outside.
  if (metric_.compare->points <= 0 && EValue() >= threshold_)
    bounds.low = std::max(bounds.low, metric_.compare->times);
  bounds.high = std::max(bounds.high, bounds.low);
  return bounds;
}

Verdict Judge::Settle(std::string* why) const {
  if (!failed_.empty()) {
    *why = failed_;
    return Verdict::kFail;
  }
  const int64_t n = all_.canary.requests;
  const std::string share = fmt::format("{} {}", metric_.name, ShowShare(all_.canary.Share()));
  if (n < analysis_.min_requests) {
    *why = fmt::format("{}: {} of {} requests", metric_.name, n, analysis_.min_requests);
    return Verdict::kHold;
  }
  if (metric_.max != core::Metric::kNoMax && all_.canary.Share() > metric_.max) {
    *why = fmt::format("{} > {} (n={}), {} of {} failures allowed", share, ShowShare(metric_.max),
                       n, failures_, metric_.failure_limit);
    return Verdict::kHold;
  }
  if (metric_.compare && analysis_.require == core::Analysis::Require::kNonInferiority &&
      NoWorse() < proof_) {
    *why = fmt::format(
        "{}, stable's {} (n={}): not yet proved to be within {} (e={:.1f} of {:.0f})", share,
        ShowShare(all_.stable.Share()), n, ShowShare(Bound(all_.stable)), NoWorse(), proof_);
    return Verdict::kHold;
  }
  if (!metric_.compare) {
    *why = fmt::format("{} <= {} (n={})", share, ShowShare(metric_.max), n);
    return Verdict::kPass;
  }
  if (all_.stable.requests == 0) {
    *why = fmt::format("{} (n={}), and no requests of stable to compare with", share, n);
    return Verdict::kHold;
  }
  *why = fmt::format("{}, stable's {} (n={}): no harm found (e={:.2g} of {:.0f})", share,
                     ShowShare(all_.stable.Share()), n, EValue(), threshold_);
  return Verdict::kPass;
}

Verdict Judge::verdict() const {
  if (!failed_.empty()) return Verdict::kFail;
  if (all_.canary.requests < analysis_.min_requests) return Verdict::kHold;
  std::string why;
  return Settle(&why);
}

core::Evidence Judge::Now() const {
  core::Evidence evidence;
  evidence.metric = metric_.name;
  evidence.verdict = Settle(&evidence.why);
  evidence.bad = all_.canary.bad;
  evidence.requests = all_.canary.requests;
  evidence.share = std::round(all_.canary.Share() * 1e4) / 1e4;
  evidence.max = metric_.max == core::Metric::kNoMax ? Bound(all_.stable) : metric_.max;
  evidence.failures = failures_;
  return evidence;
}

}  // namespace headgate::rollout::analysis
