// `headgate`: what only renders is done here. The libraries that speak to git servers and clusters
// take longer to load than most renderings take, so every other command becomes headgate-cluster,
// which stands beside this program.

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "cli/command_line.h"

namespace headgate::cli {
namespace {

int RunCluster(char** argv) {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::filesystem::path other = self.parent_path() / "headgate-cluster";
  execv(other.c_str(), argv);
  fmt::print(stderr, "headgate: cannot run {}, which belongs beside {}: {}\n", other.string(),
             self.string(), std::strerror(errno));
  return kFailed;
}

// `build` and `template` fetch with --allow-remote.
bool Fetches(int argc, char** argv) {
  for (int i = 2; i < argc; ++i) {
    if (std::string_view(argv[i]).starts_with("--allow-remote")) return true;
  }
  return false;
}

int Main(int argc, char** argv) {
  const std::unique_ptr<CLI::App> app = NewApp();
  int exit = kDone;
  AddRendering(app.get(), &exit);
  AddTemplate(app.get());
  AddHealth(app.get(), &exit);
  AddVersion(app.get(), &exit);
  bool known = argc > 1 && HasCommand(*app, argv[1]);
  const std::string_view command = argc > 1 ? argv[1] : "";
  known = known && ((command != "build" && command != "template") || !Fetches(argc, argv));
  return known ? Parse(app.get(), argc, argv, &exit) : RunCluster(argv);
}

}  // namespace
}  // namespace headgate::cli

int main(int argc, char** argv) { return headgate::cli::Main(argc, argv); }
