#include "deploy/lease.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "core/object.h"

namespace headgate::deploy {
namespace {

const Type kLeases = {"coordination.k8s.io/v1", "Lease"};

// The state of somebody's lease; as long as it does not move, its holder does not renew.
std::string Version(const core::Value& lease) {
  return lease.StringAt("metadata", "uid") + "/" + lease.StringAt("metadata", "resourceVersion");
}

}  // namespace

struct Lease::State {
  State(Client c, LeaseOptions o, const core::Clock* k)
      : client(std::move(c)), options(std::move(o)), clock(k) {}

  core::Result<bool> Attempt(std::stop_token stop);
  core::Result<bool> Take(const core::Value& seen, core::BootTime begun, std::stop_token stop);
  core::Result<bool> TakeNew(core::BootTime begun, std::stop_token stop);
  core::Value Written(const core::Value& seen) const;
  bool IsFree(const core::Value& seen);
  bool MayWrite() const { return until && clock->SinceBoot() < *until; }  // under mutex
  void Hold(core::BootTime begun);
  void Lose();
  void Run(std::function<void(bool)> on_change, std::stop_token stop);
  void GiveBack();

  const Client client;
  const LeaseOptions options;
  const core::Clock* const clock;

  // Of the ticking thread alone.
  std::string seen_version;     // the last state of another holder's lease
  core::BootTime seen_since{};  // when it was first seen so

  mutable std::mutex mutex;
  std::optional<core::BootTime> until;  // we hold it, and may write until then; guarded by mutex
  Reign reign;                          // the last one; guarded by mutex
  std::string holder;                   // guarded by mutex
  std::string fault;                    // guarded by mutex

  std::jthread thread;
};

void Lease::State::Hold(core::BootTime begun) {
  const std::lock_guard lock(mutex);
  if (!MayWrite()) reign = {reign.number + 1, clock->Now()};
  // Counted from before the request: the server cannot have taken it earlier.
  until = begun + options.renew_deadline;
  holder = options.holder;
}

void Lease::State::Lose() {
  const std::lock_guard lock(mutex);
  until.reset();
}

// Whether nobody holds it, or its holder was not heard of for the duration that it claimed.
bool Lease::State::IsFree(const core::Value& seen) {
  const std::string& who = seen.StringAt("spec", "holderIdentity");
  {
    const std::lock_guard lock(mutex);
    holder = who;
  }
  if (who.empty() || who == options.holder) return true;
  const core::BootTime now = clock->SinceBoot();
  if (Version(seen) != seen_version) {
    seen_version = Version(seen);
    seen_since = now;
    return false;
  }
  const core::Duration claimed =
      std::chrono::seconds(seen.IntAt(0, "spec", "leaseDurationSeconds"));
  return now - seen_since >= std::max(claimed, options.duration);
}

core::Value Lease::State::Written(const core::Value& seen) const {
  core::Value lease = seen;
  core::Map& spec = lease.MakeMap()["spec"].MakeMap();
  const std::string now = core::ShowMicro(clock->Now());
  if (seen.StringAt("spec", "holderIdentity") != options.holder) {
    spec.Set("acquireTime", now);
    spec.Set("leaseTransitions", seen.IntAt(-1, "spec", "leaseTransitions") + 1);
  }
  spec.Set("holderIdentity", options.holder);
  spec.Set("renewTime", now);
  spec.Set("leaseDurationSeconds",
           std::chrono::duration_cast<std::chrono::seconds>(options.duration).count());
  return lease;
}

core::Result<bool> Lease::State::TakeNew(core::BootTime begun, std::stop_token stop) {
  const core::Value blank(core::Map{
      {"apiVersion", kLeases.api_version},
      {"kind", kLeases.kind},
      {"metadata", core::Map{{"name", options.name}, {"namespace", options.namespace_name}}}});
  const core::Result<core::Value> made = client.Create(Written(blank), stop);
  if (made) {
    Hold(begun);
    return true;
  }
  if (made.error().fault() == core::Fault::kConflict) return false;  // somebody was quicker
  return made.error();
}

core::Result<bool> Lease::State::Take(const core::Value& seen, core::BootTime begun,
                                      std::stop_token stop) {
  // The resourceVersion in it makes the write fail where somebody else wrote meanwhile.
  const core::Result<core::Value> written = client.Replace(Written(seen), stop);
  if (written) {
    Hold(begun);
    return true;
  }
  if (written.error().fault() == core::Fault::kConflict) return false;
  return written.error();
}

core::Result<bool> Lease::State::Attempt(std::stop_token stop) {
  const core::BootTime begun = clock->SinceBoot();
  const core::Result<core::Value> seen =
      client.Get(kLeases, options.namespace_name, options.name, stop);
  if (!seen && seen.error().fault() == core::Fault::kNotFound) {
    Lose();
    return TakeNew(begun, stop);
  }
  if (!seen) return seen.error();
  if (seen->StringAt("spec", "holderIdentity") != options.holder) Lose();
  if (!IsFree(*seen)) return false;
  const core::Result<bool> taken = Take(*seen, begun, stop);
  if (taken && !*taken) Lose();
  return taken;
}

void Lease::State::GiveBack() {
  {
    const std::lock_guard lock(mutex);
    if (!until) return;
    until.reset();
  }
  const core::Result<core::Value> seen = client.Get(kLeases, options.namespace_name, options.name);
  if (!seen || seen->StringAt("spec", "holderIdentity") != options.holder) return;
  core::Value free = *seen;
  free.Find("spec")->AsMap()->Set("holderIdentity", "");
  // Where it fails the next holder waits for the duration; nothing worse.
  (void)client.Replace(free);
}

void Lease::State::Run(std::function<void(bool)> on_change, std::stop_token stop) {
  bool told = false;
  std::mutex sleeping;
  std::condition_variable_any wake;
  while (!stop.stop_requested()) {
    const core::Result<bool> attempt = Attempt(stop);
    bool held = false;
    {
      const std::lock_guard lock(mutex);
      fault = attempt ? "" : attempt.error().text();
      held = MayWrite();
    }
    if (held != told && on_change) on_change(held);
    told = held;
    std::unique_lock lock(sleeping);
    wake.wait_for(lock, stop, options.retry, [] { return false; });
  }
  if (told && on_change) on_change(false);
}

Lease::Lease(Client client, LeaseOptions options, const core::Clock* clock)
    : state_(std::make_unique<State>(std::move(client), std::move(options), clock)) {}

Lease::~Lease() { Stop(); }

core::Result<bool> Lease::Tick(std::stop_token stop) {
  core::Result<bool> attempt = state_->Attempt(stop);
  const std::lock_guard lock(state_->mutex);
  state_->fault = attempt ? "" : attempt.error().text();
  return attempt;
}

void Lease::Start(std::function<void(bool held)> on_change) {
  State* state = state_.get();
  state->thread = std::jthread([state, on_change = std::move(on_change)](std::stop_token stop) {
    state->Run(on_change, stop);
  });
}

void Lease::Stop() {
  if (state_->thread.joinable()) {
    state_->thread.request_stop();
    state_->thread.join();
  }
  state_->GiveBack();
}

bool Lease::MayWrite() const {
  const std::lock_guard lock(state_->mutex);
  return state_->MayWrite();
}

std::optional<Reign> Lease::reign() const {
  const std::lock_guard lock(state_->mutex);
  return state_->MayWrite() ? std::optional(state_->reign) : std::nullopt;
}

core::Status Lease::CheckMayWrite() const {
  if (MayWrite()) return core::Ok();
  const std::string who = holder();
  return core::Conflict(
      fmt::format("this process does not hold lease {}/{}{}", state_->options.namespace_name,
                  state_->options.name,
                  who.empty() || who == state_->options.holder ? "" : "; " + who + " does"));
}

std::string Lease::holder() const {
  const std::lock_guard lock(state_->mutex);
  return state_->holder;
}

std::string Lease::last_fault() const {
  const std::lock_guard lock(state_->mutex);
  return state_->fault;
}

}  // namespace headgate::deploy
