#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/position.h"

namespace headgate::reconciler {

// What the daemon tells Prometheus about itself. Safe to call from several threads.
class Metrics {
 public:
  Metrics();
  ~Metrics();

  // One look at one application. `result` is "ok" or the fault that ended it.
  void Looked(std::string_view result, core::Duration took);
  void Queue(size_t waiting);
  void Leads(bool leads);
  void ApiRequests(uint64_t sent);  // so far
  // Of one application: whether it is Ready, and where its rollout stands.
  void Application(const std::string& name, bool ready, const core::Position& position);
  void Forget(const std::string& name);

  // All of it in Prometheus' text format.
  std::string Text() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace headgate::reconciler
