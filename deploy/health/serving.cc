#include "deploy/health/serving.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/object.h"

namespace headgate::deploy {
namespace {

constexpr size_t kMessageBytesMax = 300;

// Reasons of warnings that tell why pods do not come up.
constexpr std::array<std::string_view, 9> kReasons = {"FailedCreate",
                                                      "Unhealthy",
                                                      "FailedScheduling",
                                                      "FailedMount",
                                                      "FailedAttachVolume",
                                                      "FailedBinding",
                                                      "ProvisioningFailed",
                                                      "FailedCreatePodSandBox",
                                                      "Evicted"};

void AddBackend(const core::Value* backend, std::set<std::string>* names) {
  if (!backend) return;
  for (const std::string* name : {&backend->StringAt("service", "name"),
                                  &backend->StringAt("serviceName")}) {  // of extensions/v1beta1
    if (!name->empty()) names->insert(*name);
  }
}

struct Endpoints {
  int ready = 0, all = 0;
};

Endpoints EndpointsOf(const std::string& service, const std::vector<core::Value>& slices) {
  Endpoints found;
  for (const core::Value& slice : slices) {
    if (core::LabelOf(slice, "kubernetes.io/service-name") != service) continue;
    for (const core::Value& endpoint : slice.ListAt("endpoints")) {
      ++found.all;
      found.ready += endpoint.BoolAt(true, "conditions", "ready");
    }
  }
  return found;
}

const std::string& TimeOf(const core::Value& event) {
  for (const std::string* time : {&event.StringAt("series", "lastObservedTime"),
                                  &event.StringAt("lastTimestamp"), &event.StringAt("eventTime")}) {
    if (!time->empty()) return *time;
  }
  return event.StringAt("metadata", "creationTimestamp");
}

}  // namespace

bool WaitsForAddress(const core::Value& object) {
  const std::string& kind = object.StringAt("kind");
  const std::string group = core::ParseApiVersion(object.StringAt("apiVersion")).group;
  const bool service =
      group.empty() && kind == "Service" && object.StringAt("spec", "type") == "LoadBalancer";
  const bool ingress = kind == "Ingress" && (group == "networking.k8s.io" || group == "extensions");
  return (service || ingress) && object.ListAt("status", "loadBalancer", "ingress").empty();
}

std::vector<std::string> BackendsOf(const core::Value& object) {
  if (object.StringAt("kind") == "Service") return {core::NameOf(object)};
  std::set<std::string> names;
  AddBackend(object.Find("spec", "defaultBackend"), &names);
  AddBackend(object.Find("spec", "backend"), &names);
  for (const core::Value& rule : object.ListAt("spec", "rules")) {
    for (const core::Value& path : rule.ListAt("http", "paths")) {
      AddBackend(path.Find("backend"), &names);
    }
  }
  return {names.begin(), names.end()};
}

Health ServedHealth(const core::Value& object, const std::vector<core::Value>& slices,
                    core::Time now) {
  Health health = AssessHealth(object);
  if (health.code != HealthCode::kProgressing || !WaitsForAddress(object)) return health;
  const core::Result<core::Time> made =
      core::ParseTime(object.StringAt("metadata", "creationTimestamp"));
  if (!made || now - *made < kAddressPatience) return health;
  Health worst;
  for (const std::string& name : BackendsOf(object)) {
    const Endpoints endpoints = EndpointsOf(name, slices);
    if (endpoints.ready > 0) continue;
    if (endpoints.all > 0) {
      return {HealthCode::kProgressing,
              fmt::format("{}; Service {} has no endpoint that is ready", health.why, name)};
    }
    worst = {HealthCode::kSuspended,
             fmt::format("nothing serves it: Service {} has no endpoints", name)};
  }
  return worst;
}

std::string CauseOfEvents(const std::vector<core::Value>& events) {
  const core::Value* newest = nullptr;
  for (const core::Value& event : events) {
    if (event.StringAt("type") != "Warning") continue;
    if (std::find(kReasons.begin(), kReasons.end(), event.StringAt("reason")) == kReasons.end()) {
      continue;
    }
    if (!newest || TimeOf(*newest) < TimeOf(event)) newest = &event;
  }
  if (!newest) return {};
  std::string message = newest->StringAt("message");
  std::replace(message.begin(), message.end(), '\n', ' ');
  if (message.size() > kMessageBytesMax) {
    size_t end = kMessageBytesMax;
    while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xC0) == 0x80) --end;
    message = message.substr(0, end) + "...";
  }
  return fmt::format("{}: {}", newest->StringAt("reason"), message);
}

bool WaitsForFirstConsumer(const std::vector<core::Value>& events) {
  const core::Value* newest = nullptr;
  for (const core::Value& event : events) {
    if (!newest || TimeOf(*newest) <= TimeOf(event)) newest = &event;
  }
  return newest && newest->StringAt("reason") == "WaitForFirstConsumer";
}

}  // namespace headgate::deploy
