#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/object.h"
#include "core/value.h"
#include "deploy/plan/diff.h"

namespace headgate::deploy {

// Digest of the live values at the fields that `metadata.managedFields` says `manager` applied;
// walks fieldsV1 with its list keys (k:{...}), values (v:...) and indices (i:n). It moves when one
// of those values moves, when a field is gone, or when somebody took a field from us; a status
// update or another manager's field leaves it. "" where the manager owns nothing.
std::string DigestOfManaged(const core::Value& live, std::string_view manager = "headgate");

// Fields that `manager` applied to `live` and `wanted` has no more: they go with the next apply.
FieldDiffs OwnedButNotWanted(const core::Value& wanted, const core::Value& live,
                             std::string_view manager = "headgate");

// What an object was like right after our own apply of it.
struct AppliedMark {
  std::string wanted_hash;       // ContentHash of the body that was sent
  std::string managed_digest;    // DigestOfManaged of the answer
  std::string resource_version;  // of the answer
  core::BootTime at{};           // when

  friend bool operator==(const AppliedMark&, const AppliedMark&) = default;
};

// Whether a view of live objects, fed by a watch, has not yet seen what `mark` remembers: its
// resourceVersion is lower. False where they cannot be compared.
bool IsOlder(const core::Value& live, const AppliedMark& mark);

// The memory behind "nothing changed, so nothing is sent". In process only; one for each cluster.
// Safe to call from several threads.
class Applied {
 public:
  std::optional<AppliedMark> Find(const core::ObjectRef& ref) const;
  void Remember(const core::ObjectRef& ref, AppliedMark mark);
  void Forget(const core::ObjectRef& ref);
  size_t size() const;

 private:
  mutable std::mutex mutex_;
  std::map<core::ObjectRef, AppliedMark> marks_;  // guarded by mutex_
};

}  // namespace headgate::deploy
