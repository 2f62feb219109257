#pragma once

#include <stop_token>
#include <string>

#include "core/clock.h"
#include "core/result.h"
#include "deploy/kube/client.h"

namespace headgate::git {
class Mirrors;
}

namespace headgate::reconciler {

struct DaemonOptions {
  std::string listen = "127.0.0.1:8080";  // /metrics, /healthz, /readyz
  std::string prometheus;                 // where rollouts ask that name no address; "" for none
  std::string namespace_name = "headgate-system";  // of the lease
  std::string identity;                            // the lease's holder; unique to this process
  int workers = 16;
};

// The controller: watches Applications, keeps one queue of their names, and lets workers look at
// each while this process holds the lease. Blocks until a stop is asked for; then lets the looks
// under way end, gives the lease back and returns.
core::Status RunDaemon(const deploy::Client& client, git::Mirrors* mirrors,
                       const DaemonOptions& options, const core::Clock* clock,
                       std::stop_token stop);

}  // namespace headgate::reconciler
