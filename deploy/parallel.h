#pragma once

#include <cstddef>
#include <functional>

namespace headgate::deploy {

// Calls `work(0)` ... `work(n-1)`, at most `parallel_max` at a time, each once; returns when all
// are done. `work` must not throw.
void InParallel(size_t n, int parallel_max, const std::function<void(size_t)>& work);

}  // namespace headgate::deploy
