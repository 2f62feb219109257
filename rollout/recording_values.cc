// Observations as trees, and back.
#include <fmt/format.h>

#include "rollout/recording.h"

namespace headgate::rollout {
namespace {

using core::List;
using core::Map;
using core::Value;

int64_t Millis(core::Time time) { return time.time_since_epoch().count(); }
core::Time TimeAt(const Value& value, std::string_view key) {
  return core::Time(core::Duration(value.IntAt(0, key)));
}
std::optional<core::Time> MaybeTimeAt(const Value& value, std::string_view key) {
  return value.Find(key) ? std::optional(TimeAt(value, key)) : std::nullopt;
}
int IntAt(const Value& value, std::string_view key) {
  return static_cast<int>(value.IntAt(0, key));
}

Value ToValue(const PodSeen& pod) {
  Map map{{"name", pod.name},         {"candidate", pod.candidate}, {"ready", pod.ready},
          {"restarts", pod.restarts}, {"broken", pod.broken},       {"leaving", pod.leaving}};
  if (pod.started) map.Set("started", Millis(*pod.started));
  if (pod.died) map.Set("died", Millis(*pod.died));
  if (pod.unready) map.Set("unready", Millis(*pod.unready));
  return map;
}

PodSeen PodFrom(const Value& value) {
  return {
      value.StringAt("name"),         value.StringAt("candidate"), value.BoolAt(false, "ready"),
      value.IntAt(0, "restarts"),     value.StringAt("broken"),    MaybeTimeAt(value, "started"),
      value.BoolAt(false, "leaving"), MaybeTimeAt(value, "died"),  MaybeTimeAt(value, "unready")};
}

Value ToValue(const std::vector<WorkloadSeen>& track) {
  List list;
  for (const WorkloadSeen& one : track) {
    List pods;
    for (const PodSeen& pod : one.pods) pods.push_back(ToValue(pod));
    list.push_back(Map{{"kind", one.ref.kind},
                       {"name", one.ref.name},
                       {"exists", one.exists},
                       {"gatedHash", one.gated_hash},
                       {"healthy", one.healthy},
                       {"why", one.why},
                       {"replicas", one.replicas},
                       {"ready", one.ready},
                       {"serving", one.serving.ready},
                       {"leaving", one.serving.leaving},
                       {"pods", std::move(pods)}});
  }
  return list;
}

std::vector<WorkloadSeen> TrackAt(const Value& value, std::string_view key) {
  std::vector<WorkloadSeen> track;
  for (const Value& item : value.ListAt(key)) {
    WorkloadSeen one;
    one.ref = {item.StringAt("kind"), item.StringAt("name")};
    one.exists = item.BoolAt(false, "exists");
    one.gated_hash = item.StringAt("gatedHash");
    one.healthy = item.BoolAt(false, "healthy");
    one.why = item.StringAt("why");
    one.replicas = IntAt(item, "replicas");
    one.ready = IntAt(item, "ready");
    one.serving = {IntAt(item, "serving"), IntAt(item, "leaving")};
    for (const Value& pod : item.ListAt("pods")) one.pods.push_back(PodFrom(pod));
    track.push_back(std::move(one));
  }
  return track;
}

Value ToValue(const RouteSeen& route) {
  Map map{{"exists", route.exists},
          {"accepted", route.accepted},
          {"weight", route.weight},
          {"why", route.why},
          {"extras", route.extras},
          {"settle", int64_t{route.settle.count()}},
          {"followsPods", route.follows_pods},
          {"version", route.version}};
  if (route.accepted_since) map.Set("acceptedSince", Millis(*route.accepted_since));
  return map;
}

RouteSeen RouteFrom(const Value& value) {
  RouteSeen route;
  route.exists = value.BoolAt(false, "exists");
  route.accepted = value.BoolAt(false, "accepted");
  route.weight = IntAt(value, "weight");
  route.accepted_since = MaybeTimeAt(value, "acceptedSince");
  route.why = value.StringAt("why");
  route.extras = value.StringAt("extras");
  route.settle = core::Duration(value.IntAt(0, "settle"));
  route.follows_pods = value.BoolAt(false, "followsPods");
  route.version = value.StringAt("version");
  return route;
}

}  // namespace

Value ToValue(const Observation& seen) {
  Map map{{"now", Millis(seen.now)},
          {"watchingSince", Millis(seen.watching_since)},
          {"irreversible", seen.irreversible},
          {"stableGatedHash", seen.stable_gated_hash},
          {"stableRevision", seen.stable_revision},
          {"stable", ToValue(seen.stable)},
          {"canary", ToValue(seen.canary)},
          {"baseline", ToValue(seen.baseline)},
          {"route", ToValue(seen.route)},
          {"suspended", seen.suspended}};
  if (seen.wanted)
    map.Set("wanted", Map{{"revision", seen.wanted->revision},
                          {"bundleHash", seen.wanted->bundle_hash},
                          {"gatedHash", seen.wanted->gated_hash}});
  if (seen.gate)
    map.Set("gate", Map{{"says", static_cast<int>(seen.gate->says)}, {"why", seen.gate->why}});
  if (seen.job)
    map.Set("job", Map{{"state", static_cast<int>(seen.job->state)}, {"why", seen.job->why}});
  if (seen.request) map.Set("request", core::ToText(*seen.request));
  return map;
}

core::Result<Observation> ParseObservation(const Value& value) {
  Observation seen;
  seen.now = TimeAt(value, "now");
  seen.watching_since = TimeAt(value, "watchingSince");
  seen.irreversible = value.StringAt("irreversible");
  seen.stable_gated_hash = value.StringAt("stableGatedHash");
  seen.stable_revision = value.StringAt("stableRevision");
  seen.stable = TrackAt(value, "stable");
  seen.canary = TrackAt(value, "canary");
  seen.baseline = TrackAt(value, "baseline");
  if (const Value* route = value.Find("route")) seen.route = RouteFrom(*route);
  seen.suspended = value.BoolAt(false, "suspended");
  if (const Value* wanted = value.Find("wanted"))
    seen.wanted = core::Candidate{wanted->StringAt("revision"), wanted->StringAt("bundleHash"),
                                  wanted->StringAt("gatedHash")};
  if (const Value* gate = value.Find("gate")) {
    const int64_t says = gate->IntAt(-1, "says");
    if (says < 0 || says > 2) return core::Invalid("seen.gate.says is not known");
    seen.gate = GateSeen{static_cast<GateSeen::Says>(says), gate->StringAt("why")};
  }
  if (const Value* job = value.Find("job")) {
    const int64_t state = job->IntAt(-1, "state");
    if (state < 0 || state > 3) return core::Invalid("seen.job.state is not known");
    seen.job = JobSeen{static_cast<JobSeen::State>(state), job->StringAt("why")};
  }
  if (const std::string& text = value.StringAt("request"); !text.empty()) {
    core::Result<core::Request> request = core::ParseRequest(text);
    if (!request) return request.error().In("seen.request");
    seen.request = std::move(*request);
  }
  return seen;
}

}  // namespace headgate::rollout
