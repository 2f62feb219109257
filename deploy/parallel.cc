#include "deploy/parallel.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace headgate::deploy {

void InParallel(size_t n, int parallel_max, const std::function<void(size_t)>& work) {
  const size_t threads = std::min(n, static_cast<size_t>(std::max(parallel_max, 1)));
  std::atomic<size_t> next = 0;
  const auto take = [&] {
    for (size_t i = next++; i < n; i = next++) work(i);
  };
  std::vector<std::jthread> others;
  for (size_t i = 1; i < threads; ++i) others.emplace_back(take);
  take();  // this thread works too
}

}  // namespace headgate::deploy
