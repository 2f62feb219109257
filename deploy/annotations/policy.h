#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/object.h"
#include "core/result.h"
#include "core/value.h"

namespace headgate::deploy {

// What annotations on one object say about how it is deployed: Headgate's own, and those that teams
// already have in git for Argo CD, Flux, Helm, kapp and kpt, with the meaning that they have there.
// docs/reference/annotations.md is the table for people.

inline constexpr std::string_view kApplyAnnotation = "headgate.dev/apply";
inline constexpr std::string_view kDependsOnAnnotation = "config.kubernetes.io/depends-on";

enum class ApplyMode {
  kOverride,      // the default: our fields are made what git says
  kMerge,         // the same, but fields that other tools' applies left behind stay
  kIfNotPresent,  // created where it is missing, never changed
  kIgnore,        // neither created nor changed nor pruned
  kReplace,       // the whole object is written, fields of others go
  kRecreate,      // deleted and made anew where the server says that a field is immutable
};
std::string_view Show(ApplyMode mode);  // "Override", ...

enum class HookPhase { kPre, kSync, kPost, kFail, kPreDelete, kPostDelete };
std::string_view Show(HookPhase phase);  // "Pre", ...

// An object that is no part of what is deployed, but runs at a point of a deployment.
struct Hook {
  // When: a phase, and in it the first deployment of an application, later ones, or both (Helm's
  // install and upgrade; all other hooks run on both).
  struct Occasion {
    bool first = false;
    bool later = false;
    friend bool operator==(const Occasion&, const Occasion&) = default;
  };
  std::map<HookPhase, Occasion> phases;
  bool one_by_one = false;  // Helm's: each waits for the one before it, also at equal weight

  // What happens to it. Where nothing is said: deleted before it is created the next time.
  bool delete_before = true;
  bool delete_when_done = false;
  bool delete_when_failed = false;

  bool RunsAt(HookPhase phase, bool first_deployment) const;
  friend bool operator==(const Hook&, const Hook&) = default;
};

enum class MayPrune { kYes, kConfirmed, kNo };

struct Policy {
  ApplyMode apply = ApplyMode::kOverride;
  bool left_out = false;    // never applied, as if it were not in git: Argo CD's Skip, Helm's tests
  std::optional<int> wave;  // also a hook's weight; nothing: 0
  std::optional<Hook> hook;
  MayPrune prune = MayPrune::kYes;                    // when it is no longer in git
  MayPrune delete_with_application = MayPrune::kYes;  // when the Application is deleted
  bool prune_last = false;                            // after all others
  bool ignore_extraneous = false;  // where it is no longer wanted and kept, nobody is told
  std::vector<core::ObjectRef> depends_on;
  // kapp: groups that it is a member of; groups that it comes after, and before.
  std::vector<std::string> groups, after, before;

  friend bool operator==(const Policy&, const Policy&) = default;
};

// kInvalid names the annotation, what was expected and what was found. Values of other tools that
// have no meaning for us (ServerSideApply=true: it is always so) are passed over.
core::Result<Policy> PolicyOf(const core::Value& body);

// Whether it is a hook or is left out, without reading all of its policy.
bool MayBeHook(const core::Value& body);
// What may happen to a live object: what of it cannot be read forbids.
MayPrune MayPruneLive(const core::Value& live);
MayPrune MayDeleteLive(const core::Value& live);
// Whether somebody has put into a live object that it is to be left alone (Ignore; Flux's
// reconcile: disabled).
bool IsLeftAlone(const core::Value& live);

}  // namespace headgate::deploy
