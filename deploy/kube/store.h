#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "deploy/kube/watch.h"

namespace headgate::deploy {

// Inside of deploy/kube; Watch is the only writer.
struct Store::State {
  struct Kept {
    std::string version;  // resourceVersion
    // One of both.
    std::shared_ptr<const core::Value> body;
    std::shared_ptr<const std::string> json;
  };

  mutable std::mutex mutex;
  std::condition_variable_any changed;      // of synced
  std::map<core::ObjectRef, Kept> objects;  // guarded by mutex
  bool synced = false;                      // guarded by mutex
  std::string fault;                        // the last one; guarded by mutex
};

}  // namespace headgate::deploy
