#pragma once

#include <string>

#include "core/value.h"

namespace headgate::deploy {

// What is wrong with one pod, from its status; severity 0 where nothing is.
struct Complaint {
  int severity = 0;    // higher: says more about why the workload is not ready
  bool fatal = false;  // waiting alone will hardly mend it
  std::string text;    // "container web: ImagePullBackOff: image nosuch:1 cannot be pulled"
};

Complaint ComplaintOf(const core::Value& pod);

}  // namespace headgate::deploy
