#include "core/rollout_steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace headgate::core {
namespace {

constexpr int kReplicasMax = 10000;
constexpr size_t kHeaderMatchesMax = 16;  // of one route; the Gateway API takes no more

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
  if (is("approve")) fields.Sub("approve").Finish();
  fields.Finish();
  if (kinds != 1) {
    fields.Fail("",
                "a step is exactly one of setWeight, pause, analyze, approve, setCanaryScale, "
                "setHeaderRoute, setMirror");
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
};

}  // namespace

std::string Show(const Step& step) { return std::visit(Shower{}, step); }

bool IsChange(const Step& step) {
  return std::holds_alternative<SetWeight>(step) || std::holds_alternative<SetCanaryScale>(step) ||
         std::holds_alternative<SetHeaderRoute>(step) || std::holds_alternative<SetMirror>(step);
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
