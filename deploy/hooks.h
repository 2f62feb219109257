#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/object.h"
#include "core/result.h"
#include "core/value.h"
#include "deploy/annotations/policy.h"
#include "deploy/inventory.h"

namespace headgate::deploy {

// Hooks: objects of a bundle that are not part of what is deployed, but run at a point of its
// deployment, once for each bundle. All of this is pure; Deployer::StepHooks does what it says.

// On a live hook: which run it belongs to. One with another value is left over from an earlier one.
inline constexpr std::string_view kHookRunAnnotation = "headgate.dev/hook-run";

// How far the hooks of one bundle have come. Kept in status.hooks, so that a restart runs nothing
// again.
struct HookRun {
  std::string bundle;              // its hash; "" for none
  bool first = false;              // it is the first deployment of the application
  int64_t attempt = 0;             // raised when somebody asks to try again after a failure
  std::set<std::string> finished;  // "Pre Job shop/migrate"
  std::set<std::string> started;   // the same form: was there, and is not to be made twice
  std::string failed;              // what failed, and why; "" for nothing

  std::string Tag() const;  // value of kHookRunAnnotation
  // Begins again with what failed.
  void TryAgain();
  friend bool operator==(const HookRun&, const HookRun&) = default;
};
core::Value ToValue(const HookRun& run);
HookRun HookRunFrom(const core::Value& value);

// What is deployed of a bundle: neither hooks nor what is left out.
core::Objects WithoutHooks(const core::Objects& bundle);
bool HasHooks(const core::Objects& bundle);
// Of a bundle: kInvalid where an annotation of a hook cannot be read.
core::Status CheckHooks(const core::Objects& bundle);
// The hooks of a phase in the order of running: by weight (or wave), class of kind, name.
core::Objects HooksOf(const core::Objects& bundle, HookPhase phase, bool first_deployment);
// Namespaces and definitions of the bundle without which these hooks could not be made.
core::Objects GroundOf(const core::Objects& hooks, const core::Objects& bundle);

// What to do next.
struct HookMoves {
  core::Objects create;               // marked with the run
  Inventory remove;                   // left over from earlier runs, or over by their policy
  std::vector<std::string> started;   // seen to be there; for HookRun::started
  std::vector<std::string> finished;  // now; for HookRun::finished
  std::string failed;                 // "Pre hook Job shop/migrate failed: ..."; "" for nothing
  std::string waiting;                // "Pre hook Job shop/migrate: 0 of 1 pod completed"

  bool done() const;   // nothing to do and nothing to wait for
  bool moves() const;  // there is something to do
};

using LiveLookUp = std::function<std::shared_ptr<const core::Value>(const core::ObjectRef&)>;

// `wave_max`: only hooks up to this wave; nothing: all. A failed Fail hook counts as finished.
HookMoves NextHookMoves(const core::Objects& bundle, HookPhase phase, const HookRun& run,
                        const std::optional<int>& wave_max, const LiveLookUp& live);

}  // namespace headgate::deploy
