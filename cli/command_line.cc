#include "cli/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "cli/version.h"

namespace headgate::cli {
namespace {

constexpr const char* kTemplate = "template";
constexpr const char* kFooter =
    "Exit codes: 0 done; 1 it failed, the reason is on standard error; 2 the command line is "
    "wrong;\n"
    "3 `plan` or `diff --exit-code` found something to change; of `health --exit-code`: 4 "
    "something is not\n"
    "ready yet, 5 something is degraded, missing or unknown.\n\n"
    "Example: headgate get -n headgate-system";

}  // namespace

int Finish(const core::Result<int>& result) {
  if (result) return *result;
  fmt::print(stderr, "headgate: {}\n", result.error().text());
  return kFailed;
}

int Finish(const core::Status& status) {
  return Finish(status ? core::Result<int>(kDone) : status.error());
}

std::unique_ptr<CLI::App> NewApp() {
  auto app = std::make_unique<CLI::App>(
      "Headgate deploys what git says to Kubernetes, and lets a risky change meet a few users "
      "first.",
      "headgate");
  app->require_subcommand(1);
  app->footer(kFooter);
  return app;
}

bool HasCommand(const CLI::App& app, std::string_view name) {
  const std::vector<const CLI::App*> commands = app.get_subcommands({});
  return std::any_of(commands.begin(), commands.end(),
                     [&](const CLI::App* each) { return each->get_name() == name; });
}

int Parse(CLI::App* app, int argc, char** argv, int* exit, MakeCharts charts) {
  // Its flags are Helm's, with Helm's ways: values that begin with dashes, "-fvalues.yaml".
  if (argc > 1 && std::string_view(argv[1]) == kTemplate) {
    return Finish(Template({argv + 2, argv + argc}, charts));
  }
  if (argc > 1 && *argv[1] != '-' && !HasCommand(*app, argv[1])) {
    fmt::print(stderr, "headgate: there is no command {}; `headgate --help` lists them\n", argv[1]);
    return kUsage;
  }
  try {
    app->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool asked = error.get_exit_code() == 0;  // --help
    app->exit(error);
    return asked ? kDone : kUsage;
  }
  return *exit;
}

CLI::App* AddCommand(CLI::App* app, const char* name, const char* what,
                     const std::string& example) {
  CLI::App* command = app->add_subcommand(name, what);
  command->footer("Example: headgate " + example);
  return command;
}

void AddOutput(CLI::App* command, Output* to) {
  static const std::map<std::string, Output> kOutputs = {{"json", Output::kJson},
                                                         {"yaml", Output::kYaml}};
  command
      ->add_option_function<std::string>(
          "-o,--output", [to](const std::string& name) { *to = kOutputs.at(name); }, "json or yaml")
      ->check(CLI::IsMember({"json", "yaml"}));
}

// Options of kustomize for charts, and for plugins that run programs.
void AddPluginOptions(CLI::App* build, BuildOptions* to) {
  constexpr const char* kCharts = "Charts of a kustomization";
  constexpr const char* kUnused = "Taken as kustomize has them, without an effect";
  const auto list = [&](const char* name, std::vector<std::string>* values, const char* what) {
    return build->add_option(name, *values, what)->allow_extra_args(false);
  };
  build->add_flag("--enable-helm", to->enable_helm, "render them, in process")->group(kCharts);
  build->add_option("--helm-kube-version", to->helm_kube_version, "Capabilities.KubeVersion")
      ->group(kCharts);
  list("--helm-api-versions", &to->helm_api_versions, "Capabilities.APIVersions")->group(kCharts);
  build->add_option("--helm-command", to->helm_command, "no helm is needed")->group(kUnused);
  build->add_flag("--helm-debug", to->helm_debug, "no helm is needed")->group(kUnused);
  build
      ->add_flag("--enable-alpha-plugins", to->enable_alpha_plugins,
                 "plugins but the built-in ones are programs, and no program is run")
      ->group(kUnused);
  build->add_flag("--enable-exec", to->enable_exec, "refused: no program is run")->group(kUnused);
  build->add_flag("--as-current-user", to->as_current_user, "for such plugins")->group(kUnused);
  list("-e,--env", &to->env, "for such plugins")->group(kUnused);
  list("--mount", &to->mounts, "for such plugins")->group(kUnused);
  build->add_flag("--network", to->network, "for such plugins")->group(kUnused);
  build->add_option("--network-name", to->network_name, "for such plugins")->group(kUnused);
}

void AddRendering(CLI::App* app, int* exit, MakeRemotes remotes, MakeCharts charts) {
  CLI::App* build = AddCommand(
      app, "build", "Render a kustomization as `kustomize build` does, and as the daemon would.",
      "build overlays/prod");
  auto to = std::make_shared<BuildOptions>();
  build->add_option("directory", to->directory, "what to render")->capture_default_str();
  build->add_option("-o,--output", to->output,
                    "file to write to, or a directory for a file each; else standard output");
  build->add_option("--reorder", to->reorder, "legacy: sorted by kind (default); none: as read")
      ->check(CLI::IsMember({"legacy", "none"}));
  build
      ->add_option("--load-restrictor", to->load_restrictor,
                   "LoadRestrictionsNone: files may stand outside of a kustomization's directory")
      ->check(CLI::IsMember({"LoadRestrictionsRootOnly", "LoadRestrictionsNone", ""}));
  build
      ->add_option("--allow-remote", to->allow_remote,
                   "host to fetch bases, files and charts from that a kustomization names by URLs")
      ->allow_extra_args(false);
  build->add_flag("--plain", to->plain,
                  "render whatever the daemon would render: without a kustomization, plain YAML");
  build->add_flag("--enable-managedby-label", to->managed_by_label,
                  "add the label app.kubernetes.io/managed-by");
  build
      ->add_option("--compare", to->compare,
                   "kustomize: run it, too, and print the first line that differs")
      ->check(CLI::IsMember({"kustomize"}));
  AddPluginOptions(build, to.get());
  build->callback([=] {
    const bool fetches = remotes && !to->allow_remote.empty();
    *exit = Finish(Build(*to, fetches ? remotes().get() : nullptr,
                         fetches ? charts(to->allow_remote).get() : nullptr));
  });
}

void AddTemplate(CLI::App* app) {
  AddCommand(app, kTemplate, "Render a chart as `helm template` does, in process.",
             "template web charts/web -f prod.yaml");
}

void AddHealth(CLI::App* app, int* exit) {
  CLI::App* health = AddCommand(
      app, "health", "Judge the health of objects in a file, as the daemon judges live ones.",
      "health -f pod.yaml; kubectl get deploy -o yaml | headgate health -f -");
  auto to = std::make_shared<HealthOptions>();
  health->add_option("-f,--filename", to->file, "YAML or JSON with status; - for standard input")
      ->required();
  AddOutput(health, &to->output);
  health
      ->add_option("--script", to->scripts,
                   "GROUP/KIND=FILE: a health script in Lua to judge these kinds by")
      ->allow_extra_args(false);
  health->add_flag("--exit-code", to->exit_code,
                   "exit with 4 where something is not ready yet, with 5 where it is worse");
  health->callback([=] { *exit = Finish(ShowHealth(*to)); });
}

void AddVersion(CLI::App* app, int* exit) {
  CLI::App* version = AddCommand(app, "version", "Print the version.", "version");
  auto output = std::make_shared<Output>(Output::kTable);
  AddOutput(version, output.get());
  version->callback([=] {
    switch (*output) {
      case Output::kTable:
        fmt::print("headgate {}\n", HEADGATE_VERSION);
        break;
      case Output::kJson:
        fmt::print("{{\n    \"version\": \"{}\"\n}}\n", HEADGATE_VERSION);
        break;
      case Output::kYaml:
        fmt::print("version: {}\n", HEADGATE_VERSION);
        break;
    }
    *exit = kDone;
  });
}

}  // namespace headgate::cli
