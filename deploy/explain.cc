#include "deploy/explain.h"

#include "core/object.h"
#include "deploy/health/serving.h"

namespace headgate::deploy {
namespace {

constexpr size_t kPodsMax = 3;  // whose events are read

std::string SelectorOf(const core::Value& workload) {
  const core::Value* labels = workload.Find("spec", "selector", "matchLabels");
  if (core::IsKind(workload, "", "ReplicationController")) {
    labels = workload.Find("spec", "selector");
  }
  std::string text;
  for (const auto& [key, value] : labels && labels->AsMap() ? *labels->AsMap() : core::Map()) {
    if (value.AsString()) text += (text.empty() ? "" : ",") + key + "=" + *value.AsString();
  }
  return text;
}

std::vector<core::Value> EventsOf(const Client& client, const core::Value& object,
                                  std::stop_token stop) {
  ListOptions options;
  options.namespace_name = core::NamespaceOf(object);
  options.field_selector = "involvedObject.uid=" + object.StringAt("metadata", "uid");
  core::Result<ListAnswer> answer = client.List({"v1", "Event"}, options, stop);
  return answer ? std::move(answer->items) : std::vector<core::Value>();
}

void Append(const std::string& cause, Health* health) {
  if (cause.empty() || health->why.find(cause) != std::string::npos) return;
  health->why += (health->why.empty() ? "" : ": ") + cause;
}

bool IsReady(const core::Value& pod) {
  for (const core::Value& condition : pod.ListAt("status", "conditions")) {
    if (condition.StringAt("type") == "Ready") return condition.StringAt("status") == "True";
  }
  return false;
}

Health ExplainWorkload(const Client& client, const core::Value& live, Health health,
                       std::stop_token stop) {
  const std::string selector = SelectorOf(live);
  if (selector.empty()) return health;
  ListOptions options;
  options.namespace_name = core::NamespaceOf(live);
  options.label_selector = selector;
  core::Result<ListAnswer> pods = client.List({"v1", "Pod"}, options, stop);
  if (!pods) return health;
  Append(CauseOf(live, pods->items), &health);
  // Quotas and admission that let no pod come are told by the workload's own events, probes that
  // fail by those of the pods.
  std::vector<core::Value> events;
  size_t looked = 0;
  for (const core::Value& pod : pods->items) {
    if (IsReady(pod) || looked++ >= kPodsMax) continue;
    std::vector<core::Value> more = EventsOf(client, pod, stop);
    std::move(more.begin(), more.end(), std::back_inserter(events));
  }
  if (events.empty()) events = EventsOf(client, live, stop);
  Append(CauseOfEvents(events), &health);
  return health;
}

Health ExplainServed(const Client& client, const core::Value& live, Health health, core::Time now,
                     std::stop_token stop) {
  std::vector<core::Value> slices;
  for (const std::string& name : BackendsOf(live)) {
    ListOptions options;
    options.namespace_name = core::NamespaceOf(live);
    options.label_selector = "kubernetes.io/service-name=" + name;
    core::Result<ListAnswer> answer =
        client.List({"discovery.k8s.io/v1", "EndpointSlice"}, options, stop);
    if (!answer) return health;
    std::move(answer->items.begin(), answer->items.end(), std::back_inserter(slices));
  }
  return ServedHealth(live, slices, now);
}

}  // namespace

Health Explained(const Client& client, const core::Value& live, Health health, core::Time now,
                 std::stop_token stop) {
  if (health.code == HealthCode::kHealthy || health.code == HealthCode::kSuspended) return health;
  if (!live.StringAt("metadata", "deletionTimestamp").empty()) return health;
  if (WaitsForAddress(live)) return ExplainServed(client, live, std::move(health), now, stop);
  if (core::IsKind(live, "", "PersistentVolumeClaim")) {
    const std::vector<core::Value> events = EventsOf(client, live, stop);
    if (health.code == HealthCode::kProgressing && WaitsForFirstConsumer(events)) return {};
    Append(CauseOfEvents(events), &health);
    return health;
  }
  if (!core::PodTemplateOf(live)) return health;
  if (live.StringAt("kind") == "Pod") {
    Append(CauseOfEvents(EventsOf(client, live, stop)), &health);
    return health;
  }
  return ExplainWorkload(client, live, std::move(health), stop);
}

}  // namespace headgate::deploy
