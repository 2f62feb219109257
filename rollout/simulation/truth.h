#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/result.h"

namespace headgate::rollout::simulation {

// Something that does not work from `at` on for so long, both counted from the trial's start.
struct Fault {
  enum class What {
    kPrometheus,  // does not answer
    kGateway,     // takes no new route
    kController,  // does not run
    kCanary,      // its pods are not ready
    kCrash,       // its pods crash
    kGate,        // webhooks do not answer
    kJob,         // Jobs fail
  };
  What what = What::kPrometheus;
  core::Duration at{0};
  core::Duration length{0};
};

// What is true of a simulated rollout; the counters follow from it by chance.
struct Truth {
  double requests_per_second = 10;  // through the route, both tracks together
  double stable_bad = 0.01;         // share of bad requests, 0 to 1
  double canary_bad = 0.01;
  int replicas = 3;                                      // of each stable workload
  core::Duration pod_start = std::chrono::seconds(5);    // from made to ready
  core::Duration route_delay = std::chrono::seconds(1);  // from written to accepted
  core::Duration job_time = std::chrono::seconds(30);    // from made to succeeded
  core::Duration limit = std::chrono::hours(48);         // then it counts as unfinished
  std::vector<Fault> faults;
  bool approves = true;  // people approve at once, and promote what waits for them
  uint64_t seed = 1;

  // Whether a fault of that kind lasts at a time since the start.
  bool Fails(Fault::What what, core::Duration at) const;
};

// "prometheus@2m+90s": what, from when on, for how long. What: prometheus, gateway, controller,
// canary, crash, gate, job.
core::Result<Fault> ParseFault(std::string_view text);

// "100/s", "12/m", "5000/h", "100": requests a second.
core::Result<double> ParseTraffic(std::string_view text);

// "1%", "0.01": a share from 0 to 1.
core::Result<double> ParseShare(std::string_view text);

}  // namespace headgate::rollout::simulation
