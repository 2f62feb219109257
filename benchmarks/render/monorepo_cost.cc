// monorepo_cost shared|apart URL FROM TO APPLICATION...: renders each application (a path in the
// repository) at FROM, then asks for each again at TO, as the daemon does after a push; "shared" as
// it does, "apart" without the cache of files. Prints the milliseconds of the second pass (fetch
// included), how many applications were rendered again, the milliseconds of the first pass, and the
// bytes of the cache. ROUNDS times with fresh mirrors, the best of them.

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <vector>

#include "core/clock.h"
#include "git/mirrors.h"
#include "net/http.h"
#include "reconciler/source.h"
#include "templating/file_cache.h"

namespace {

using namespace headgate;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr int kRounds = 5;

struct Cost {
  Milliseconds first{}, second{};
  size_t rendered = 0, cached_bytes = 0;
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
                           const std::filesystem::path& state, bool shared) {
  net::Http http;
  git::Mirrors mirrors(state, &http, {.allow_file_urls = true});
  const core::RealClock clock;
  const deploy::Client nobody({"benchmark", "http://127.0.0.1:1", nullptr, "default"}, &http);
  templating::FileCache files;
  std::vector<reconciler::Source> sources;
  std::vector<std::shared_ptr<const core::Objects>> before;
  for (size_t i = 0; i < paths.size(); ++i) {
    sources.emplace_back(&mirrors, nobody, &clock, shared ? &files : nullptr);
  }
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
  cost.cached_bytes = files.bytes();
  return cost;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6) {
    return fmt::print(stderr, "monorepo_cost shared|apart URL FROM TO APPLICATION...\n"), 2;
  }
  const bool shared = std::string_view(argv[1]) == "shared";
  const std::vector<std::string> paths(argv + 5, argv + argc);
  Cost best{Milliseconds(1e9), Milliseconds(1e9)};
  for (int round = 0; round < kRounds; ++round) {
    const auto state =
        std::filesystem::temp_directory_path() / fmt::format("monorepo-{}", getpid());
    const core::Result<Cost> cost = Measure(argv[2], argv[3], argv[4], paths, state, shared);
    std::filesystem::remove_all(state);
    if (!cost) return fmt::print(stderr, "monorepo_cost: {}\n", cost.error().text()), 1;
    best = {std::min(best.first, cost->first), std::min(best.second, cost->second), cost->rendered,
            cost->cached_bytes};
  }
  fmt::print("{:.3f} {} {:.3f} {}\n", best.second.count(), best.rendered, best.first.count(),
             best.cached_bytes);
  return 0;
}
