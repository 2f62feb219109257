#include <fmt/format.h>
#include <malloc.h>
#include <spdlog/formatter.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "cli/commands.h"
#include "cli/session.h"
#include "core/json.h"
#include "deploy/kube/client.h"
#include "deploy/kube/kubeconfig.h"
#include "git/mirrors.h"
#include "net/http.h"
#include "reconciler/daemon.h"

namespace headgate::cli {
namespace {

// One JSON object a line; spdlog leaves quoting to a formatter of one's own.
class JsonLine : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const core::Value line = core::Map{
        {"time", core::ShowMicro(std::chrono::time_point_cast<core::Duration>(message.time))},
        {"level", std::string_view(spdlog::level::to_string_view(message.level).data())},
        {"message", std::string_view(message.payload.data(), message.payload.size())}};
    const std::string text = core::ToJson(line) + "\n";
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<JsonLine>(); }
};

core::Status SetUpLog(const RunOptions& options) {
  const spdlog::level::level_enum level = spdlog::level::from_str(options.log_level);
  if (level == spdlog::level::off && options.log_level != "off") {
    return core::Invalid("--log-level " + options.log_level +
                         " is not known; expected debug, info, warning or error");
  }
  spdlog::set_level(level);
  if (options.log_format == "json") {
    spdlog::set_formatter(std::make_unique<JsonLine>());
  } else if (options.log_format == "text") {
    spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
  } else {
    return core::Invalid("--log-format " + options.log_format +
                         " is not known; expected text or json");
  }
  return core::Ok();
}

// Each thread that waits for a server would keep a heap of its own, mostly empty.
constexpr int kHeaps = 2;

std::string HostName() {
  char name[256] = {};
  gethostname(name, sizeof name - 1);
  return name;
}

}  // namespace

core::Status Run(const RunOptions& options) {
  const std::stop_token stop = Interrupted();  // before any thread is made
  std::signal(SIGPIPE, SIG_IGN);
  mallopt(M_ARENA_MAX, kHeaps);
  if (core::Status log = SetUpLog(options); !log) return log;
  core::Result<deploy::Cluster> cluster =
      deploy::FindCluster(options.cluster.kubeconfig, options.cluster.context);
  if (!cluster) return cluster.error();
  std::error_code error;
  std::filesystem::create_directories(options.state_dir, error);
  if (error) return core::Invalid(fmt::format("--data {}: {}", options.state_dir, error.message()));

  reconciler::DaemonOptions daemon;
  daemon.listen = options.listen;
  daemon.prometheus = options.prometheus;
  daemon.namespace_name = options.cluster.namespace_name;
  daemon.identity =
      options.identity.empty() ? fmt::format("{}-{}", HostName(), getpid()) : options.identity;
  daemon.workers = options.workers;
  const core::RealClock clock;
  net::Http http;
  git::Mirrors mirrors(std::filesystem::path(options.state_dir) / "mirrors", &http,
                       {.allow_file_urls = options.allow_file_urls,
                        .public_addresses_only = !options.allow_private_addresses,
                        .clock = &clock});
  return reconciler::RunDaemon(deploy::Client(std::move(*cluster), &http), &mirrors, daemon, &clock,
                               stop);
}

}  // namespace headgate::cli
