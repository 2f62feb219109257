#include "reconciler/queue.h"

#include <algorithm>

namespace headgate::reconciler {

void Queue::AddAfter(const std::string& name, core::Duration delay) {
  const core::BootTime due = clock_->SinceBoot() + delay;
  {
    const std::lock_guard lock(mutex_);
    const auto [at, added] = waiting_.emplace(name, due);
    if (!added && at->second <= due) return;
    at->second = due;
    ++changes_;
  }
  changed_.notify_all();
}

std::optional<std::string> Queue::TakeDue() {
  const core::BootTime now = clock_->SinceBoot();
  auto best = waiting_.end();
  for (auto at = waiting_.begin(); at != waiting_.end(); ++at) {
    if (at->second > now || working_.contains(at->first)) continue;
    if (best == waiting_.end() || at->second < best->second) best = at;
  }
  if (best == waiting_.end()) return std::nullopt;
  std::string name = best->first;
  waiting_.erase(best);
  working_.insert(name);
  return name;
}

std::optional<core::BootTime> Queue::NextDue() const {
  std::optional<core::BootTime> next;
  for (const auto& [name, due] : waiting_) {
    if (!working_.contains(name) && (!next || due < *next)) next = due;
  }
  return next;
}

std::optional<std::string> Queue::TryTake() {
  const std::lock_guard lock(mutex_);
  return TakeDue();
}

std::optional<std::string> Queue::Take(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (std::optional<std::string> name = TakeDue()) return name;
    const std::optional<core::BootTime> next = NextDue();
    const core::Duration wait =
        next ? *next - clock_->SinceBoot() : core::Duration(std::chrono::minutes(1));
    const uint64_t seen = changes_;
    changed_.wait_for(lock, stop, std::max(wait, core::Duration(1)),
                      [&] { return changes_ != seen; });
  }
  return std::nullopt;
}

void Queue::Done(const std::string& name) {
  {
    const std::lock_guard lock(mutex_);
    working_.erase(name);
    ++changes_;
  }
  changed_.notify_all();
}

void Queue::Forget(const std::string& name) {
  const std::lock_guard lock(mutex_);
  waiting_.erase(name);
}

size_t Queue::size() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

}  // namespace headgate::reconciler
