// walk [STEPS [STATES_MAX]]: walks every Rollout of up to STEPS steps (4), STATES_MAX states each
// at most (0: all), and prints what it saw. Exit code 1 where a promise is broken.
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "tests/simulation/walk.h"

int main(int argc, char** argv) {
  namespace walk = headgate::rollout::walk;
  const int steps = argc > 1 ? std::atoi(argv[1]) : 4;
  const int64_t most = argc > 2 ? std::atoll(argv[2]) : 0;
  const auto specs = walk::Specs(steps);
  if (specs.empty()) {  // nothing walked is nothing proved
    fmt::print(stderr, "usage: walk [STEPS [STATES-A-ROLLOUT]], with 1 to 4 steps\n");
    return 2;
  }
  const auto from = std::chrono::steady_clock::now();
  std::atomic<size_t> next = 0;
  std::mutex mutex;
  walk::Result all;
  int64_t whole = 0;  // that were walked to their end
  {
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < std::max(1u, std::thread::hardware_concurrency()); ++i) {
      threads.emplace_back([&] {
        for (size_t at = next++; at < specs.size(); at = next++) {
          const walk::Result one = walk::Walk(specs[at], most > 0 ? most : INT64_MAX);
          const std::lock_guard lock(mutex);
          all.states += one.states;
          all.transitions += one.transitions;
          whole += most == 0 || one.states < most;
          if (all.broken.empty() && !one.broken.empty()) {
            for (const auto& step : specs[at].steps)
              all.broken += headgate::core::Show(step) + ", ";
            all.broken += one.broken;
          }
        }
      });
    }
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - from;
  fmt::print(
      "{} Rollouts of up to {} steps, {} of them whole: {} states, {} transitions, {:.1f} s\n",
      specs.size(), steps, whole, all.states, all.transitions, took.count());
  fmt::print("{}\n", all.broken.empty() ? "every promise holds" : all.broken);
  return all.broken.empty() ? 0 : 1;
}
