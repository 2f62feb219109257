#include "reconciler/queue.h"

#include <algorithm>

namespace headgate::reconciler {

bool Queue::Wait(const std::string& name, core::BootTime due) {
  const auto [at, added] = waiting_.emplace(name, due);
  if (!added && at->second <= due) return false;
  const bool free = !working_.contains(name);
  if (!added && free) order_.erase({at->second, name});
  at->second = due;
  if (!free) return false;
  order_.emplace(due, name);
  const bool first = order_.begin()->second == name;
  changes_ += first;
  return first;
}

void Queue::AddAfter(const std::string& name, core::Duration delay) {
  const core::BootTime due = clock_->SinceBoot() + delay;
  {
    const std::lock_guard lock(mutex_);
    if (!Wait(name, due)) return;
  }
  changed_.notify_one();
}

std::optional<std::string> Queue::TakeDue() {
  if (order_.empty() || order_.begin()->first > clock_->SinceBoot()) return std::nullopt;
  std::string name = order_.begin()->second;
  order_.erase(order_.begin());
  waiting_.erase(name);
  working_.insert(name);
  return name;
}

std::optional<std::string> Queue::TryTake() {
  const std::lock_guard lock(mutex_);
  return TakeDue();
}

std::optional<std::string> Queue::Take(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (std::optional<std::string> name = TakeDue()) {
      // What is due beside it is another worker's.
      if (!order_.empty()) {
        ++changes_;
        changed_.notify_one();
      }
      return name;
    }
    const core::Duration wait = order_.empty() ? core::Duration(std::chrono::minutes(1))
                                               : order_.begin()->first - clock_->SinceBoot();
    const uint64_t seen = changes_;
    changed_.wait_for(lock, stop, std::max(wait, core::Duration(1)),
                      [&] { return changes_ != seen; });
  }
  return std::nullopt;
}

void Queue::Done(const std::string& name) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    working_.erase(name);
    if (const auto again = waiting_.find(name); again != waiting_.end()) {
      order_.emplace(again->second, name);
      first = order_.begin()->second == name;
      changes_ += first;
    }
  }
  if (first) changed_.notify_one();
}

void Queue::Forget(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto at = waiting_.find(name);
  if (at == waiting_.end()) return;
  order_.erase({at->second, name});
  waiting_.erase(at);
}

size_t Queue::size() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

}  // namespace headgate::reconciler
