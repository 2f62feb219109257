#include "cli/session.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <csignal>
#include <thread>

#include "core/application.h"
#include "core/json.h"
#include "deploy/inventory.h"
#include "deploy/kube/kubeconfig.h"
#include "net/http.h"
#include "templating/yaml/yaml.h"

namespace headgate::cli {
namespace {

deploy::Type ApplicationType() { return {core::kApiVersion, "Application"}; }

}  // namespace

std::stop_token Interrupted() {
  // Never destroyed: the thread that waits outlives main().
  static std::stop_source& stop = *new std::stop_source;
  static const bool waiting = [] {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // inherited by all threads made from now on
    std::thread([signals] {
      int which = 0;
      sigwait(&signals, &which);
      stop.request_stop();
    }).detach();
    return true;
  }();
  (void)waiting;
  return stop.get_token();
}

Session::Session(std::unique_ptr<net::Http> http, deploy::Client client, ClusterOptions options)
    : http_(std::move(http)), client_(std::move(client)), options_(std::move(options)) {}
Session::~Session() = default;

core::Result<std::unique_ptr<Session>> Session::Open(const ClusterOptions& options) {
  Interrupted();  // before any thread is made
  core::Result<deploy::Cluster> cluster = deploy::FindCluster(options.kubeconfig, options.context);
  if (!cluster) return cluster.error();
  auto http = std::make_unique<net::Http>();
  deploy::Client client(std::move(*cluster), http.get());
  return std::unique_ptr<Session>(new Session(std::move(http), std::move(client), options));
}

core::ObjectRef Session::ApplicationRef(const std::string& argument) const {
  const size_t slash = argument.find('/');
  if (slash == std::string::npos)
    return {core::kGroup, "Application", options_.namespace_name, argument};
  return {core::kGroup, "Application", argument.substr(0, slash), argument.substr(slash + 1)};
}

core::Result<core::Value> Session::Application(const std::string& argument) const {
  const core::ObjectRef ref = ApplicationRef(argument);
  core::Result<core::Value> live =
      client_.Get(ApplicationType(), ref.namespace_name, ref.name, Interrupted());
  if (live || live.error().fault() != core::Fault::kNotFound) return live;
  core::Result<deploy::ListAnswer> all =
      client_.List(ApplicationType(), {.namespace_name = ref.namespace_name}, Interrupted());
  if (!all) return live;  // the CRD is missing, say: its text says so
  std::vector<std::string> names;
  for (const core::Value& each : all->items) names.push_back(core::NameOf(each));
  return core::NotFound(
      fmt::format("there is no Application {} in namespace {}; {}", ref.name, ref.namespace_name,
                  names.empty() ? std::string("it has none; see --namespace")
                                : fmt::format("there are: {}", fmt::join(names, ", "))));
}

core::Result<std::optional<core::Value>> Session::RolloutOf(const core::Value& application) const {
  core::Result<deploy::Inventory> inventory =
      deploy::InventoryFrom(core::Value(application.ListAt("status", "inventory")));
  if (!inventory) return inventory.error();
  const auto rollout =
      std::find_if(inventory->begin(), inventory->end(), [](const deploy::InventoryItem& item) {
        return item.ref.group == core::kGroup && item.ref.kind == "Rollout";
      });
  if (rollout == inventory->end()) return std::optional<core::Value>();
  core::Result<core::Value> live =
      client_.Get({deploy::ApiVersionOf(*rollout), "Rollout"}, rollout->ref.namespace_name,
                  rollout->ref.name, Interrupted());
  if (!live) return live.error();
  return std::optional(std::move(*live));
}

std::string ShowObject(core::Value body, Output output) {
  const auto strip = [](core::Value* object) {
    if (core::Value* metadata = object->Find("metadata"); metadata && metadata->AsMap()) {
      metadata->AsMap()->Erase("managedFields");
    }
  };
  strip(&body);
  if (core::Value* items = body.Find("items"); items && items->AsList()) {
    for (core::Value& item : *items->AsList()) strip(&item);
  }
  return output == Output::kJson ? core::ToPrettyJson(body) + "\n" : templating::PrintYaml(body);
}

std::string ShowTable(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    for (size_t i = 0; i + 1 < row.size(); ++i) text += fmt::format("{:<{}}  ", row[i], widths[i]);
    text += row.back() + "\n";
  }
  return text;
}

std::string ShowAge(const std::string& time, core::Time now) {
  const core::Result<core::Time> then = core::ParseTime(time);
  if (!then) return "";
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - *then).count();
  if (seconds < 120) return fmt::format("{}s", std::max<int64_t>(seconds, 0));
  if (seconds < 2 * 3600) return fmt::format("{}m", seconds / 60);
  if (seconds < 2 * 86400) return fmt::format("{}h", seconds / 3600);
  return fmt::format("{}d", seconds / 86400);
}

}  // namespace headgate::cli
