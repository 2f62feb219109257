#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "core/clock.h"
#include "core/result.h"
#include "deploy/kube/client.h"

namespace headgate::deploy {

struct LeaseOptions {
  std::string namespace_name;
  std::string name;
  std::string holder;  // unique to this process: "headgate-7c9f-3b1e"
  core::Duration duration = std::chrono::seconds(15);  // others wait so long after the last renewal
  core::Duration renew_deadline = std::chrono::seconds(10);  // without a renewal we stop writing
  core::Duration retry = std::chrono::seconds(2);
};

// A time in which the lease was held without a break.
struct Reign {
  uint64_t number = 0;  // from 1, of this process
  core::Time since{};
};

// Leadership by a coordination.k8s.io/v1 Lease. The deadline is kept in boot time, which goes on
// while the machine sleeps: after an hour's pause MayWrite() is false at once. Another holder's
// lease is taken only after it was *seen* unchanged for its duration, so wrong wall clocks do no
// harm.
class Lease {
 public:
  Lease(Client client, LeaseOptions options, const core::Clock* clock);
  ~Lease();  // as Stop()

  // One attempt to take or renew. Whether it is held afterwards; an error where the server could
  // not be asked (it may still be held until its deadline).
  core::Result<bool> Tick(std::stop_token stop = {});

  // Ticks in a thread of its own until Stop(). `on_change` hears each change of Held(), from that
  // thread.
  void Start(std::function<void(bool held)> on_change = {});
  // Stops ticking and gives the lease back, so that the next holder need not wait.
  void Stop();

  bool MayWrite() const;               // held, and the deadline has not passed
  std::optional<Reign> reign() const;  // the present one; nothing where MayWrite() is false
  core::Status CheckMayWrite() const;  // for ApplyOptions::may_write: kConflict where it has
  std::string holder() const;          // who was last seen to hold it; "" nobody
  std::string last_fault() const;      // of the last Tick; "" where it went well

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace headgate::deploy
