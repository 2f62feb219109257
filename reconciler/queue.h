#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>

#include "core/clock.h"

namespace headgate::reconciler {

// Names that want a look, each with the time when it is due. A name waits at most once (the earlier
// time counts) and is never with two workers: what comes in while it is worked on waits until
// Done(). Safe to call from several threads.
class Queue {
 public:
  explicit Queue(const core::Clock* clock) : clock_(clock) {}

  void Add(const std::string& name) { AddAfter(name, core::Duration(0)); }
  void AddAfter(const std::string& name, core::Duration delay);
  // A name that is due, if there is one; does not wait.
  std::optional<std::string> TryTake();
  // Sleeps until a name is due; nothing when a stop was asked for. Each taken name must be given to
  // Done().
  std::optional<std::string> Take(std::stop_token stop);
  void Done(const std::string& name);
  void Forget(const std::string& name);  // no longer waits

  size_t size() const;  // how many wait, due or not

 private:
  std::optional<std::string> TakeDue();  // under mutex_, as the rest
  // The earlier of both times counts. Whether a worker that sleeps sleeps too long now.
  bool Wait(const std::string& name, core::BootTime due);

  const core::Clock* const clock_;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  uint64_t changes_ = 0;  // guarded by mutex_, as all below
  std::map<std::string, core::BootTime> waiting_;
  std::set<std::pair<core::BootTime, std::string>> order_;  // of `waiting_`, whom nobody works on
  std::set<std::string> working_;
};

}  // namespace headgate::reconciler
