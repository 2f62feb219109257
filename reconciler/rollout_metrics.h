#pragma once

#include <memory>
#include <string>

#include "core/position.h"

namespace prometheus {
class Registry;
}

namespace headgate::reconciler {

// Where each application's rollout stands, for Prometheus. Series are of an application, of a phase
// (five) or of a metric of its analysis (at most twenty, four verdicts each), never of a revision
// or a pod; they go with the application, those of a trial's evidence with the trial. Not safe to
// call from several threads.
class RolloutMetrics {
 public:
  // `registry` outlives it.
  explicit RolloutMetrics(prometheus::Registry* registry);
  ~RolloutMetrics();

  void See(const std::string& application, const core::Position& position);
  void Forget(const std::string& application);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace headgate::reconciler
