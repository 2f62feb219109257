#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"

namespace headgate::templating::kustomize {
class Remotes;
}
namespace headgate::templating::helm {
class ChartSources;
}

namespace headgate::cli {

// Exit codes of every command.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;
inline constexpr int kDiffers = 3;  // `plan --exit-code` where there is something to change
inline constexpr int kWaits = 4;    // `health --exit-code`: something is not ready yet
inline constexpr int kSick = 5;     // `health --exit-code`: something is degraded, or worse

enum class Output { kTable, kJson, kYaml };

// Which cluster, and where Applications are looked for.
struct ClusterOptions {
  std::string kubeconfig;  // "": $KUBECONFIG, the pod's own account, ~/.kube/config
  std::string context;
  std::string namespace_name = "headgate-system";
};

struct RunOptions {
  ClusterOptions cluster;
  std::string state_dir = "/var/lib/headgate";
  std::string listen = "127.0.0.1:8080";
  std::string prometheus;
  std::string identity;  // "": host name and process id
  int workers = 16;
  bool allow_file_urls = false;
  bool allow_private_addresses = false;
  std::string log_format = "text";  // or json
  std::string log_level = "info";
};
core::Status Run(const RunOptions& options);

struct InstallOptions {
  ClusterOptions cluster;
  bool apply = false;  // else print
  bool crds_only = false;
};
core::Status Install(const InstallOptions& options);

// As `kustomize build` has them.
struct BuildOptions {
  std::string directory = ".";
  std::string output;   // a file, or a directory that is there; "": standard output
  std::string compare;  // a program to compare with; "": none
  std::string reorder;  // legacy or none; "": not asked, legacy
  std::string load_restrictor = "LoadRestrictionsRootOnly";  // or LoadRestrictionsNone
  std::vector<std::string> allow_remote;                     // hosts
  bool plain = false;  // a directory without a kustomization, as the daemon takes it
  bool managed_by_label = false;
  bool enable_helm = false;
  std::string helm_command, helm_kube_version;
  std::vector<std::string> helm_api_versions;
  bool helm_debug = false;
  // For plugins that run programs. Taken, so that scripts need not change; nothing is ever run.
  bool enable_alpha_plugins = false, enable_exec = false, as_current_user = false, network = false;
  std::string network_name;
  std::vector<std::string> env, mounts;
};
// `remotes` and `charts` fetch what --allow-remote lets; nullptr: nothing is fetched.
core::Status Build(const BuildOptions& options, templating::kustomize::Remotes* remotes,
                   templating::helm::ChartSources* charts);

// Makes what finds charts at these hosts.
using MakeCharts =
    std::shared_ptr<templating::helm::ChartSources> (*)(const std::vector<std::string>& hosts);

// `headgate template`; the arguments behind its name, as Helm's users write them. Without `charts`
// nothing is fetched.
core::Result<int> Template(const std::vector<std::string>& arguments, MakeCharts charts = nullptr);

// Of an Application, or of a directory without one.
struct PlanOptions {
  ClusterOptions cluster;
  std::string application;
  std::string directory;    // -f
  std::string destination;  // --into: namespace of what names none, with -f
  bool exit_code = false;
  bool allow_file_urls = false;
  Output output = Output::kTable;
};
core::Result<int> Plan(const PlanOptions& options);

struct ApplyOptions {
  ClusterOptions cluster;
  std::string application;
  std::string directory;
  std::string destination;
  std::string name;        // with -f: under which it is remembered; "": the directory's
  bool prune = false;      // with -f, as the rest
  bool prune_all = false;  // also what takes data along, or is more than half
  bool wait = false;
  core::Duration timeout = std::chrono::minutes(5);
};
core::Status Apply(const ApplyOptions& options);

struct GetOptions {
  ClusterOptions cluster;
  std::string application;  // "": all of the namespace
  bool all_namespaces = false;
  Output output = Output::kTable;
};
core::Status Get(const GetOptions& options);
core::Status Why(const GetOptions& options);
core::Status History(const GetOptions& options);
core::Status Tree(const GetOptions& options);
core::Status Events(const GetOptions& options);

// The live objects beside the newest release's record: no git is asked.
struct DiffOptions {
  ClusterOptions cluster;
  std::string application;
  bool exit_code = false;
  Output output = Output::kTable;
};
core::Result<int> Diff(const DiffOptions& options);

struct WaitOptions {
  ClusterOptions cluster;
  std::string application;
  std::string goal = "ready";  // or held, deleted, revision=COMMIT, release=NUMBER
  core::Duration timeout = std::chrono::minutes(5);
};
core::Status Wait(const WaitOptions& options);

struct RolloutStatusOptions {
  ClusterOptions cluster;
  std::string application;
  bool watch = false;
  Output output = Output::kTable;
};
core::Status RolloutStatus(const RolloutStatusOptions& options);

// A directory's Rollout, without a cluster: what is stated of its world.
struct RolloutPlayOptions {
  std::string directory;
  std::string traffic = "10/s";      // through the route
  std::string prometheus;            // its address: today's traffic and errors instead; "" for none
  std::string stable_errors = "1%";  // share of bad requests
  std::string canary_errors;         // "": as stable
  std::vector<std::string> faults;   // prometheus@2m+90s
  int64_t runs = 1;
  uint64_t seed = 1;
  bool nobody = false;  // nobody approves
  Output output = Output::kTable;
};
// kFailed where it found an error.
core::Result<int> RolloutLint(const RolloutPlayOptions& options);
core::Status RolloutSimulate(const RolloutPlayOptions& options);

// Judges recorded or made-up evidence with the daemon's own code.
struct RolloutJudgeOptions {
  std::string rollout;   // a file, or - for standard input
  std::string metric;    // of its spec.analysis.metrics
  std::string evidence;  // JSON lines: a file, or -
  Output output = Output::kTable;
};
core::Status RolloutJudge(const RolloutJudgeOptions& options);

// Decides a recorded rollout anew.
struct ReplayOptions {
  ClusterOptions cluster;
  std::string application;
  int64_t release = 0;  // 0: the present or the last trial
  std::string file;     // a recording instead of a cluster; "-": standard input
  bool print = false;   // the recording itself
  Output output = Output::kTable;
};
// kFailed where it disagrees.
core::Result<int> ReplayRollout(const ReplayOptions& options);

// promote, abort, pause, resume, skip-step, retry, adopt: said about what is on trial (or held)
// now.
struct RequestOptions {
  ClusterOptions cluster;
  std::string verb;
  std::string application;
  core::Duration timeout = std::chrono::seconds(30);
  bool full = false;  // promote past all steps
  std::string about;  // rollback: the release's number, "" for the one before; prune: the token
};
core::Status Request(const RequestOptions& options);

// Judges objects of a file, without a cluster.
struct HealthOptions {
  std::string file;                  // "-": standard input
  std::vector<std::string> scripts;  // "GROUP/KIND=FILE"
  bool exit_code = false;            // kWaits and kSick, else kDone whatever their health
  Output output = Output::kTable;
};
core::Result<int> ShowHealth(const HealthOptions& options);

struct ChangeOptions {
  ClusterOptions cluster;
  std::string application;
  core::Duration timeout = std::chrono::minutes(5);
};
// spec.suspend, as `kubectl patch` would.
core::Status Suspend(const ChangeOptions& options, bool suspend);
// What waits to be pruned; `confirm` agrees to it.
core::Status Prune(const ChangeOptions& options, bool confirm);
// Deletes the Application and waits until it is gone. `policy`: Orphan, Delete or Wait instead of
// its own spec.sync.deletionPolicy; "" leaves that.
core::Status Delete(const ChangeOptions& options, const std::string& policy);

void Version(Output output);

}  // namespace headgate::cli
