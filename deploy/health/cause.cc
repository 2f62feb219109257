#include <fmt/format.h>

#include "core/object.h"
#include "deploy/health/complaint.h"
#include "deploy/health/health.h"
#include "deploy/health/kinds.h"

namespace headgate::deploy {
namespace {

// A pod of a Deployment is controlled by a ReplicaSet named after it; one of the other workloads by
// the workload itself.
bool MayBeOf(const core::Value& workload, const core::Value& pod) {
  for (const core::Value& owner : pod.ListAt("metadata", "ownerReferences")) {
    if (!owner.BoolAt(false, "controller")) continue;
    const std::string& name = core::NameOf(workload);
    if (workload.StringAt("kind") == "Deployment") {
      return owner.StringAt("kind") == "ReplicaSet" &&
             owner.StringAt("name").starts_with(name + "-");
    }
    return owner.StringAt("kind") == workload.StringAt("kind") && owner.StringAt("name") == name;
  }
  return true;
}

template <class Each>
std::string Worst(const core::Value& workload, const std::vector<Each>& pods,
                  const core::Value& (*body)(const Each&)) {
  Complaint worst;
  int alike = 0;
  for (const Each& each : pods) {
    const core::Value& pod = body(each);
    if (!pod.StringAt("metadata", "deletionTimestamp").empty() || !MayBeOf(workload, pod)) continue;
    Complaint complaint = ComplaintOf(pod);
    if (complaint.severity > 0 && complaint.text == worst.text) ++alike;
    if (complaint.severity <= worst.severity) continue;
    worst = std::move(complaint);
    alike = 1;
  }
  return alike > 1 ? fmt::format("{} ({})", worst.text, Count(alike, "pod")) : worst.text;
}

const core::Value& Plain(const core::Value& value) { return value; }
const core::Value& Pointed(const std::shared_ptr<const core::Value>& value) { return *value; }

}  // namespace

std::string CauseOf(const core::Value& workload, const std::vector<core::Value>& pods) {
  return Worst(workload, pods, Plain);
}

std::string CauseOf(const core::Value& workload,
                    const std::vector<std::shared_ptr<const core::Value>>& pods) {
  return Worst(workload, pods, Pointed);
}

}  // namespace headgate::deploy
