#include "rollout/observation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "core/application.h"
#include "core/object.h"

namespace headgate::rollout {
namespace {

using core::Value;

// What the kubelet says of a container that will not run by itself.
constexpr std::array kBroken = {"CrashLoopBackOff",     "ErrImagePull",
                                "ImagePullBackOff",     "ErrImageNeverPull",
                                "InvalidImageName",     "CreateContainerConfigError",
                                "CreateContainerError", "RunContainerError"};

// Within so long of its start a pod's first conditions are written.
constexpr core::Duration kBirth = std::chrono::seconds(2);

std::optional<core::Time> TimeAt(const Value& value, std::string_view key) {
  const core::Result<core::Time> time = core::ParseTime(value.StringAt(key));
  return time ? std::optional(*time) : std::nullopt;
}

std::string BrokenContainer(const Value& status) {
  const std::string& reason = status.StringAt("state", "waiting", "reason");
  for (std::string_view known : kBroken) {
    if (reason != known) continue;
    std::string text = fmt::format("container {}: {}", status.StringAt("name"), reason);
    if (const Value* last = status.Find("lastState", "terminated")) {
      text += fmt::format(": exit {}", last->IntAt(0, "exitCode"));
    } else if (const std::string& message = status.StringAt("state", "waiting", "message");
               !message.empty()) {
      text += ": " + message.substr(0, 200);
    }
    return text;
  }
  return "";
}

bool IsEndpoint(const std::string& pod, const std::string& service,
                const std::vector<Value>& slices) {
  return std::any_of(slices.begin(), slices.end(), [&](const Value& slice) {
    if (core::LabelOf(slice, "kubernetes.io/service-name") != service) return false;
    const core::List& endpoints = slice.ListAt("endpoints");
    return std::any_of(endpoints.begin(), endpoints.end(), [&](const Value& endpoint) {
      const Value* ready = endpoint.Find("conditions", "ready");
      return endpoint.StringAt("targetRef", "name") == pod && !(ready && *ready == Value(false));
    });
  });
}

}  // namespace

PodSeen SeePod(const Value& pod) {
  PodSeen seen;
  seen.name = core::NameOf(pod);
  seen.candidate = core::LabelOf(pod, core::kCandidateLabel);
  seen.leaving = pod.Find("metadata", "deletionTimestamp") != nullptr;
  std::optional<core::Time> turned;
  for (const Value& condition : pod.ListAt("status", "conditions")) {
    if (condition.StringAt("type") != "Ready") continue;
    seen.ready = condition.StringAt("status") == "True";
    turned = TimeAt(condition, "lastTransitionTime");
  }
  for (const char* list : {"initContainerStatuses", "containerStatuses"}) {
    for (const Value& status : pod.ListAt("status", list)) {
      seen.restarts += status.IntAt(0, "restartCount");
      if (seen.broken.empty()) seen.broken = BrokenContainer(status);
      const Value* last = status.Find("lastState", "terminated");
      const std::optional<core::Time> died = last ? TimeAt(*last, "finishedAt") : std::nullopt;
      if (died && list == std::string_view("containerStatuses") &&
          (!seen.died || *died > *seen.died))
        seen.died = died;
    }
  }
  for (const std::string& text :
       {pod.StringAt("status", "startTime"), pod.StringAt("metadata", "creationTimestamp")}) {
    core::Result<core::Time> time = core::ParseTime(text);
    if (!time) continue;
    seen.started = *time;
    break;
  }
  // A pod that never was ready is not ready since it was made.
  if (!seen.ready && !seen.leaving && turned && seen.started && *turned > *seen.started + kBirth)
    seen.unready = turned;
  return seen;
}

Serving SeeServing(const std::vector<PodSeen>& pods, const std::vector<Value>& slices,
                   const std::vector<std::string>& services) {
  Serving serving;
  for (const PodSeen& pod : pods) {
    const auto names_it = [&](const std::string& service) {
      return IsEndpoint(pod.name, service, slices);
    };
    if (pod.leaving) {
      serving.leaving += std::any_of(services.begin(), services.end(), names_it);
    } else if (pod.ready) {
      serving.ready += std::all_of(services.begin(), services.end(), names_it);
    }
  }
  return serving;
}

}  // namespace headgate::rollout
