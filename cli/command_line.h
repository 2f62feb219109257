#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "cli/commands.h"
#include "core/result.h"

namespace CLI {
class App;
}

namespace headgate::cli {

// What the two programs of the command line share: `headgate`, which renders by itself, and
// `headgate-cluster` beside it, which it becomes for every command that speaks to a cluster.

// The program without its commands.
std::unique_ptr<CLI::App> NewApp();
bool HasCommand(const CLI::App& app, std::string_view name);
// Takes a command line apart and runs its command, which leaves its exit code in `exit`. `charts`
// as of AddRendering.
int Parse(CLI::App* app, int argc, char** argv, int* exit, MakeCharts charts = nullptr);

// A command: its name, what it does, an example.
CLI::App* AddCommand(CLI::App* app, const char* name, const char* what, const std::string& example);
void AddOutput(CLI::App* command, Output* to);  // -o json or yaml

// `build`, `template`, `health` and `version`: they need no cluster.
// `remotes` and `charts`: make what fetches for --allow-remote, where that was given.
using MakeRemotes = std::shared_ptr<templating::kustomize::Remotes> (*)();
void AddRendering(CLI::App* app, int* exit, MakeRemotes remotes = nullptr,
                  MakeCharts charts = nullptr);
void AddTemplate(CLI::App* app);  // Parse runs it
void AddHealth(CLI::App* app, int* exit);
void AddVersion(CLI::App* app, int* exit);

// The exit code of a result; an error is printed.
int Finish(const core::Result<int>& result);
int Finish(const core::Status& status);

}  // namespace headgate::cli
