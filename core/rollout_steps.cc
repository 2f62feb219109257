#include "core/rollout_steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace headgate::core {
namespace {

constexpr int kReplicasMax = 10000;
constexpr size_t kHeaderMatchesMax = 16;  // of one route; the Gateway API takes no more
constexpr Duration kGateTimeoutMax = std::chrono::seconds(30);
constexpr size_t kGateMetadataMax = 50;
constexpr size_t kUrlMax = 2048;
constexpr size_t kJobNameMax = 40;

// Why a gate cannot be asked there; "" where it can. This machine and link-local addresses (where
// clouds keep credentials) are not what a commit may have asked.
std::string WrongUrl(std::string_view url) {
  if (url.size() > kUrlMax) return fmt::format("is longer than {} characters", kUrlMax);
  const size_t scheme = url.find("://");
  if (scheme == url.npos || (url.substr(0, scheme) != "http" && url.substr(0, scheme) != "https"))
    return "expected http://HOST/PATH or https://HOST/PATH";
  const bool plain = std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < 127; });
  if (!plain) return "has characters that no URL has; escape them with %";
  const std::string_view rest = url.substr(scheme + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.find('@') != authority.npos)
    return "has a user or a password in it, which everybody could read; take it out";
  const std::string_view host = authority.starts_with('[')
                                    ? authority.substr(0, authority.find(']') + 1)
                                    : authority.substr(0, authority.find(':'));
  if (host.empty() || host == "[") return "names no host";
  const bool own = host == "localhost" || host.ends_with(".localhost") ||
                   host.starts_with("127.") || host.starts_with("169.254.") || host == "0.0.0.0" ||
                   host == "[::1]" || host == "[::]" || host.starts_with("[fe80:") ||
                   host.starts_with("[::ffff:");
  return own ? fmt::format("{} is Headgate's own machine or network; name a Service", host) : "";
}

SetWeight ReadWeight(Fields* fields, int* weight) {
  const auto percent = static_cast<int>(fields->Int("setWeight", 0, 0, 100));
  if (percent <= *weight) {
    fields->Fail("setWeight",
                 fmt::format("{} is not above {}, the weight before it; weights only rise", percent,
                             *weight));
  }
  *weight = percent;
  return {percent};
}

Pause ReadPause(Fields fields) {
  Pause pause;
  if (fields.Has("duration")) pause.duration = fields.Time("duration", Duration(0));
  if (fields.Has("until")) {
    Result<Time> until = ParseTime(fields.Required("until"));
    if (until) pause.until = *until;
    if (!until) fields.Fail("until", "expected a time such as 2026-11-23T09:00:00Z");
    if (pause.duration) fields.Fail("until", "stands beside duration; give one of them");
  }
  fields.Finish();
  return pause;
}

SetCanaryScale ReadScale(Fields fields) {
  SetCanaryScale scale;
  int given = 0;
  if (fields.Has("replicas")) {
    scale = {SetCanaryScale::By::kReplicas,
             static_cast<int>(fields.Int("replicas", 1, 1, kReplicasMax))};
    ++given;
  }
  if (fields.Has("weight")) {
    scale = {SetCanaryScale::By::kWeight, static_cast<int>(fields.Int("weight", 0, 0, 100))};
    ++given;
  }
  if (fields.Has("matchTrafficWeight")) {
    scale = {};
    if (!fields.Bool("matchTrafficWeight", true))
      fields.Fail("matchTrafficWeight", "can only be true; give replicas or weight instead");
    ++given;
  }
  fields.Finish();
  if (given != 1) fields.Fail("", "expected exactly one of replicas, weight, matchTrafficWeight");
  return scale;
}

HeaderMatch ReadMatch(Fields fields) {
  HeaderMatch match;
  match.name = fields.Required("headerName");
  Fields value = fields.Sub("headerValue");
  int given = 0;
  for (const auto& [key, how] : {std::pair("exact", HeaderMatch::How::kExact),
                                 std::pair("prefix", HeaderMatch::How::kPrefix),
                                 std::pair("regex", HeaderMatch::How::kRegex)}) {
    if (!value.Has(key)) continue;
    match.how = how;
    match.value = value.Required(key);
    ++given;
  }
  value.Finish();
  if (given != 1) fields.Fail("headerValue", "expected exactly one of exact, prefix, regex");
  fields.Finish();
  return match;
}

SetHeaderRoute ReadHeaderRoute(Fields fields) {
  SetHeaderRoute route{fields.Required("name"), {}};
  for (const Fields& item : fields.Items("match")) route.match.push_back(ReadMatch(item));
  if (route.match.size() > kHeaderMatchesMax)
    fields.Fail("match", fmt::format("has more than {} headers", kHeaderMatchesMax));
  fields.Finish();
  return route;
}

SetMirror ReadMirror(Fields fields) {
  if (!fields.Has("percentage")) fields.Fail("percentage", "is missing");
  const SetMirror mirror{static_cast<int>(fields.Int("percentage", 0, 0, 100))};
  fields.Finish();
  return mirror;
}

Gate ReadGate(Fields fields) {
  Gate gate;
  gate.name = fields.String("name", "gate");
  gate.url = fields.Required("url");
  const std::string wrong = gate.url.empty() ? "" : WrongUrl(gate.url);
  if (!wrong.empty()) fields.Fail("url", wrong);
  gate.timeout = fields.Time("timeout", gate.timeout);
  if (gate.timeout < std::chrono::seconds(1) || gate.timeout > kGateTimeoutMax)
    fields.Fail("timeout", "expected 1s to " + Show(kGateTimeoutMax));
  gate.metadata = fields.Tree("metadata");
  if (gate.metadata.AsMap()) {
    for (const auto& [key, value] : *gate.metadata.AsMap()) {
      if (!value.AsString()) fields.Fail("metadata", key + " is no string; put it in quotes");
    }
    if (gate.metadata.AsMap()->size() > kGateMetadataMax)
      fields.Fail("metadata", fmt::format("has more than {} entries", kGateMetadataMax));
  }
  const std::string on_refusal = fields.String("onRefusal", "wait");
  if (on_refusal == "rollback") gate.on_refusal = Gate::OnRefusal::kRollback;
  if (on_refusal != "rollback" && on_refusal != "wait")
    fields.Fail("onRefusal",
                fmt::format("\"{}\" is not known; expected wait or rollback", on_refusal));
  if (fields.Has("deadline")) gate.deadline = fields.Time("deadline", Duration(0));
  if (gate.deadline && gate.on_refusal == Gate::OnRefusal::kRollback)
    fields.Fail("deadline",
                "bounds the waiting, but onRefusal does not wait; take one of them out");
  fields.Finish();
  return gate;
}

SetBaseline ReadBaseline(Fields fields) {
  const SetBaseline baseline{fields.Bool("enabled", true)};
  fields.Finish();
  return baseline;
}

// A baseline gets as many requests as the canary, so there must be as many for it.
void CheckBaselines(const std::vector<Step>& steps, Fields* canary) {
  int weight = 0;
  bool baseline = false;
  for (const Step& step : steps) {
    if (const auto* set = std::get_if<SetWeight>(&step)) weight = set->percent;
    if (const auto* set = std::get_if<SetBaseline>(&step)) {
      if (!set->enabled && !baseline)
        canary->Fail("steps", "setBaseline takes the baseline away before any step has set it");
      baseline = set->enabled;
    }
    if (baseline && weight > 50)
      canary->Fail("steps", fmt::format("setBaseline is in force at {} %, but the baseline gets as "
                                        "much as the canary; take it away at 50 % with "
                                        "setBaseline: {{enabled: false}}",
                                        weight));
  }
}

// What of a Job's spec cannot be: "selector: ...", "" where all is well.
std::string WrongJob(const Value& spec) {
  const List& containers = spec.ListAt("template", "spec", "containers");
  if (containers.empty()) return "template.spec.containers is missing; name at least one";
  const std::string& restart = spec.StringAt("template", "spec", "restartPolicy");
  if (!restart.empty() && restart != "Never" && restart != "OnFailure")
    return fmt::format("template.spec.restartPolicy is {}; a Job's is Never or OnFailure", restart);
  for (const char* field : {"selector", "manualSelector"}) {
    if (spec.Find(field)) return fmt::format("{} is made by the cluster; take it out", field);
  }
  if (spec.BoolAt(false, "suspend")) return "suspend: it would never run; take it out";
  if (spec.Find("ttlSecondsAfterFinished"))
    return "ttlSecondsAfterFinished would have it run again; Headgate removes it after the step";
  return "";
}

Job ReadJob(Fields fields) {
  Job job{fields.Required("name"), fields.Tree("spec")};
  const bool named = !job.name.empty() && job.name.size() <= kJobNameMax &&
                     job.name.front() != '-' && job.name.back() != '-' &&
                     std::all_of(job.name.begin(), job.name.end(), [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                     });
  if (!named)
    fields.Fail("name", fmt::format("\"{}\" is no name: up to {} lower-case letters, digits and -",
                                    job.name, kJobNameMax));
  const std::string wrong =
      job.spec.AsMap() ? WrongJob(job.spec) : "is missing; give it the spec of a batch/v1 Job";
  if (!wrong.empty()) fields.Fail("spec", wrong);
  fields.Finish();
  return job;
}

Analyze ReadAnalyze(Fields fields) {
  const Analyze analyze{fields.Time("duration", Duration(0))};
  fields.Finish();
  return analyze;
}

// `weight` is that of the setWeight steps so far.
Step ReadStep(Fields fields, int* weight) {
  Step step = Approve{};
  int kinds = 0;
  const auto is = [&](const char* kind) {
    const bool there = fields.Has(kind);
    kinds += there;
    return there;
  };
  if (is("setWeight")) step = ReadWeight(&fields, weight);
  if (is("pause")) step = ReadPause(fields.Sub("pause"));
  if (is("analyze")) step = ReadAnalyze(fields.Sub("analyze"));
  if (is("setCanaryScale")) step = ReadScale(fields.Sub("setCanaryScale"));
  if (is("setHeaderRoute")) step = ReadHeaderRoute(fields.Sub("setHeaderRoute"));
  if (is("setMirror")) step = ReadMirror(fields.Sub("setMirror"));
  if (is("gate")) step = ReadGate(fields.Sub("gate"));
  if (is("job")) step = ReadJob(fields.Sub("job"));
  if (is("setBaseline")) step = ReadBaseline(fields.Sub("setBaseline"));
  if (is("approve")) fields.Sub("approve").Finish();
  fields.Finish();
  if (kinds != 1) {
    fields.Fail("",
                "a step is exactly one of setWeight, pause, analyze, approve, setCanaryScale, "
                "setHeaderRoute, setMirror, gate, job, setBaseline");
  }
  return step;
}

std::string ShowScale(const SetCanaryScale& scale) {
  switch (scale.by) {
    case SetCanaryScale::By::kReplicas:
      return fmt::format("setCanaryScale {} pods", scale.amount);
    case SetCanaryScale::By::kWeight:
      return fmt::format("setCanaryScale {} %", scale.amount);
    case SetCanaryScale::By::kMatchTrafficWeight:
      break;
  }
  return "setCanaryScale matchTrafficWeight";
}

struct Shower {
  std::string operator()(const SetWeight& s) const {
    return fmt::format("setWeight {} %", s.percent);
  }
  std::string operator()(const Pause& s) const {
    if (s.until) return "pause until " + Show(*s.until);
    return s.duration ? "pause " + Show(*s.duration) : "pause";
  }
  std::string operator()(const Analyze& s) const { return "analyze " + Show(s.duration); }
  std::string operator()(const Approve&) const { return "approve"; }
  std::string operator()(const SetCanaryScale& s) const { return ShowScale(s); }
  std::string operator()(const SetHeaderRoute& s) const {
    return fmt::format("setHeaderRoute {}{}", s.name, s.match.empty() ? " away" : "");
  }
  std::string operator()(const SetMirror& s) const {
    return fmt::format("setMirror {} %", s.percentage);
  }
  std::string operator()(const Gate& s) const { return "gate " + s.name; }
  std::string operator()(const Job& s) const { return "job " + s.name; }
  std::string operator()(const SetBaseline& s) const {
    return s.enabled ? "setBaseline" : "setBaseline away";
  }
};

}  // namespace

std::string Show(const Step& step) { return std::visit(Shower{}, step); }

bool IsChange(const Step& step) {
  return std::holds_alternative<SetWeight>(step) || std::holds_alternative<SetCanaryScale>(step) ||
         std::holds_alternative<SetHeaderRoute>(step) || std::holds_alternative<SetMirror>(step) ||
         std::holds_alternative<SetBaseline>(step);
}

std::vector<Step> ReadSteps(Fields* canary) {
  std::vector<Step> steps;
  int weight = -1;
  std::set<std::string> routes;
  for (Fields& item : canary->Items("steps")) {
    steps.push_back(ReadStep(item, &weight));
    const auto* route = std::get_if<SetHeaderRoute>(&steps.back());
    if (!route) continue;
    if (route->match.empty() && routes.erase(route->name) == 0)
      item.Fail("setHeaderRoute", fmt::format("takes {} away, which no step before it set; give "
                                              "it a match",
                                              route->name));
    if (!route->match.empty()) routes.insert(route->name);
  }
  CheckBaselines(steps, canary);
  if (steps.empty())
    canary->Fail("steps", "is missing; give at least one, such as {setWeight: 10}");
  return steps;
}

BlueGreen ReadBlueGreen(Fields fields) {
  BlueGreen read;
  read.preview_service = fields.String("previewService");
  read.steps.emplace_back(SetCanaryScale{SetCanaryScale::By::kWeight, 100});
  if (fields.Has("prePromotionAnalysis"))
    read.steps.emplace_back(ReadAnalyze(fields.Sub("prePromotionAnalysis")));
  if (!fields.Bool("autoPromotionEnabled", true)) read.steps.emplace_back(Approve{});
  read.steps.emplace_back(SetWeight{100});
  if (fields.Has("postPromotionAnalysis"))
    read.steps.emplace_back(ReadAnalyze(fields.Sub("postPromotionAnalysis")));
  if (fields.Has("scaleDownDelaySeconds"))
    read.steps.emplace_back(
        Pause{std::chrono::seconds(fields.Int("scaleDownDelaySeconds", 0, 0, 86400)), {}});
  fields.Finish();
  return read;
}

}  // namespace headgate::core
