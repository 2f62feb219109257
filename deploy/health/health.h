#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/value.h"

namespace headgate::deploy {

// From good to bad; Worse() relies on the order.
enum class HealthCode { kHealthy, kSuspended, kProgressing, kUnknown, kMissing, kDegraded };

std::string_view Show(HealthCode code);  // "Healthy", "Progressing", ... as Argo CD writes them
HealthCode Worse(HealthCode a, HealthCode b);

struct Health {
  HealthCode code = HealthCode::kHealthy;
  std::string why;  // for people: "2 of 5 replicas updated"; empty when healthy

  friend bool operator==(const Health&, const Health&) = default;
};
std::string Show(const Health& health);  // "Progressing: 2 of 5 replicas updated"

// Health of one live object as the API server returned it, status included; a null value is
// kMissing. Built-in kinds as `kubectl rollout status` and kstatus judge them (the stricter reading
// where authors differ); other kinds by observedGeneration and their conditions. Never fails: what
// cannot be read is kUnknown with the reason.
Health AssessHealth(const core::Value& object);

// Why a workload is not ready, from its live pods: "container web: ImagePullBackOff: image nosuch:1
// cannot be pulled", "container web: CrashLoopBackOff: exit 1". The worst pod speaks; empty where
// no pod has a complaint. Pods that another object controls are passed over where owners are known.
std::string CauseOf(const core::Value& workload, const std::vector<core::Value>& pods);
std::string CauseOf(const core::Value& workload,
                    const std::vector<std::shared_ptr<const core::Value>>& pods);

}  // namespace headgate::deploy
