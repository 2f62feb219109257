#pragma once

#include <atomic>
#include <mutex>
#include <random>

#include "deploy/kube/client.h"
#include "deploy/kube/discovery.h"

namespace headgate::deploy {

// What copies of a client share. Inside of deploy/kube.
struct Client::Shared {
  Shared(Cluster c, net::Http* h, ClientOptions o) : cluster(std::move(c)), http(h), options(o) {}

  // Between a half and the whole of it, so that many clients do not come back at once.
  core::Duration Jittered(core::Duration pause) {
    const std::lock_guard lock(mutex);
    return core::Duration(
        std::uniform_int_distribution<int64_t>(pause.count() / 2, pause.count())(random));
  }

  const Cluster cluster;
  net::Http* const http;
  ClientOptions options;
  Discovery discovery;
  std::atomic<uint64_t> requests_sent = 0;

  std::mutex mutex;
  std::minstd_rand random{std::random_device{}()};  // guarded by mutex
};

}  // namespace headgate::deploy
