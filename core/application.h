#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/render.h"
#include "core/result.h"
#include "core/value.h"

namespace headgate::core {

inline constexpr const char* kGroup = "headgate.dev";
inline constexpr const char* kApiVersion = "headgate.dev/v1alpha1";
inline constexpr const char* kSystemNamespace = "headgate-system";

// Labels and annotations that Headgate writes and reads.
inline constexpr const char* kTrackLabel =
    "headgate.dev/track";  // stable, canary; on pods without a router, and on variants
inline constexpr const char* kVariantLabel =
    "headgate.dev/variant";  // on every object that exists only for a trial
inline constexpr const char* kCandidateLabel =
    "headgate.dev/candidate";  // on a variant's pods: short gatedHash
inline constexpr const char* kGatedHashAnnotation =
    "headgate.dev/gated-hash";  // on gated workloads: what they run
inline constexpr const char* kPruneAnnotation = "headgate.dev/prune";
inline constexpr const char* kFinalizer =
    "headgate.dev/deletion";  // where deletionPolicy asks for it
inline constexpr const char* kPartOfLabel = "applyset.kubernetes.io/part-of";

// A team's own judgement of a kind's health, in Lua (docs/health.md).
struct HealthScript {
  std::string group;  // "*" stands for any text, here and in `kind`
  std::string kind;
  std::string lua;
  friend bool operator==(const HealthScript&, const HealthScript&) = default;
};
inline constexpr size_t kHealthScriptsMax = 32;
inline constexpr size_t kHealthScriptBytesMax = 32 * 1024;

// Which prunes wait for `headgate prune --confirm`.
enum class ConfirmPrunes { kRisky, kAll, kNone };
// What becomes of the objects when their Application is deleted.
enum class DeletionPolicy {
  kOrphan,  // they stay (the default)
  kDelete,  // they are deleted; the Application goes when that was accepted
  kWait,    // the same, and it goes when they are gone
};

// An Application as its users wrote it (DESIGN section 4), with defaults filled in.
struct Application {
  std::string name;
  std::string namespace_name;
  std::string uid;
  int64_t generation = 0;

  struct Source {
    std::string url;
    std::string branch = "main";
    std::string path;         // relative to the repository's root; "" is the root
    std::string secret_name;  // "" for none: keys as git::Credentials has them
    friend bool operator==(const Source&, const Source&) = default;
  } source;

  Render render;

  struct Destination {
    std::string
        namespace_name;  // where objects without a namespace go; default: the Application's own
    std::string service_account;  // impersonated for writes; "" only in headgate-system
    friend bool operator==(const Destination&, const Destination&) = default;
  } destination;

  struct Sync {
    Duration interval = std::chrono::seconds(30);
    bool prune = true;
    ConfirmPrunes confirm_prunes = ConfirmPrunes::kRisky;
    bool allow_empty = false;  // an empty rendering prunes all
    DeletionPolicy deletion_policy = DeletionPolicy::kOrphan;
    Duration timeout = std::chrono::minutes(5);  // progressing longer than this is Stalled
    std::vector<HealthScript> health;            // the first one for a kind counts
    friend bool operator==(const Sync&, const Sync&) = default;
  } sync;

  bool suspend = false;
};

// "namespace/name".
std::string FullName(const Application& application);

// kInvalid names the field: "spec.source.url is missing".
Result<Application> ParseApplication(const Value& body);

}  // namespace headgate::core
