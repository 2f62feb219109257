// monorepo_cost URL FROM TO APPLICATION...: renders each application (a path in the
// repository) at FROM, then asks for each again at TO, as the daemon does after a push. Prints the
// milliseconds of the second pass (fetch included), how many applications were rendered again, and
// the milliseconds of the first pass. ROUNDS times with fresh mirrors, the best of them.

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <vector>

#include "core/clock.h"
#include "git/mirrors.h"
#include "net/http.h"
#include "reconciler/source.h"

namespace {

using namespace headgate;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr int kRounds = 5;

struct Cost {
  Milliseconds first{}, second{};
  size_t rendered = 0;
};

core::Application At(const std::string& repository, const std::string& path) {
  core::Application application;
  application.source.url = repository;
  application.source.branch = "main";
  application.source.path = path;
  return application;
}

core::Result<Cost> Measure(const std::string& repository, const std::string& from,
                           const std::string& to, const std::vector<std::string>& paths,
                           const std::filesystem::path& state) {
  net::Http http;
  git::Mirrors mirrors(state, &http, {.allow_file_urls = true});
  const core::RealClock clock;
  const deploy::Client nobody({"benchmark", "http://127.0.0.1:1", nullptr, "default"}, &http);
  std::vector<reconciler::Source> sources;
  std::vector<std::shared_ptr<const core::Objects>> before;
  for (size_t i = 0; i < paths.size(); ++i) sources.emplace_back(&mirrors, nobody, &clock);
  Cost cost;
  auto begun = std::chrono::steady_clock::now();
  for (size_t i = 0; i < paths.size(); ++i) {
    auto wanted = sources[i].At(At(repository, paths[i]), from, {});
    if (!wanted) return wanted.error();
    before.push_back(wanted->objects);
  }
  cost.first = std::chrono::steady_clock::now() - begun;
  begun = std::chrono::steady_clock::now();
  if (auto listed = mirrors.Poll({repository, {}}, "main", {}); !listed) return listed.error();
  for (size_t i = 0; i < paths.size(); ++i) {
    auto wanted = sources[i].At(At(repository, paths[i]), to, {});
    if (!wanted) return wanted.error();
    cost.rendered += wanted->objects != before[i];
  }
  cost.second = std::chrono::steady_clock::now() - begun;
  return cost;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) return fmt::print(stderr, "monorepo_cost URL FROM TO APPLICATION...\n"), 2;
  const std::vector<std::string> paths(argv + 4, argv + argc);
  Cost best{Milliseconds(1e9), Milliseconds(1e9), 0};
  for (int round = 0; round < kRounds; ++round) {
    const auto state =
        std::filesystem::temp_directory_path() / fmt::format("monorepo-{}", getpid());
    const core::Result<Cost> cost = Measure(argv[1], argv[2], argv[3], paths, state);
    std::filesystem::remove_all(state);
    if (!cost) return fmt::print(stderr, "monorepo_cost: {}\n", cost.error().text()), 1;
    best = {std::min(best.first, cost->first), std::min(best.second, cost->second), cost->rendered};
  }
  fmt::print("{:.3f} {} {:.3f}\n", best.second.count(), best.rendered, best.first.count());
  return 0;
}
