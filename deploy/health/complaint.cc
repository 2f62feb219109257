#include "deploy/health/complaint.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "deploy/health/kinds.h"

namespace headgate::deploy {
namespace {

// Severities: a container that dies says more than one that cannot start, and that more than one
// that is merely slow.
constexpr int kSlow = 1;
constexpr int kUnscheduled = 2;
constexpr int kCannotStart = 3;
constexpr int kDies = 4;

constexpr size_t kMessageBytesMax = 300;

// Reasons of the kubelet for waiting that are no fault.
constexpr std::string_view kNormalWaits[] = {"ContainerCreating", "PodInitializing"};
// Reasons for waiting where the image is at fault.
constexpr std::string_view kImageWaits[] = {"ImagePullBackOff", "ErrImagePull", "InvalidImageName",
                                            "ErrImageNeverPull", "RegistryUnavailable"};

template <size_t kSize>
bool IsOneOf(const std::string_view (&words)[kSize], std::string_view word) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

std::string Cut(std::string_view text) {
  const size_t line = text.find_last_not_of(" \r\n\t");
  text = line == std::string_view::npos ? std::string_view() : text.substr(0, line + 1);
  if (text.size() <= kMessageBytesMax) return std::string(text);
  size_t end = kMessageBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // whole UTF-8
  return std::string(text.substr(0, end)) + "...";
}

// "exit 1", "killed by signal 9 (OOMKilled)", with the container's last words where it left some.
std::string Ending(const core::Value& terminated) {
  const std::string& reason = terminated.StringAt("reason");
  const int64_t signal = terminated.IntAt(0, "signal");
  std::string text = signal > 0 ? fmt::format("signal {}", signal)
                                : fmt::format("exit {}", terminated.IntAt(0, "exitCode"));
  if (!reason.empty() && reason != "Error" && reason != "Completed") text += " (" + reason + ")";
  const std::string& message = terminated.StringAt("message");
  if (!message.empty()) text += ": \"" + Cut(message) + "\"";
  return text;
}

Complaint OfWaiting(const core::Value& status, const core::Value& waiting, std::string_view who) {
  const std::string& reason = waiting.StringAt("reason");
  if (reason.empty() || IsOneOf(kNormalWaits, reason)) return {};
  if (reason == "CrashLoopBackOff") {
    const core::Value* last = status.Find("lastState", "terminated");
    return {kDies, true,
            fmt::format("{}: CrashLoopBackOff: {}", who, last ? Ending(*last) : "it keeps ending")};
  }
  if (IsOneOf(kImageWaits, reason)) {
    return {
        kCannotStart, true,
        fmt::format("{}: {}: image {} cannot be pulled", who, reason, status.StringAt("image"))};
  }
  const std::string message = Cut(waiting.StringAt("message"));
  return {kCannotStart, true,
          message.empty() ? fmt::format("{}: {}", who, reason)
                          : fmt::format("{}: {}: {}", who, reason, message)};
}

Complaint OfContainer(const core::Value& status, std::string_view word, bool may_end) {
  const std::string who = fmt::format("{} {}", word, status.StringAt("name"));
  if (const core::Value* waiting = status.Find("state", "waiting")) {
    return OfWaiting(status, *waiting, who);
  }
  if (const core::Value* ended = status.Find("state", "terminated")) {
    if (ended->IntAt(0, "exitCode") == 0 && may_end) return {};
    return {kDies, ended->IntAt(0, "exitCode") != 0, fmt::format("{}: {}", who, Ending(*ended))};
  }
  if (!status.BoolAt(true, "ready") && status.Find("state", "running")) {
    const core::Value* last = status.Find("lastState", "terminated");
    if (last && status.IntAt(0, "restartCount") > 0) {
      return {kDies, false,
              fmt::format("{}: restarted {} times, last: {}", who, status.IntAt(0, "restartCount"),
                          Ending(*last))};
    }
    if (may_end) return {};
    return {kSlow, false, fmt::format("{}: running, but not ready", who)};
  }
  return {};
}

void KeepWorse(Complaint* kept, Complaint other) {
  if (other.severity > kept->severity) *kept = std::move(other);
}

}  // namespace

Complaint ComplaintOf(const core::Value& pod) {
  Complaint worst;
  const bool once = pod.StringAt("spec", "restartPolicy") != "Always" &&
                    !pod.StringAt("spec", "restartPolicy").empty();
  for (const core::Value& status : pod.ListAt("status", "initContainerStatuses")) {
    KeepWorse(&worst, OfContainer(status, "init container", true));
  }
  for (const core::Value& status : pod.ListAt("status", "containerStatuses")) {
    KeepWorse(&worst, OfContainer(status, "container", once));
  }
  if (pod.StringAt("status", "phase") == "Failed") {
    const std::string& reason = pod.StringAt("status", "reason");
    const std::string message = Cut(pod.StringAt("status", "message"));
    KeepWorse(&worst, {kCannotStart, true,
                       fmt::format("{}{}{}", reason.empty() ? "failed" : reason,
                                   message.empty() ? "" : ": ", message)});
  }
  if (const auto scheduled = FindCondition(pod, "PodScheduled");
      scheduled && scheduled->status == "False") {
    KeepWorse(&worst, {kUnscheduled, scheduled->reason == "Unschedulable",
                       "no node takes the pod: " + Cut(Why(*scheduled, "not scheduled"))});
  }
  return worst;
}

}  // namespace headgate::deploy
