#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "cli/apply_directory.h"
#include "cli/commands.h"
#include "cli/directory.h"
#include "cli/rollout_plan.h"
#include "cli/session.h"
#include "core/application.h"
#include "core/json.h"
#include "deploy/apply.h"
#include "git/mirrors.h"
#include "reconciler/source.h"

namespace headgate::cli {
namespace {

constexpr core::Duration kLookPause = std::chrono::milliseconds(500);

// What is to be applied, where to, and what is there of it by our inventory.
struct Target {
  core::Objects objects;
  deploy::Inventory inventory;
  deploy::ApplyOptions apply;
  bool prune = false;
  std::string first;                 // what comes before: see RolloutPlan
  std::vector<std::string> varying;  // what another rendering would make otherwise
};

std::filesystem::path CacheDir() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  if (cache && *cache) return std::filesystem::path(cache) / "headgate-cli";
  return std::filesystem::path(home && *home ? home : "/tmp") / ".cache" / "headgate-cli";
}

core::Result<Target> TargetOfDirectory(const std::string& directory,
                                       const std::string& destination) {
  core::Result<core::Objects> objects = RenderDirectory(directory);
  if (!objects) return objects.error();
  Target target;
  target.objects = std::move(*objects);
  target.apply.namespace_name = destination;
  target.apply.ignored =
      std::make_shared<const deploy::Ignored>(deploy::ScaledByOthers(target.objects));
  target.apply.set = deploy::ApplySetOf(
      {"", "Directory", destination, std::filesystem::canonical(directory).filename().string()});
  return target;
}

core::Result<Target> TargetOfApplication(const Session& session, const PlanOptions& options) {
  core::Result<core::Value> live = session.Application(options.application);
  if (!live) return live.error();
  core::Result<core::Application> app = core::ParseApplication(*live);
  if (!app) return app.error();
  core::Result<deploy::Inventory> inventory =
      deploy::InventoryFrom(core::Value(live->ListAt("status", "inventory")));
  if (!inventory) return inventory.error();
  const core::RealClock clock;
  git::Mirrors mirrors(CacheDir() / "mirrors", session.http(),
                       {.allow_file_urls = options.allow_file_urls});
  reconciler::Source source(&mirrors, session.client(), &clock);
  core::Result<std::string> revision = source.Newest(*app, Interrupted());
  if (!revision) return revision.error();
  core::Result<reconciler::Source::Wanted> wanted = source.At(*app, *revision, Interrupted());
  if (!wanted) return wanted.error();
  Target target;
  target.apply.namespace_name = app->destination.namespace_name;
  target.apply.set = deploy::ApplySetOf(core::RefOf(*live));
  target.prune = app->sync.prune;
  target.apply.confirm = app->sync.confirm_prunes;
  core::Result<core::Objects> prepared =
      deploy::Deployer(session.client(), nullptr)
          .Prepare(*wanted->objects, target.apply, Interrupted());
  if (!prepared) return prepared.error();
  core::Result<RolloutPlan> rollout =
      PlanRollout(session, *live, *inventory, wanted->revision, deploy::WithoutHooks(*prepared));
  if (!rollout) return rollout.error();
  target.objects = std::move(rollout->objects);
  for (core::Object& object : *prepared) {  // hooks are planned as such
    if (deploy::WithoutHooks({object}).empty()) target.objects.push_back(std::move(object));
  }
  core::Result<core::SyncPolicy> sync = core::ParseSyncPolicy(*live);
  if (!sync) return sync.error();
  std::vector<core::IgnoreRule> rules = std::move(sync->ignore_differences);
  target.apply.keep_conflicts = sync->conflicts == core::Conflicts::kKeep;
  for (core::IgnoreRule& rule : deploy::ScaledByOthers(target.objects)) {
    rules.push_back(std::move(rule));
  }
  target.apply.ignored = std::make_shared<const deploy::Ignored>(std::move(rules));
  target.first = std::move(rollout->first);
  target.inventory = std::move(*inventory);
  target.varying = std::move(wanted->varying);
  return target;
}

// Until the daemon has looked at git and what it found is live, or it says that it will not be.
core::Status WaitUntilSettled(const Session& session, const ApplyOptions& options) {
  const core::RealClock clock;
  const core::BootTime until = clock.SinceBoot() + options.timeout;
  std::string said;
  while (true) {
    core::Result<core::Value> live = session.Application(options.application);
    if (!live) return live.error();
    const std::string& summary = live->StringAt("status", "summary");
    if (summary != said) fmt::print("{}\n", summary);
    said = summary;
    for (const core::Value& condition : live->ListAt("status", "conditions")) {
      const bool here = condition.StringAt("status") == "True";
      if (condition.StringAt("type") == "Ready" && here) return core::Ok();
      if (condition.StringAt("type") == "Stalled" && here) return core::Invalid(summary);
    }
    if (Interrupted().stop_requested()) return core::Cancelled("interrupted");
    if (clock.SinceBoot() > until) {
      return core::Unavailable(
          fmt::format("not settled within {}: {}", core::Show(options.timeout), summary));
    }
    std::this_thread::sleep_for(kLookPause);
  }
}

}  // namespace

core::Result<int> Plan(const PlanOptions& options) {
  core::Result<std::unique_ptr<Session>> session = Session::Open(options.cluster);
  if (!session) return session.error();
  core::Result<Target> target = options.directory.empty()
                                    ? TargetOfApplication(**session, options)
                                    : TargetOfDirectory(options.directory, options.destination);
  if (!target) return target.error();
  deploy::Applied applied;
  const deploy::Deployer deployer((*session)->client(), &applied);
  core::Result<deploy::Plan> plan = deployer.PlanFor(
      target->objects, target->inventory, target->apply, target->prune, false, Interrupted());
  if (!plan) return plan.error();
  if (options.output == Output::kTable) {
    for (const std::string& line : target->varying) fmt::print("{}\n", line);
    if (!target->first.empty()) fmt::print("{}; then:\n", target->first);
    fmt::print("{}", deploy::Show(*plan));
  } else {
    core::Value shown = deploy::ToValue(*plan);
    if (!target->varying.empty()) {
      core::List lines(target->varying.begin(), target->varying.end());
      shown.AsMap()->Set("varying", std::move(lines));
    }
    if (!target->first.empty()) shown.AsMap()->Set("first", target->first);
    fmt::print("{}", ShowObject(std::move(shown), options.output));
  }
  return options.exit_code && !plan->empty() ? kDiffers : kDone;
}

core::Status Apply(const ApplyOptions& options) {
  core::Result<std::unique_ptr<Session>> session = Session::Open(options.cluster);
  if (!session) return session.error();
  if (options.directory.empty()) {
    const RequestOptions sync{options.cluster, "sync", options.application};
    if (core::Status asked = Request(sync); !asked) return asked;
    return WaitUntilSettled(**session, options);
  }
  return ApplyDirectory(**session, options);
}

}  // namespace headgate::cli
