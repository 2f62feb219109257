// Commands that change an Application itself.
#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "cli/commands.h"
#include "cli/session.h"
#include "core/application.h"

namespace headgate::cli {
namespace {

constexpr core::Duration kLookPause = std::chrono::milliseconds(300);

core::Status PatchApplication(const Session& session, const core::Value& live, core::Value patch) {
  const core::ObjectRef ref = core::RefOf(live);
  const core::Result<core::Value> patched = session.client().Patch(
      deploy::TypeOf(live), ref.namespace_name, ref.name, patch, {}, Interrupted());
  return patched ? core::Ok() : core::Status(patched.error());
}

// The policy and, where it asks for one, the finalizer: so that the daemon need not be first.
core::Value DeletionPatch(const core::Value& live, const std::string& policy) {
  core::List finalizers = live.ListAt("metadata", "finalizers");
  std::erase(finalizers, core::Value(core::kFinalizer));
  if (policy != "Orphan") finalizers.push_back(core::kFinalizer);
  return core::Map{
      {"metadata", core::Map{{"finalizers", std::move(finalizers)},
                             {"resourceVersion", live.StringAt("metadata", "resourceVersion")}}},
      {"spec", core::Map{{"sync", core::Map{{"deletionPolicy", policy}}}}}};
}

core::Status WaitUntilGone(const Session& session, const core::Value& deleted,
                           core::Duration timeout) {
  const core::RealClock clock;
  const core::BootTime until = clock.SinceBoot() + timeout;
  const core::ObjectRef ref = core::RefOf(deleted);
  std::string said;
  while (true) {
    const core::Result<core::Value> live =
        session.client().Get(deploy::TypeOf(deleted), ref.namespace_name, ref.name, Interrupted());
    if (!live && live.error().fault() == core::Fault::kNotFound) return core::Ok();
    if (!live) return live.error();
    if (live->StringAt("metadata", "uid") != deleted.StringAt("metadata", "uid")) return core::Ok();
    const std::string& summary = live->StringAt("status", "summary");
    if (summary.starts_with("Delet") && summary != said) fmt::print("{}\n", summary);
    said = summary;
    if (Interrupted().stop_requested()) return core::Cancelled("interrupted");
    if (clock.SinceBoot() > until) {
      return core::Unavailable(
          fmt::format("{} is still there after {}: {}", ref.name, core::Show(timeout), summary));
    }
    std::this_thread::sleep_for(kLookPause);
  }
}

}  // namespace

core::Status Suspend(const ChangeOptions& options, bool suspend) {
  core::Result<std::unique_ptr<Session>> session = Session::Open(options.cluster);
  if (!session) return session.error();
  core::Result<core::Value> live = (*session)->Application(options.application);
  if (!live) return live.error();
  const char* state = suspend ? "suspended" : "syncing";
  if (live->BoolAt(false, "spec", "suspend") == suspend) {
    fmt::print("{}: {} already\n", core::NameOf(*live), state);
    return core::Ok();
  }
  core::Value patch = core::Map{{"spec", core::Map{{"suspend", suspend}}}};
  if (core::Status patched = PatchApplication(**session, *live, std::move(patch)); !patched)
    return patched;
  fmt::print("{}: {}\n", core::NameOf(*live), state);
  return core::Ok();
}

core::Status Prune(const ChangeOptions& options, bool confirm) {
  core::Result<std::unique_ptr<Session>> session = Session::Open(options.cluster);
  if (!session) return session.error();
  core::Result<core::Value> live = (*session)->Application(options.application);
  if (!live) return live.error();
  const core::List& waiting = live->ListAt("status", "prune", "waiting");
  if (waiting.empty()) {
    fmt::print("{}: nothing waits to be pruned\n", core::NameOf(*live));
    return core::Ok();
  }
  for (const core::Value& each : waiting) {
    if (each.AsString()) fmt::print("- {}\n", *each.AsString());
  }
  if (!confirm) {
    fmt::print("to delete these: headgate prune {} --confirm\n", options.application);
    return core::Ok();
  }
  RequestOptions request{options.cluster, "prune", options.application};
  request.about = live->StringAt("status", "prune", "token");
  return Request(request);
}

core::Status Delete(const ChangeOptions& options, const std::string& policy) {
  core::Result<std::unique_ptr<Session>> session = Session::Open(options.cluster);
  if (!session) return session.error();
  core::Result<core::Value> live = (*session)->Application(options.application);
  if (!live) return live.error();
  if (!policy.empty()) {
    core::Status patched = PatchApplication(**session, *live, DeletionPatch(*live, policy));
    if (!patched) return patched;
  }
  const std::string& own = live->StringAt("spec", "sync", "deletionPolicy");
  const std::string by = !policy.empty() ? policy : own.empty() ? "Orphan" : own;
  const core::ObjectRef ref = core::RefOf(*live);
  const core::Status deleted =
      (*session)->client().Delete(deploy::TypeOf(*live), ref.namespace_name, ref.name,
                                  {.uid = live->StringAt("metadata", "uid")}, Interrupted());
  if (!deleted) return deleted;
  if (core::Status gone = WaitUntilGone(**session, *live, options.timeout); !gone) return gone;
  fmt::print("{} deleted; its objects {}\n", ref.name,
             by == "Orphan" ? "stay"
             : by == "Wait" ? "are gone"
                            : "are being deleted");
  return core::Ok();
}

}  // namespace headgate::cli
