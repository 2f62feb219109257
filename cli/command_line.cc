#include "cli/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "cli/version.h"

namespace headgate::cli {
namespace {

constexpr const char* kFooter =
    "Exit codes: 0 done; 1 it failed, the reason is on standard error; 2 the command line is "
    "wrong;\n"
    "3 `plan --exit-code` found something to change.\n\n"
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

int Parse(CLI::App* app, int argc, char** argv, int* exit) {
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

void AddRendering(CLI::App* app, int* exit) {
  CLI::App* build = AddCommand(
      app, "build", "Render a directory as the daemon would: a kustomization, or plain YAML.",
      "build overlays/prod");
  auto to = std::make_shared<BuildOptions>();
  build->add_option("directory", to->directory, "what to render")->capture_default_str();
  build->add_option("-o,--output", to->output, "file to write to; else standard output");
  build->add_option("--reorder", to->reorder, "legacy: sorted by kind; none: as read")
      ->check(CLI::IsMember({"legacy", "none"}))
      ->capture_default_str();
  build->callback([=] { *exit = Finish(Build(*to)); });
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
