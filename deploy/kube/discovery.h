#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "core/clock.h"
#include "core/result.h"
#include "core/value.h"
#include "deploy/kube/client.h"

namespace headgate::deploy {

// What a server is known to serve. Safe to call from several threads. Inside of deploy/kube.
class Discovery {
 public:
  // A group version that was asked for this lately is not asked for again on a miss.
  static constexpr core::Duration kAskedLately = std::chrono::milliseconds(200);

  std::optional<Resource> Find(const Type& type) const;
  // Whether to ask the server for a group version, where Find had nothing.
  bool MayAsk(const std::string& api_version, core::BootTime now) const;
  // Takes an APIResourceList, or nothing where the server does not serve the group version.
  void Learn(const std::string& api_version, const core::Value* list, core::BootTime now);

 private:
  struct Served {
    std::map<std::string, Resource> by_kind;
    core::BootTime asked{};
  };

  mutable std::mutex mutex_;
  std::map<std::string, Served> served_;  // by apiVersion; guarded by mutex_
};

// "/api/v1", "/apis/apps/v1".
std::string PathOfVersion(const std::string& api_version);

}  // namespace headgate::deploy
