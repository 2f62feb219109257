#pragma once

#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "core/clock.h"
#include "deploy/annotations/policy.h"
#include "deploy/apply.h"
#include "deploy/plan/migrate.h"

namespace headgate::deploy {

// One Apply: what its parallel requests share. apply_run.cc goes through the classes,
// apply_object.cc does one object.
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

  std::vector<ObjectOutcome> All();

 private:
  using Live = std::shared_ptr<const core::Value>;

  // One object.
  void One(size_t i);
  bool LeavesDrift(const core::Value& wanted, const core::Value& ours, ObjectOutcome* outcome);
  core::Status Migrate(const Policy& policy, ObjectOutcome* outcome);
  core::Result<core::Value> Ours(const core::Value& wanted, const Policy& policy,
                                 ObjectOutcome* outcome) const;
  std::optional<core::Error> NotNow(const ObjectOutcome& outcome) const;
  bool NeedsNothing(const core::Value& wanted, const core::Value& ours, const Policy& policy,
                    ObjectOutcome* outcome);
  bool MayWrite(ObjectOutcome* outcome);
  void Send(const core::Value& wanted, const core::Value& ours, const Policy& policy,
            ObjectOutcome* outcome);
  core::Result<core::Value> SendOnce(const core::Value& ours, const Policy& policy,
                                     const std::string& seen, ObjectOutcome* outcome);
  core::Result<core::Value> SendAgain(const core::Value& ours, const Policy& policy,
                                      core::Value answer, ObjectOutcome* outcome);
  core::Status GiveUp(const core::Value& live, ApplyRequest* request);
  core::Result<core::Value> Recreate(const core::Value& wanted, const core::Value& live);
  core::Status AwaitGone(const core::Value& live);
  core::Result<core::Value> WithHint(const core::Error& refusal, const core::ObjectRef& ref) const;
  const Ignored* IgnoredOf(const core::Value& wanted) const;
  bool JustApplied(const core::Value& wanted, const core::Value& live) const;
  ApplyResult ResultOf(const ObjectOutcome& outcome, const core::Value& answer) const;
  void Fail(ObjectOutcome* outcome, const core::Error& error);
  void FailUnsent(ObjectOutcome* outcome, const core::Error& error);
  void Remember(const core::Value& wanted, const core::Value& live);
  core::Result<Live> LiveOf(const core::Value& wanted, const Policy& policy);
  core::Result<Live> Read(const core::Value& wanted) const;
  core::Status CheckOwner(const core::Value& live);
  std::optional<core::Error> WhyNot(const core::Value& wanted);

  // What later classes need.
  void NoteLost(size_t begin, size_t end);
  void AwaitDefinitions(size_t begin, size_t end);
  core::Status AwaitDefinition(const core::Value& wanted, ObjectOutcome* outcome,
                               core::BootTime until);
  void Wait(core::Duration pause) const;

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

}  // namespace headgate::deploy
