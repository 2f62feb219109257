// What explains an Application without changing it: tree, events, diff.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cli/commands.h"
#include "cli/deployed.h"
#include "cli/rollout_plan.h"
#include "cli/session.h"
#include "core/application.h"
#include "core/hash.h"
#include "deploy/apply.h"
#include "deploy/batches.h"
#include "deploy/records.h"

namespace headgate::cli {
namespace {

// Whose events are shown.
struct Wanted {
  std::set<std::string> uids;
  std::set<std::string> namespaces;
};

void Collect(const std::vector<Deployed>& objects, Wanted* wanted) {
  for (const Deployed& each : objects) {
    if (each.live) wanted->uids.insert(each.live->StringAt("metadata", "uid"));
    if (!each.ref.namespace_name.empty()) wanted->namespaces.insert(each.ref.namespace_name);
    Collect(each.children, wanted);
  }
}

// When it happened last, as events of both kinds say it.
std::string TimeOf(const core::Value& event) {
  for (const std::string* time :
       {&event.StringAt("series", "lastObservedTime"), &event.StringAt("lastTimestamp"),
        &event.StringAt("eventTime"), &event.StringAt("metadata", "creationTimestamp")}) {
    if (!time->empty()) return *time;
  }
  return {};
}

std::string Times(const core::Value& event) {
  const int64_t count = std::max(event.IntAt(1, "count"), event.IntAt(1, "series", "count"));
  return count > 1 ? fmt::format(" ({} times)", count) : "";
}

core::Result<std::vector<core::Value>> ReadEvents(const Session& session,
                                                  const core::Value& application) {
  core::Result<std::vector<Deployed>> objects = ReadDeployed(session, application);
  if (!objects) return objects.error();
  Wanted wanted{{application.StringAt("metadata", "uid")}, {core::NamespaceOf(application)}};
  Collect(*objects, &wanted);
  std::vector<core::Value> events;
  for (const std::string& name : wanted.namespaces) {
    core::Result<deploy::ListAnswer> answer =
        session.client().List({"v1", "Event"}, {.namespace_name = name}, Interrupted());
    if (!answer) return answer.error();
    for (core::Value& event : answer->items) {
      if (wanted.uids.contains(event.StringAt("involvedObject", "uid"))) {
        events.push_back(std::move(event));
      }
    }
  }
  std::stable_sort(events.begin(), events.end(), [](const core::Value& a, const core::Value& b) {
    return TimeOf(a) < TimeOf(b);
  });
  return events;
}

// The newest release, as its record has it.
core::Result<core::BundleRecord> NewestRelease(const Session& session,
                                               const core::Value& application) {
  const deploy::Records records(session.client(), application);
  core::Result<std::vector<deploy::RecordHeader>> headers = records.List(Interrupted());
  if (!headers) return headers.error();
  if (headers->empty() || headers->front().number == 0) {
    return core::NotFound(
        fmt::format("{} has no release yet, so nothing can differ from it; "
                    "headgate plan compares with git",
                    core::NameOf(application)));
  }
  return records.Read(headers->front().number, Interrupted());
}

}  // namespace

core::Status Tree(const GetOptions& options) {
  core::Result<std::unique_ptr<Session>> session = Session::Open(options.cluster);
  if (!session) return session.error();
  core::Result<core::Value> application = (*session)->Application(options.application);
  if (!application) return application.error();
  core::Result<std::vector<Deployed>> objects = ReadDeployed(**session, *application);
  if (!objects) return objects.error();
  fmt::print("{}", options.output == Output::kTable
                       ? ShowTree(*application, *objects)
                       : ShowObject(ToValue(*objects), options.output));
  return core::Ok();
}

core::Status Events(const GetOptions& options) {
  core::Result<std::unique_ptr<Session>> session = Session::Open(options.cluster);
  if (!session) return session.error();
  core::Result<core::Value> application = (*session)->Application(options.application);
  if (!application) return application.error();
  core::Result<std::vector<core::Value>> events = ReadEvents(**session, *application);
  if (!events) return events.error();
  if (options.output != Output::kTable) {
    const core::Value list = core::Map{{"apiVersion", "v1"},
                                       {"kind", "List"},
                                       {"items", core::List(events->begin(), events->end())}};
    fmt::print("{}", ShowObject(list, options.output));
    return core::Ok();
  }
  if (events->empty()) {
    fmt::print(stderr, "no events are kept of {} or its objects\n", core::NameOf(*application));
    return core::Ok();
  }
  const core::Time now = core::RealClock().Now();
  std::vector<std::vector<std::string>> rows = {{"AGE", "TYPE", "REASON", "OBJECT", "MESSAGE"}};
  for (const core::Value& event : *events) {
    std::string message = event.StringAt("message");
    std::replace(message.begin(), message.end(), '\n', ' ');
    rows.push_back({ShowAge(TimeOf(event), now), event.StringAt("type"), event.StringAt("reason"),
                    fmt::format("{} {}", event.StringAt("involvedObject", "kind"),
                                event.StringAt("involvedObject", "name")),
                    message + Times(event)});
  }
  fmt::print("{}", ShowTable(rows));
  return core::Ok();
}

core::Result<int> Diff(const DiffOptions& options) {
  core::Result<std::unique_ptr<Session>> opened = Session::Open(options.cluster);
  if (!opened) return opened.error();
  const Session& session = **opened;
  core::Result<core::Value> live = session.Application(options.application);
  if (!live) return live.error();
  core::Result<core::Application> app = core::ParseApplication(*live);
  if (!app) return app.error();
  core::Result<core::BundleRecord> record = NewestRelease(session, *live);
  if (!record) return record.error();
  core::Result<deploy::Inventory> inventory =
      deploy::InventoryFrom(core::Value(live->ListAt("status", "inventory")));
  if (!inventory) return inventory.error();

  deploy::Applied applied;
  const deploy::Deployer deployer(session.client(), &applied);
  deploy::ApplyOptions apply;
  apply.namespace_name = app->destination.namespace_name;
  apply.set = deploy::ApplySetOf(core::RefOf(*live));
  core::Result<core::Objects> prepared =
      deployer.Prepare(record->bundle.objects, apply, Interrupted());
  if (!prepared) return prepared.error();
  core::Result<RolloutPlan> stable = PlanRollout(
      session, *live, *inventory, record->bundle.revision, deploy::WithoutHooks(*prepared));
  if (!stable) return stable.error();
  core::Result<deploy::Plan> plan =
      deployer.PlanFor(stable->objects, *inventory, apply, false, false, Interrupted());
  if (!plan) return plan.error();
  if (options.output == Output::kTable) {
    fmt::print("what would mend the difference from release {} ({}):\n{}", record->number,
               core::Short(record->bundle.revision, 7), deploy::Show(*plan));
  } else {
    core::Value shown = deploy::ToValue(*plan);
    shown.AsMap()->Set("release", record->number);
    fmt::print("{}", ShowObject(std::move(shown), options.output));
  }
  return options.exit_code && !plan->empty() ? kDiffers : kDone;
}

}  // namespace headgate::cli
