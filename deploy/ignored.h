#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/object.h"
#include "core/result.h"
#include "core/sync_policy.h"
#include "core/value.h"
#include "deploy/plan/fields_v1.h"

namespace headgate::deploy {

// Who has the fields that were ours and are given up: left out alone, the API server would remove
// them (DESIGN section 7).
inline constexpr std::string_view kReleasedManager = "headgate-released";

// Fields that git does not govern: spec.sync.ignoreDifferences, and the replicas of workloads that
// an autoscaler moves. They are applied when an object is made, as values to begin with; after that
// they are neither compared nor applied. Safe to call from several threads.
class Ignored {
 public:
  explicit Ignored(std::vector<core::IgnoreRule> rules);

  const std::vector<core::IgnoreRule>& rules() const { return rules_; }
  bool Matches(const core::ObjectRef& ref) const;
  // Differs where what is ignored of it differs; "" where no rule is about it.
  std::string KeyOf(const core::ObjectRef& ref) const;

  // `wanted` without what is ignored. What cannot be left out, because it is inside a list that has
  // one owner as a whole, gets its live value instead; with `whole` (a PUT is to be sent) all does.
  // kInvalid names the rule that cannot be evaluated.
  core::Result<core::Value> Ours(const core::Value& wanted, const core::Value& live,
                                 bool whole = false) const;
  // The fields of `live` that are ignored and that we own; empty: there is nothing to hand over.
  core::Result<core::Value> GivenUp(const core::Value& live) const;

 private:
  std::vector<const core::IgnoreRule*> For(const core::ObjectRef& ref) const;
  core::Result<std::vector<FieldPath>> Paths(const core::ObjectRef& ref,
                                             const core::Value& body) const;

  const std::vector<core::IgnoreRule> rules_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::vector<FieldPath>> selected_;  // by jq; guarded by mutex_
};

// `wanted` without the leaves of a tree of fieldsV1, as Ignored::Ours leaves out.
core::Value Without(const core::Value& wanted, const core::Value& tree, const core::Value& live);

// What headgate-released is to apply, to have the fields of `given_up` beside those that it has.
core::Value HandOver(const core::Value& live, const core::Value& given_up);

// ContentHash of what is wanted and of what is ignored of it; `ignored` may be nullptr.
std::string WantedHash(const core::Value& wanted, const Ignored* ignored);

// spec.replicas of what the HorizontalPodAutoscalers (and KEDA's ScaledObjects) among the objects
// scale.
std::vector<core::IgnoreRule> ScaledByOthers(const core::Objects& objects);

// kInvalid where an expression of the rules cannot be read.
core::Status CheckIgnoreRules(const std::vector<core::IgnoreRule>& rules);

}  // namespace headgate::deploy
