#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/fields.h"
#include "core/result.h"
#include "core/value.h"

namespace headgate::core {

// Fields that git does not govern, as in Argo CD's ignoreDifferences.
struct IgnoreRule {
  // Which objects; "*" stands for any text. No group: any, "": the core group. The others empty:
  // any.
  std::optional<std::string> group;
  std::string kind;
  std::string name;
  std::string namespace_name;
  std::vector<std::string> json_pointers;  // RFC 6901
  std::vector<std::string> jq_paths;
  std::vector<std::string> managers;  // fields that these field managers own
  friend bool operator==(const IgnoreRule&, const IgnoreRule&) = default;
};
inline constexpr size_t kIgnoreRulesMax = 100;
inline constexpr size_t kIgnorePathsMax = 100;  // of each sort in one rule

// What happens to fields of ours that another field manager has set to something else.
enum class Conflicts { kTake, kKeep };

// How often what failed is tried again, while nothing says that it could succeed earlier.
struct Retry {
  std::optional<int64_t> limit;  // of tries of one commit; nothing: no limit
  Duration initial = std::chrono::milliseconds(500);
  double factor = 2;
  Duration max = std::chrono::minutes(3);
  friend bool operator==(const Retry&, const Retry&) = default;
};

// Another Application that comes first.
struct Dependency {
  std::string name;
  std::string namespace_name;
  std::string condition;  // of its status; "Ready" means: at its newest revision
  friend bool operator==(const Dependency&, const Dependency&) = default;
};
inline constexpr size_t kDependenciesMax = 100;

// How an Application is kept equal to git where others write, too: parts of its spec.sync, and
// spec.dependsOn. What else its spec has is core::Application.
struct SyncPolicy {
  std::vector<IgnoreRule> ignore_differences;
  bool self_heal = true;  // what somebody edits by hand is put back
  Conflicts conflicts = Conflicts::kTake;
  Retry retry;
  std::vector<Dependency> depends_on;
  friend bool operator==(const SyncPolicy&, const SyncPolicy&) = default;
};

// Of a whole Application. kInvalid names the field.
Result<SyncPolicy> ParseSyncPolicy(const Value& body);
// The same for whoever reads the rest of spec and spec.sync, too; errors go to their Reading.
SyncPolicy ReadSyncPolicy(Fields* spec, Fields* sync, const std::string& own_namespace);

}  // namespace headgate::core
