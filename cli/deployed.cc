#include "cli/deployed.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <set>

#include "deploy/explain.h"
#include "deploy/health/script.h"
#include "deploy/inventory.h"
#include "deploy/parallel.h"

namespace headgate::cli {
namespace {

constexpr int kParallelMax = 16;
// What controllers make of workloads, from above to below.
const deploy::Type kMade[] = {{"apps/v1", "ReplicaSet"}, {"batch/v1", "Job"}, {"v1", "Pod"}};

using Values = std::vector<std::shared_ptr<const core::Value>>;
using ByOwner = std::multimap<std::string, std::shared_ptr<const core::Value>>;  // by its uid

core::Result<Values> ReadLive(const Session& session, const deploy::Inventory& inventory) {
  Values live(inventory.size());
  std::mutex mutex;
  std::optional<core::Error> failed;
  deploy::InParallel(inventory.size(), kParallelMax, [&](size_t i) {
    const core::ObjectRef& ref = inventory[i].ref;
    core::Result<core::Value> body =
        session.client().Get({deploy::ApiVersionOf(inventory[i]), ref.kind}, ref.namespace_name,
                             ref.name, Interrupted());
    const std::lock_guard lock(mutex);
    if (body) {
      live[i] = std::make_shared<const core::Value>(std::move(*body));
    } else if (body.error().fault() != core::Fault::kNotFound && !failed) {
      failed = body.error();
    }
  });
  if (failed) return *failed;
  return live;
}

core::Result<ByOwner> ReadMade(const Session& session, const Values& live) {
  std::set<std::string> namespaces;
  for (const auto& each : live) {
    if (each && core::PodTemplateOf(*each)) namespaces.insert(core::NamespaceOf(*each));
  }
  ByOwner made;
  for (const std::string& name : namespaces) {
    for (const deploy::Type& type : kMade) {
      core::Result<deploy::ListAnswer> answer =
          session.client().List(type, {.namespace_name = name}, Interrupted());
      if (!answer) return answer.error();
      for (core::Value& item : answer->items) {
        const auto shared = std::make_shared<const core::Value>(std::move(item));
        for (const core::Value& owner : shared->ListAt("metadata", "ownerReferences")) {
          if (owner.BoolAt(false, "controller")) made.emplace(owner.StringAt("uid"), shared);
        }
      }
    }
  }
  return made;
}

Deployed Build(const core::ObjectRef& ref, std::shared_ptr<const core::Value> live,
               const ByOwner& made, const deploy::HealthScripts& scripts, int depth) {
  Deployed built{ref, live, {deploy::HealthCode::kMissing, "not in the cluster"}, {}};
  if (!live) return built;
  built.health = deploy::AssessHealth(*live, scripts);
  const auto [begin, end] = made.equal_range(live->StringAt("metadata", "uid"));
  for (auto each = begin; each != end && depth > 0; ++each) {
    Deployed child = Build(core::RefOf(*each->second), each->second, made, scripts, depth - 1);
    const bool old = child.ref.kind == "ReplicaSet" && child.children.empty() &&
                     child.live->IntAt(0, "spec", "replicas") == 0;
    if (!old) built.children.push_back(std::move(child));
  }
  std::sort(built.children.begin(), built.children.end(),
            [](const Deployed& a, const Deployed& b) { return a.ref < b.ref; });
  return built;
}

void ShowInto(const Deployed& object, const std::string& indent, bool last, std::string* text) {
  const std::string name = indent.empty() || object.ref.namespace_name.empty()
                               ? core::Show(object.ref)
                               : fmt::format("{} {}", object.ref.kind, object.ref.name);
  *text +=
      fmt::format("{}{}{}  {}\n", indent, last ? "└─ " : "├─ ", name, deploy::Show(object.health));
  for (size_t i = 0; i < object.children.size(); ++i) {
    ShowInto(object.children[i], indent + (last ? "   " : "│  "), i + 1 == object.children.size(),
             text);
  }
}

}  // namespace

core::Result<std::vector<Deployed>> ReadDeployed(const Session& session,
                                                 const core::Value& application) {
  const core::Time now = core::RealClock().Now();
  core::Result<deploy::Inventory> inventory =
      deploy::InventoryFrom(core::Value(application.ListAt("status", "inventory")));
  if (!inventory) return inventory.error();
  // An Application that is wrong still has objects; they are judged without its scripts.
  core::Result<core::Application> app = core::ParseApplication(application);
  const deploy::HealthScripts scripts = app ? app->sync.health : deploy::HealthScripts();
  core::Result<Values> live = ReadLive(session, *inventory);
  if (!live) return live.error();
  core::Result<ByOwner> made = ReadMade(session, *live);
  if (!made) return made.error();
  constexpr int kDepthMax = 3;  // CronJob, Job, Pod
  std::vector<Deployed> objects;
  for (size_t i = 0; i < inventory->size(); ++i) {
    objects.push_back(Build((*inventory)[i].ref, (*live)[i], *made, scripts, kDepthMax));
    if (Deployed& top = objects.back(); top.live) {
      top.health = deploy::Explained(session.client(), *top.live, top.health, now, Interrupted());
    }
  }
  return objects;
}

deploy::Health WorstOf(const std::vector<Deployed>& objects) {
  deploy::Health worst;
  for (const Deployed& each : objects) {
    if (each.health.code == worst.code ||
        deploy::Worse(each.health.code, worst.code) != each.health.code) {
      continue;
    }
    worst = {each.health.code, core::Show(each.ref) + ": " + each.health.why};
  }
  return worst;
}

std::string ShowTree(const core::Value& application, const std::vector<Deployed>& objects) {
  std::string text = fmt::format("{}  {}\n", core::Show(core::RefOf(application)),
                                 deploy::Show(WorstOf(objects).code));
  for (size_t i = 0; i < objects.size(); ++i) {
    ShowInto(objects[i], "", i + 1 == objects.size(), &text);
  }
  return text;
}

core::Value ToValue(const std::vector<Deployed>& objects) {
  core::List list;
  for (const Deployed& each : objects) {
    core::Map map;
    map.Append("group", each.ref.group);
    map.Append("kind", each.ref.kind);
    if (!each.ref.namespace_name.empty()) map.Append("namespace", each.ref.namespace_name);
    map.Append("name", each.ref.name);
    map.Append("status", deploy::Show(each.health.code));
    map.Append("message", each.health.why);
    if (!each.children.empty()) map.Append("children", ToValue(each.children));
    list.push_back(std::move(map));
  }
  return list;
}

}  // namespace headgate::cli
