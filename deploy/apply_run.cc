// One Apply, class by class.
#include "deploy/apply_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>

#include "deploy/definitions.h"
#include "deploy/health/health.h"
#include "deploy/order.h"
#include "deploy/parallel.h"

namespace headgate::deploy {
namespace {

constexpr core::Duration kPollFirst = std::chrono::milliseconds(20);
constexpr core::Duration kPollMax = std::chrono::milliseconds(500);

}  // namespace

std::vector<ObjectOutcome> Deployer::Run::All() {
  for (size_t begin = 0; begin < prepared_.size();) {
    const OrderClass order = OrderClassOf(core::RefOf(prepared_[begin].body));
    size_t end = begin;
    while (end < prepared_.size() && OrderClassOf(core::RefOf(prepared_[end].body)) == order) {
      ++end;
    }
    InParallel(end - begin, options_.parallel_max, [&](size_t i) { One(begin + i); });
    if (order == OrderClass::kDefinitions && !options_.dry_run) AwaitDefinitions(begin, end);
    NoteLost(begin, end);
    begin = end;
  }
  return std::move(outcomes_);
}

// Namespaces and definitions that later objects need and that are not there.
void Deployer::Run::NoteLost(size_t begin, size_t end) {
  const std::lock_guard lock(mutex_);
  for (size_t i = begin; i < end; ++i) {
    if (!outcomes_[i].error) continue;
    const core::Value& body = prepared_[i].body;
    if (outcomes_[i].ref.kind == "Namespace") lost_.insert(outcomes_[i].ref);
    if (IsDefinition(body)) lost_.insert(DefinedBy(body));
  }
}

void Deployer::Run::AwaitDefinitions(size_t begin, size_t end) {
  const core::BootTime until = clock_.SinceBoot() + options_.established_max;
  InParallel(end - begin, options_.parallel_max, [&](size_t i) {
    ObjectOutcome& outcome = outcomes_[begin + i];
    if (outcome.error) return;
    core::Status established = AwaitDefinition(prepared_[begin + i].body, &outcome, until);
    if (!established) Fail(&outcome, established.error().In(core::Show(outcome.ref)));
  });
}

// Until the server serves all of its versions.
core::Status Deployer::Run::AwaitDefinition(const core::Value& wanted, ObjectOutcome* outcome,
                                            core::BootTime until) {
  core::Duration pause = kPollFirst;
  Health health = AssessHealth(*outcome->live);
  while (true) {
    if (health.code == HealthCode::kDegraded) return core::Invalid(health.why);
    if (health.code == HealthCode::kHealthy) {
      const std::vector<Type> types = ServedBy(wanted);
      const bool served = std::all_of(types.begin(), types.end(), [&](const Type& type) {
        return reader_.ResourceFor(type, stop_).ok();
      });
      if (served) return core::Ok();
    }
    if (stop_.stop_requested()) return core::Cancelled("stopped");
    if (clock_.SinceBoot() >= until) {
      return core::Unavailable(fmt::format("not established after {}{}",
                                           core::Show(options_.established_max),
                                           health.why.empty() ? "" : ": " + health.why));
    }
    Wait(pause);
    pause = std::min(pause * 2, kPollMax);
    core::Result<core::Value> live = reader_.Get(TypeOf(wanted), "", core::NameOf(wanted), stop_);
    if (!live) return live.error();
    outcome->live = std::make_shared<const core::Value>(std::move(*live));
    health = AssessHealth(*outcome->live);
  }
}

void Deployer::Run::Wait(core::Duration pause) const {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop_, pause, [] { return false; });
}

}  // namespace headgate::deploy
