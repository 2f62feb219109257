// The whole command line. Commands that only render never come here: see main.cc.

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/charts.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/remotes.h"

namespace headgate::cli {
namespace {

// Everything that a command line can set.
struct Options {
  ClusterOptions cluster;
  std::string application, timeout = "5m";
  Output output = Output::kTable;
  bool all_namespaces = false;
  RunOptions run;
  InstallOptions install;
  PlanOptions plan;
  ApplyOptions apply;
  RolloutPlayOptions play;
  bool watch = false;
  bool diff_exit_code = false;
  std::string goal = "ready";
  bool full = false;
  std::string release, policy;
  bool confirm = false;
};

void AddCluster(CLI::App* command, ClusterOptions* to) {
  command->add_option("--kubeconfig", to->kubeconfig,
                      "kubeconfig; else $KUBECONFIG, the pod's own account, ~/.kube/config");
  command->add_option("--context", to->context, "context of the kubeconfig; else its current one");
}

void AddNamespace(CLI::App* command, ClusterOptions* to, const char* of_what) {
  command->add_option("-n,--namespace", to->namespace_name, of_what)->capture_default_str();
}

void AddApplication(CLI::App* command, Options* to, bool required) {
  AddCluster(command, &to->cluster);
  AddNamespace(command, &to->cluster, "namespace of the Application");
  command->add_option("application", to->application, "NAME or NAMESPACE/NAME")->required(required);
}

void AddRun(CLI::App* app, Options* to, int* exit) {
  CLI::App* run = AddCommand(
      app, "run", "Run the daemon that deploys what git says.",
      "run --kubeconfig admin.kubeconfig --prometheus http://prometheus.monitoring:9090");
  AddCluster(run, &to->cluster);
  AddNamespace(run, &to->cluster, "namespace of the Lease headgate");
  run->add_option("--data", to->run.state_dir, "folder of the git mirrors; may be lost")
      ->capture_default_str();
  run->add_option("--listen", to->run.listen,
                  "where /metrics, /healthz, /readyz and /hooks/NAME are served")
      ->capture_default_str();
  run->add_option("--prometheus", to->run.prometheus, "address for Rollouts that name none");
  run->add_option("--identity", to->run.identity,
                  "this process's name in the Lease; else host name and process id");
  run->add_option("--workers", to->run.workers, "applications looked at at the same time")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  run->add_flag("--allow-file-urls", to->run.allow_file_urls,
                "let Applications name file:// repositories of this machine");
  run->add_flag("--allow-private-addresses", to->run.allow_private_addresses,
                "let Applications name git servers on this machine or in private networks");
  run->add_option("--log-format", to->run.log_format, "text or json")->capture_default_str();
  run->add_option("--log-level", to->run.log_level, "debug, info, warning or error")
      ->capture_default_str();
  run->callback([=] {
    to->run.cluster = to->cluster;
    *exit = Finish(Run(to->run));
  });
}

void AddInstall(CLI::App* app, Options* to, int* exit) {
  CLI::App* install =
      AddCommand(app, "install", "Print what a cluster needs to run Headgate, or apply it.",
                 "install | kubectl apply --server-side -f -");
  AddCluster(install, &to->cluster);
  install->add_flag("--apply", to->install.apply, "apply it to the cluster instead of printing it");
  install->add_flag("--crds-only", to->install.crds_only, "only the CustomResourceDefinitions");
  install->callback([=] {
    to->install.cluster = to->cluster;
    *exit = Finish(Install(to->install));
  });
}

void AddPlan(CLI::App* app, Options* to, int* exit) {
  CLI::App* plan = AddCommand(
      app, "plan", "Show what would change in the cluster, field by field; change nothing.",
      "plan shop-prod");
  AddApplication(plan, to, false);
  AddOutput(plan, &to->output);
  plan->add_option("-f,--filename", to->plan.directory,
                   "plan a directory instead of an Application");
  plan->add_option("--into", to->plan.destination, "with -f: namespace of objects that name none");
  plan->add_flag("--exit-code", to->plan.exit_code,
                 "exit with 3 where there is something to change");
  plan->add_flag("--allow-file-urls", to->plan.allow_file_urls, "read file:// repositories too");
  plan->callback([=] {
    if (to->application.empty() == to->plan.directory.empty()) {
      throw CLI::ValidationError("plan", "give an Application, or a directory with -f");
    }
    to->plan.cluster = to->cluster;
    to->plan.application = to->application;
    to->plan.output = to->output;
    *exit = Finish(Plan(to->plan));
  });
}

void AddApply(CLI::App* app, Options* to, int* exit) {
  CLI::App* apply = AddCommand(
      app, "apply",
      "Have the daemon look at git now and wait until that is live; or apply a directory.",
      "apply shop-prod");
  AddApplication(apply, to, false);
  apply->add_option("-f,--filename", to->apply.directory,
                    "apply a directory, without the daemon: waves, hooks, prune");
  apply->add_option("--into", to->apply.destination,
                    "with -f: namespace of objects that name none");
  apply->add_option("--name", to->apply.name,
                    "with -f: what it is remembered as; else the directory's name");
  apply->add_flag("--prune", to->apply.prune,
                  "with -f: delete what an earlier run applied and is gone");
  apply->add_flag("--prune-all", to->apply.prune_all,
                  "with --prune: also what takes data along, and more than half of ten objects");
  apply->add_flag("--wait", to->apply.wait, "with -f: wait until all is healthy");
  apply->add_option("--timeout", to->timeout, "how long to wait")->capture_default_str();
  apply->callback([=] {
    if (to->application.empty() == to->apply.directory.empty()) {
      throw CLI::ValidationError("apply", "give an Application, or a directory with -f");
    }
    const core::Result<core::Duration> timeout = core::ParseDuration(to->timeout);
    if (!timeout) throw CLI::ValidationError("--timeout", timeout.error().text());
    to->apply.cluster = to->cluster;
    to->apply.application = to->application;
    to->apply.timeout = *timeout;
    *exit = Finish(Apply(to->apply));
  });
}

GetOptions GetOf(const Options& options) {
  return {options.cluster, options.application, options.all_namespaces, options.output};
}

void AddGet(CLI::App* app, Options* to, int* exit) {
  CLI::App* get = AddCommand(app, "get", "List Applications: what is released, and how it stands.",
                             "get shop-prod -o json");
  AddApplication(get, to, false);
  AddOutput(get, &to->output);
  get->add_flag("-A,--all-namespaces", to->all_namespaces, "of all namespaces");
  get->callback([=] { *exit = Finish(Get(GetOf(*to))); });

  CLI::App* why = AddCommand(
      app, "why", "Say why an Application is where it is, and what would help.", "why shop-prod");
  AddApplication(why, to, true);
  AddOutput(why, &to->output);
  why->callback([=] { *exit = Finish(Why(GetOf(*to))); });

  CLI::App* history =
      AddCommand(app, "history", "List the releases that are kept.", "history shop-prod");
  AddApplication(history, to, true);
  AddOutput(history, &to->output);
  history->callback([=] { *exit = Finish(History(GetOf(*to))); });
}

void AddTruth(CLI::App* command, Options* to) {
  RolloutPlayOptions* play = &to->play;
  command
      ->add_option("-f,--filename", play->directory,
                   "a directory with the Rollout and what it gates")
      ->required();
  AddOutput(command, &to->output);
  command->add_option("--traffic", play->traffic, "requests through the route: 100/s, 12/m, 5000/h")
      ->capture_default_str();
  command->add_option("--stable-errors", play->stable_errors, "stable's share of bad requests")
      ->capture_default_str();
}

void AddPlay(CLI::App* rollout, Options* to, int* exit) {
  CLI::App* lint = AddCommand(rollout, "lint",
                              "Say whether a policy can reach a verdict at this traffic, and when.",
                              "rollout lint -f deploy/prod --traffic 50/s");
  AddTruth(lint, to);
  lint->add_option("--prometheus", to->play.prometheus,
                   "ask it for the last hour's traffic and errors, instead of the two above");
  lint->callback([=] {
    to->play.output = to->output;
    *exit = Finish(RolloutLint(to->play));
  });

  CLI::App* simulate = AddCommand(
      rollout, "simulate", "Play a rollout on a virtual clock: what is applied, and when.",
      "rollout simulate -f deploy/prod --traffic 50/s --canary-errors 5%");
  AddTruth(simulate, to);
  simulate->add_option("--canary-errors", to->play.canary_errors,
                       "the candidate's share of bad requests; else as stable's");
  simulate->add_option("--fault", to->play.faults,
                       "WHAT@START+LENGTH, such as prometheus@2m+90s; prometheus, gateway, "
                       "controller, canary, crash, gate or job; may be given again");
  simulate->add_option("--runs", to->play.runs, "so many rollouts, counted; seeds go up by one")
      ->check(CLI::Range(1, 10000000))
      ->capture_default_str();
  simulate->add_option("--seed", to->play.seed, "of the chance")->capture_default_str();
  simulate->add_flag("--nobody", to->play.nobody, "nobody approves; else it is done at once");
  simulate->callback([=] {
    to->play.output = to->output;
    *exit = Finish(RolloutSimulate(to->play));
  });
}

void AddExplaining(CLI::App* app, Options* to, int* exit) {
  CLI::App* tree = AddCommand(
      app, "tree", "Show an Application's objects, what their controllers made, and their health.",
      "tree shop-prod");
  AddApplication(tree, to, true);
  AddOutput(tree, &to->output);
  tree->callback([=] { *exit = Finish(Tree(GetOf(*to))); });

  CLI::App* events = AddCommand(
      app, "events", "List the events of an Application, its objects and their pods, oldest first.",
      "events shop-prod");
  AddApplication(events, to, true);
  AddOutput(events, &to->output);
  events->callback([=] { *exit = Finish(Events(GetOf(*to))); });

  CLI::App* diff = AddCommand(
      app, "diff", "Show how the cluster differs from the newest release, field by field.",
      "diff shop-prod --exit-code");
  AddApplication(diff, to, true);
  AddOutput(diff, &to->output);
  diff->add_flag("--exit-code", to->diff_exit_code, "exit with 3 where something differs");
  diff->callback([=] {
    *exit = Finish(Diff({to->cluster, to->application, to->diff_exit_code, to->output}));
  });

  CLI::App* wait = AddCommand(app, "wait",
                              "Wait until an Application is ready; fail at once where that needs "
                              "somebody to do something.",
                              "wait shop-prod --for revision=3f2a91c --timeout 10m");
  AddApplication(wait, to, true);
  wait->add_option("--for", to->goal, "ready, held, deleted, revision=COMMIT or release=NUMBER")
      ->capture_default_str();
  wait->add_option("--timeout", to->timeout, "how long to wait")->capture_default_str();
  wait->callback([=] {
    const core::Result<core::Duration> timeout = core::ParseDuration(to->timeout);
    if (!timeout) throw CLI::ValidationError("--timeout", timeout.error().text());
    *exit = Finish(Wait({to->cluster, to->application, to->goal, *timeout}));
  });
}

void AddJudge(CLI::App* rollout, int* exit) {
  CLI::App* judge = AddCommand(
      rollout, "judge", "Judge recorded or made-up evidence by a metric of a Rollout, offline.",
      "rollout judge -f rollout.yaml --metric errors-vs-stable --evidence hour.jsonl -o json");
  auto to = std::make_shared<RolloutJudgeOptions>();
  judge->add_option("-f,--file", to->rollout, "file with the Rollout; - for standard input")
      ->required();
  judge->add_option("--metric", to->metric, "a name in its spec.analysis.metrics")->required();
  judge
      ->add_option("--evidence", to->evidence,
                   "file with one scrape interval of one run a line, as JSON; - for standard input")
      ->required();
  AddOutput(judge, &to->output);
  judge->callback([=] { *exit = Finish(RolloutJudge(*to)); });
}

void AddRollout(CLI::App* app, Options* to, int* exit) {
  CLI::App* rollout =
      AddCommand(app, "rollout", "Look at rollouts.", "rollout status shop-prod --watch");
  rollout->require_subcommand(1);
  CLI::App* status =
      AddCommand(rollout, "status", "Show steps, weight wanted and seen, requests, evidence.",
                 "rollout status shop-prod --watch");
  AddApplication(status, to, true);
  AddOutput(status, &to->output);
  status->add_flag("-w,--watch", to->watch, "go on showing it, in place");
  status->callback([=] {
    *exit = Finish(RolloutStatus({to->cluster, to->application, to->watch, to->output}));
  });
  AddPlay(rollout, to, exit);
  AddJudge(rollout, exit);
}

void AddReplay(CLI::App* app, Options* to, int* exit) {
  CLI::App* command =
      AddCommand(app, "replay",
                 "Decide a recorded rollout anew; print the first decision that is another one.",
                 "replay shop-prod --release 41");
  auto replay = std::make_shared<ReplayOptions>();
  AddApplication(command, to, false);
  AddOutput(command, &to->output);
  command
      ->add_option("--release", replay->release,
                   "the trial that became this release; else the present or the last one")
      ->check(CLI::PositiveNumber);
  command->add_option("-f,--file", replay->file,
                      "a recording (of --print) instead of an Application's; - for standard input");
  command->add_flag("--print", replay->print, "print the recording itself, as JSON lines");
  command->callback([=] {
    if (replay->file.empty() == to->application.empty())
      throw CLI::ValidationError("replay", "give an Application, or a recording with --file");
    replay->cluster = to->cluster;
    replay->application = to->application;
    replay->output = to->output;
    *exit = Finish(ReplayRollout(*replay));
  });
}

void AddRequests(CLI::App* app, Options* to, int* exit) {
  static constexpr struct {
    const char* verb;
    const char* what;
  } kVerbs[] = {
      {"promote", "Let the trial go on to its next step."},
      {"abort", "End the trial: all requests to stable, the candidate is held back."},
      {"pause", "Stop the trial where it is; its weight stays."},
      {"resume", "Let a paused trial go on."},
      {"skip-step", "Pass over the present step."},
      {"retry", "Try a candidate again that failed or was aborted."},
      {"sync", "Have the daemon look at git now; a hook that failed is tried again."},
      {"adopt", "Agree to take over live workloads that differ from git."},
  };
  for (const auto& each : kVerbs) {
    CLI::App* command =
        AddCommand(app, each.verb, each.what, fmt::format("{} shop-prod", each.verb));
    AddApplication(command, to, true);
    if (std::string_view(each.verb) == "promote")
      command->add_flag("--full", to->full, "past all steps that are left, to everything");
    command->callback([=] {
      RequestOptions options{to->cluster, each.verb, to->application};
      options.full = to->full;
      *exit = Finish(Request(options));
    });
  }
}

void AddRollback(CLI::App* app, Options* to, int* exit) {
  CLI::App* rollback = AddCommand(
      app, "rollback",
      "Go back to an earlier release, and stay there until git renders to something else.",
      "rollback shop-prod --to 41");
  AddApplication(rollback, to, true);
  rollback->add_option("--to", to->release, "number of the release; else the one before");
  rollback->callback([=] {
    RequestOptions request{to->cluster, "rollback", to->application};
    request.about = to->release;
    *exit = Finish(Request(request));
  });
}

void AddUndo(CLI::App* app, Options* to, int* exit) {
  CLI::App* undo = AddCommand(app, "undo",
                              "Take back what came last: end the trial, or without one go back to "
                              "the release before.",
                              "undo shop-prod");
  AddApplication(undo, to, true);
  undo->add_option("--to-revision", to->release, "number of the release; else the one before");
  undo->callback([=] {
    RequestOptions request{to->cluster, "undo", to->application};
    request.about = to->release;
    *exit = Finish(Request(request));
  });
}

void AddChanges(CLI::App* app, Options* to, int* exit) {
  CLI::App* suspend = AddCommand(app, "suspend", "Let syncing rest; a trial may still roll back.",
                                 "suspend shop-prod");
  AddApplication(suspend, to, true);
  suspend->callback([=] { *exit = Finish(Suspend({to->cluster, to->application}, true)); });
  CLI::App* unsuspend = AddCommand(app, "unsuspend", "Let syncing go on.", "unsuspend shop-prod");
  AddApplication(unsuspend, to, true);
  unsuspend->callback([=] { *exit = Finish(Suspend({to->cluster, to->application}, false)); });

  CLI::App* prune = AddCommand(
      app, "prune", "Show what is no longer wanted and waits for a person; agree with --confirm.",
      "prune shop-prod --confirm");
  AddApplication(prune, to, true);
  prune->add_flag("--confirm", to->confirm, "delete what is shown");
  prune->callback([=] { *exit = Finish(Prune({to->cluster, to->application}, to->confirm)); });

  CLI::App* remove = AddCommand(
      app, "delete", "Delete an Application; its objects go or stay by spec.sync.deletionPolicy.",
      "delete shop-prod --policy Wait");
  AddApplication(remove, to, true);
  remove->add_option("--policy", to->policy, "Orphan, Delete or Wait instead of its own")
      ->check(CLI::IsMember({"Orphan", "Delete", "Wait"}));
  remove->add_option("--timeout", to->timeout, "how long to wait until it is gone")
      ->capture_default_str();
  remove->callback([=] {
    const core::Result<core::Duration> timeout = core::ParseDuration(to->timeout);
    if (!timeout) throw CLI::ValidationError("--timeout", timeout.error().text());
    *exit = Finish(Delete({to->cluster, to->application, *timeout}, to->policy));
  });
}

int Main(int argc, char** argv) {
  const std::unique_ptr<CLI::App> app = NewApp();
  Options options;
  int exit = kDone;
  AddRun(app.get(), &options, &exit);
  AddInstall(app.get(), &options, &exit);
  AddRendering(app.get(), &exit, NewRemotes, NewCharts);
  AddTemplate(app.get());
  AddPlan(app.get(), &options, &exit);
  AddApply(app.get(), &options, &exit);
  AddGet(app.get(), &options, &exit);
  AddExplaining(app.get(), &options, &exit);
  AddRollout(app.get(), &options, &exit);
  AddReplay(app.get(), &options, &exit);
  AddRequests(app.get(), &options, &exit);
  AddHealth(app.get(), &exit);
  AddRollback(app.get(), &options, &exit);
  AddUndo(app.get(), &options, &exit);
  AddChanges(app.get(), &options, &exit);
  AddVersion(app.get(), &exit);
  return Parse(app.get(), argc, argv, &exit, NewCharts);
}

}  // namespace
}  // namespace headgate::cli

int main(int argc, char** argv) { return headgate::cli::Main(argc, argv); }
