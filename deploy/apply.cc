#include "deploy/apply.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <set>

#include "core/hash.h"
#include "deploy/definitions.h"
#include "deploy/health/health.h"
#include "deploy/order.h"
#include "deploy/parallel.h"

namespace headgate::deploy {
namespace {

constexpr core::Duration kPollFirst = std::chrono::milliseconds(20);
constexpr core::Duration kPollMax = std::chrono::milliseconds(500);

constexpr core::Duration kViewLagMax = std::chrono::seconds(10);  // of a watch behind our writes

core::Status FirstOf(const std::vector<ObjectOutcome>& objects) {
  const ObjectOutcome* first = nullptr;
  size_t others = 0;
  for (const ObjectOutcome& object : objects) {
    if (!object.error) continue;
    // What was skipped follows from what failed.
    if (!first ||
        (first->result == ApplyResult::kSkipped && object.result == ApplyResult::kFailed)) {
      others += first ? 1 : 0;
      first = &object;
    } else {
      ++others;
    }
  }
  if (!first) return core::Ok();
  if (others == 0) return *first->error;
  core::Error error(first->error->fault(),
                    fmt::format("{}; and {} more", first->error->text(), others));
  if (!first->error->retry_after()) return error;
  return std::move(error).RetryAfter(*first->error->retry_after());
}

}  // namespace

std::string_view Show(ApplyResult result) {
  switch (result) {
    case ApplyResult::kCreated:
      return "created";
    case ApplyResult::kUpdated:
      return "updated";
    case ApplyResult::kUnchanged:
      return "unchanged";
    case ApplyResult::kFailed:
      return "failed";
    case ApplyResult::kSkipped:
      return "skipped";
  }
  return "skipped";
}

bool ApplyOutcome::ok() const {
  return std::none_of(objects.begin(), objects.end(),
                      [](const ObjectOutcome& object) { return object.error.has_value(); });
}

size_t ApplyOutcome::Count(ApplyResult result) const {
  return static_cast<size_t>(std::count_if(
      objects.begin(), objects.end(), [&](const auto& object) { return object.result == result; }));
}

core::Status ApplyOutcome::status() const { return FirstOf(objects); }
core::Status PruneOutcome::status() const { return FirstOf(failed); }

// One Apply: what its parallel requests share.
class Deployer::Run {
 public:
  Run(const Deployer& deployer, const core::Objects& prepared, const ApplyOptions& options,
      std::stop_token stop)
      : client_(deployer.client_),
        reader_(deployer.client_.As("")),
        applied_(deployer.applied_),
        prepared_(prepared),
        options_(options),
        stop_(stop),
        outcomes_(prepared.size()) {}

  std::vector<ObjectOutcome> All() {
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

 private:
  void One(size_t i) {
    const core::Value& wanted = prepared_[i].body;
    ObjectOutcome& outcome = outcomes_[i];
    outcome.ref = core::RefOf(wanted);
    if (const std::optional<core::Error> why = WhyNot(wanted)) {
      outcome.error = *why;
      return;  // kSkipped
    }
    core::Result<std::shared_ptr<const core::Value>> live = LiveOf(wanted);
    if (!live) return Fail(&outcome, live.error());
    outcome.live = *live;
    if (*live && JustApplied(wanted, **live)) {
      outcome.result = ApplyResult::kUnchanged;
      return;
    }
    if (*live && IsUnchanged(wanted, **live, applied_)) {
      outcome.result = ApplyResult::kUnchanged;
      if (applied_ && !applied_->Find(outcome.ref)) Remember(wanted, **live);
      return;
    }
    if (options_.may_write) {
      if (core::Status may = options_.may_write(); !may) {
        const std::lock_guard lock(mutex_);
        halted_ = may.error();
        outcome.error = may.error().In(core::Show(outcome.ref));
        return;
      }
    }
    Send(wanted, &outcome);
  }

  void Send(const core::Value& wanted, ObjectOutcome* outcome) {
    ApplyRequest request{.force = options_.force_conflicts, .dry_run = options_.dry_run};
    if (const auto fence = options_.fences.find(outcome->ref); fence != options_.fences.end()) {
      request.resource_version = fence->second;
    }
    core::Result<core::Value> answer = client_.Apply(wanted, request, stop_);
    if (!answer) return Fail(outcome, answer.error());
    outcome->result = ResultOf(*outcome, *answer);
    Remember(wanted, *answer);
    outcome->live = std::make_shared<const core::Value>(std::move(*answer));
    if (outcome->live->StringAt("status", "phase") == "Terminating") {
      Fail(outcome,
           core::Unavailable("patch " + core::Show(outcome->ref) +
                             ": it is being deleted; what it holds can come back when it is gone"));
    }
  }

  // The view has not seen our own last apply of the same yet; that is no drift. Believed for a
  // while only, since versions go back when a cluster's store is restored.
  bool JustApplied(const core::Value& wanted, const core::Value& live) const {
    const std::optional<AppliedMark> mark =
        applied_ ? applied_->Find(core::RefOf(wanted)) : std::nullopt;
    return mark && IsOlder(live, *mark) && clock_.SinceBoot() - mark->at < kViewLagMax &&
           mark->wanted_hash == core::ContentHash(wanted);
  }

  // An answer at a version that we knew already says that nothing came of it.
  ApplyResult ResultOf(const ObjectOutcome& outcome, const core::Value& answer) const {
    const std::string& version = VersionOf(answer);
    if (outcome.live && VersionOf(*outcome.live) == version) return ApplyResult::kUnchanged;
    const std::optional<AppliedMark> mark = applied_ ? applied_->Find(outcome.ref) : std::nullopt;
    if (mark && mark->resource_version == version) return ApplyResult::kUnchanged;
    return outcome.live ? ApplyResult::kUpdated : ApplyResult::kCreated;
  }

  static const std::string& VersionOf(const core::Value& body) {
    return body.StringAt("metadata", "resourceVersion");
  }

  void Fail(ObjectOutcome* outcome, const core::Error& error) {
    outcome->result = ApplyResult::kFailed;
    outcome->error = error;
    if (applied_) applied_->Forget(outcome->ref);  // it may have had effect
  }

  void Remember(const core::Value& wanted, const core::Value& live) {
    if (!applied_ || options_.dry_run) return;
    applied_->Remember(core::RefOf(wanted), {core::ContentHash(wanted), DigestOfManaged(live),
                                             VersionOf(live), clock_.SinceBoot()});
  }

  core::Result<std::shared_ptr<const core::Value>> LiveOf(const core::Value& wanted) {
    if (options_.live) return options_.live(core::RefOf(wanted));
    core::Result<core::Value> live =
        reader_.Get(TypeOf(wanted), core::NamespaceOf(wanted), core::NameOf(wanted), stop_);
    if (live) return std::make_shared<const core::Value>(std::move(*live));
    if (live.error().fault() == core::Fault::kNotFound) {
      return std::shared_ptr<const core::Value>();
    }
    return live.error();
  }

  // Why an object is not even tried.
  std::optional<core::Error> WhyNot(const core::Value& wanted) {
    const core::ObjectRef ref = core::RefOf(wanted);
    if (stop_.stop_requested()) return core::Cancelled("stopped before " + core::Show(ref));
    const std::lock_guard lock(mutex_);
    if (halted_) return halted_->In(core::Show(ref));
    if (lost_.contains({"", "Namespace", "", ref.namespace_name})) {
      return core::Unavailable(fmt::format("{}: namespace {} could not be applied", core::Show(ref),
                                           ref.namespace_name));
    }
    if (lost_.contains({ref.group, ref.kind, "", ""})) {
      return core::Unavailable(core::Show(ref) +
                               ": its CustomResourceDefinition is not established");
    }
    return std::nullopt;
  }

  // Namespaces and definitions that later objects need and that are not there.
  void NoteLost(size_t begin, size_t end) {
    const std::lock_guard lock(mutex_);
    for (size_t i = begin; i < end; ++i) {
      if (!outcomes_[i].error) continue;
      const core::Value& body = prepared_[i].body;
      if (outcomes_[i].ref.kind == "Namespace") lost_.insert(outcomes_[i].ref);
      if (IsDefinition(body)) lost_.insert(DefinedBy(body));
    }
  }

  void AwaitDefinitions(size_t begin, size_t end) {
    const core::BootTime until = clock_.SinceBoot() + options_.established_max;
    InParallel(end - begin, options_.parallel_max, [&](size_t i) {
      ObjectOutcome& outcome = outcomes_[begin + i];
      if (outcome.error) return;
      core::Status established = AwaitDefinition(prepared_[begin + i].body, &outcome, until);
      if (!established) Fail(&outcome, established.error().In(core::Show(outcome.ref)));
    });
  }

  // Until the server serves all of its versions.
  core::Status AwaitDefinition(const core::Value& wanted, ObjectOutcome* outcome,
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

  void Wait(core::Duration pause) const {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop_, pause, [] { return false; });
  }

  const Client client_;  // writes, on behalf of whom it was given for
  const Client reader_;  // reads, as ourselves
  Applied* const applied_;
  const core::Objects& prepared_;
  const ApplyOptions& options_;
  const std::stop_token stop_;
  const core::RealClock clock_;

  std::vector<ObjectOutcome> outcomes_;  // each is written by one thread

  std::mutex mutex_;
  std::optional<core::Error> halted_;  // guarded by mutex_
  std::set<core::ObjectRef> lost_;     // namespaces, and {group, kind} of definitions; guarded
};

Deployer::Deployer(Client client, Applied* applied)
    : client_(std::move(client)), applied_(applied) {}

core::Result<ApplyOutcome> Deployer::Apply(const core::Objects& objects,
                                           const ApplyOptions& options,
                                           std::stop_token stop) const {
  const core::Result<core::Objects> prepared = Prepare(objects, options, stop);
  if (!prepared) return prepared.error();
  ApplyOutcome outcome;
  outcome.inventory = InventoryOf(*prepared);
  outcome.objects = Run(*this, *prepared, options, stop).All();
  return outcome;
}

}  // namespace headgate::deploy
