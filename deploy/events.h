#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "core/clock.h"
#include "core/value.h"
#include "deploy/kube/client.h"

namespace headgate::deploy {

enum class EventType { kNormal, kWarning };

// Writes Kubernetes events (v1) about objects. Emit never blocks: a bounded queue and one thread.
// The same type, reason and message about the same object within `kSameWindow` is one event with a
// count. When more than kQueueMax wait, the oldest are dropped and counted.
class Events {
 public:
  static constexpr size_t kQueueMax = 1000;
  static constexpr size_t kKnownMax = 2000;  // events whose repetition is still recognised
  static constexpr core::Duration kSameWindow = std::chrono::minutes(10);
  static constexpr size_t kMessageBytesMax = 1024;  // the API server's bound

  // `instance`: which process reports, as Lease's holder.
  Events(Client client, const core::Clock* clock, std::string instance);
  ~Events();  // drops what waits

  // `about` needs apiVersion, kind, metadata.name, namespace, uid. `reason` is one CamelCase word.
  void Emit(const core::Value& about, EventType type, std::string reason, std::string message);
  // Until all that waits is written or refused; false where `wait_max` passed first.
  bool Flush(core::Duration wait_max);

  size_t dropped() const;  // never written: queue full, or refused by the server

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace headgate::deploy
