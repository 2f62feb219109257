#include <fmt/format.h>

#include "deploy/health/kinds.h"

namespace headgate::deploy {

Health ClaimHealth(const core::Value& object) {
  const std::string& phase = object.StringAt("status", "phase");
  if (phase == "Bound") return {};
  if (phase == "Lost") return {HealthCode::kDegraded, "the volume that it was bound to is lost"};
  return {HealthCode::kProgressing, "not bound to a volume yet"};
}

Health VolumeHealth(const core::Value& object) {
  const std::string& phase = object.StringAt("status", "phase");
  if (phase == "Failed") {
    return {HealthCode::kDegraded,
            fmt::format("reclaiming failed: {}", object.StringAt("status", "message"))};
  }
  if (phase.empty() || phase == "Pending") return {HealthCode::kProgressing, "not available yet"};
  return {};
}

}  // namespace headgate::deploy
