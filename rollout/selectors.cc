#include "rollout/selectors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/application.h"
#include "rollout/config.h"

namespace headgate::rollout {
namespace {

using core::Map;
using core::Value;

constexpr size_t kLabelValueMax = 63;

bool Satisfies(const Value& expression, const Map& labels) {
  const Value* label = labels.Find(expression.StringAt("key"));
  const std::string& op = expression.StringAt("operator");
  if (op == "Exists") return label != nullptr;
  if (op == "DoesNotExist") return label == nullptr;
  const core::List& values = expression.ListAt("values");
  const bool among = label && std::find(values.begin(), values.end(), *label) != values.end();
  return op == "NotIn" ? !among : among;
}

// Whether a selector, a map or a LabelSelector, asks for one value (or some) of the label.
bool AsksFor(const Value& selector, std::string_view label, bool plain) {
  if (plain) return selector.Find(label) != nullptr;
  if (selector.Find("matchLabels", label)) return true;
  const core::List& expressions = selector.ListAt("matchExpressions");
  return std::any_of(expressions.begin(), expressions.end(), [&](const Value& expression) {
    return expression.StringAt("key") == label && expression.StringAt("operator") == "In";
  });
}

bool IsService(const Value& body) { return core::IsKind(body, "", "Service"); }

std::string Named(const core::Object& object) {
  return fmt::format("{} {} ({})", object.body.StringAt("kind"), core::NameOf(object.body),
                     core::Where(object));
}

// Whether pods of another track would be taken for an object's own.
bool SelectsAlready(const Value& body, const std::string& label, const Map& track) {
  const Value* selector = PodSelectorOf(body);
  const Value* other =
      core::IsKind(body, "apps", "Deployment") ? body.Find("spec", "selector") : nullptr;
  return (selector && AsksFor(*selector, label, IsService(body)) && SelectsPods(body, track)) ||
         (other && Selects(*other, track));
}

// Why `label` cannot tell the tracks of one workload apart; empty where it can.
std::string Obstacle(const core::Objects& bundle, const core::Object& workload,
                     const std::string& label, const std::vector<std::string_view>& ends) {
  const Map& labels = PodLabelsOf(workload.body);
  if (!workload.body.Find("spec", "selector", "matchLabels", label))
    return fmt::format("{}: the selector of {} lacks it", label, Named(workload));
  for (const core::Object& object : bundle) {
    if (&object == &workload) continue;
    const Value* selector = PodSelectorOf(object.body);
    if (selector && SelectsPods(object.body, labels) &&
        !AsksFor(*selector, label, IsService(object.body)))
      return fmt::format("{}: the selector of {} lacks it", label, Named(object));
    for (const std::string_view end : ends) {
      Map track = labels;
      ToTrack(&track, label, end);
      if (SelectsAlready(object.body, label, track))
        return fmt::format("{}: {} selects \"{}\" already", label, Named(object),
                           track.Find(label)->AsString() ? *track.Find(label)->AsString() : "");
    }
  }
  return "";
}

}  // namespace

bool SelectsByMap(const Map& selector, const Map& labels) {
  return !selector.empty() && std::all_of(selector.begin(), selector.end(), [&](const auto& entry) {
    const Value* label = labels.Find(entry.first);
    return label && *label == entry.second;
  });
}

bool Selects(const Value& label_selector, const Map& labels) {
  const Map& wanted = label_selector.MapAt("matchLabels");
  if (!wanted.empty() && !SelectsByMap(wanted, labels)) return false;
  const core::List& expressions = label_selector.ListAt("matchExpressions");
  return std::all_of(expressions.begin(), expressions.end(),
                     [&](const Value& expression) { return Satisfies(expression, labels); });
}

const Value* PodSelectorOf(const Value& body) {
  const bool selects = IsService(body) || core::IsKind(body, "policy", "PodDisruptionBudget") ||
                       core::IsKind(body, "monitoring.coreos.com", "PodMonitor");
  const Value* selector = selects ? body.Find("spec", "selector") : nullptr;
  return selector && selector->AsMap() && !(IsService(body) && selector->AsMap()->empty())
             ? selector
             : nullptr;
}

bool SelectsPods(const Value& body, const Map& labels) {
  const Value* selector = PodSelectorOf(body);
  if (!selector) return false;
  return IsService(body) ? SelectsByMap(*selector->AsMap(), labels) : Selects(*selector, labels);
}

const Map& PodLabelsOf(const Value& workload) {
  return workload.MapAt("spec", "template", "metadata", "labels");
}

core::Result<std::string> FindTrackLabel(const core::Objects& bundle,
                                         const core::RolloutSpec& spec) {
  if (spec.traffic.by == core::Traffic::By::kReplicas) return std::string(core::kTrackLabel);
  std::vector<std::string> labels = {"app.kubernetes.io/instance", "app.kubernetes.io/name", "app",
                                     "name"};
  if (!spec.canary_label.empty()) labels = {spec.canary_label};
  std::vector<std::string_view> ends{kCanaryEnd};
  const auto baseline = [](const core::Step& step) {
    return std::holds_alternative<core::SetBaseline>(step);
  };
  if (std::any_of(spec.steps.begin(), spec.steps.end(), baseline)) ends.push_back(kBaselineEnd);
  std::vector<std::string> obstacles;
  for (const std::string& label : labels) {
    std::string obstacle;
    for (const core::Object* workload : GatedOf(bundle, spec)) {
      obstacle = Obstacle(bundle, *workload, label, ends);
      if (!obstacle.empty()) break;
    }
    if (obstacle.empty()) return label;
    obstacles.push_back(std::move(obstacle));
  }
  return core::Invalid(fmt::format(
      "no label tells canary pods from stable's: {}. Put one label into the selectors of the "
      "workloads and of all that selects their pods, or name it in spec.canary.label",
      fmt::join(obstacles, "; ")));
}

std::string TrackLabelValue(std::string_view value, std::string_view end) {
  return WithSuffix(value, end, kLabelValueMax);
}

bool ToTrack(Map* labels, std::string_view label, std::string_view end) {
  Value* value = labels->Find(label);
  if (!value || !value->AsString()) return false;
  *value = TrackLabelValue(*value->AsString(), end);
  return true;
}

bool ToTrackSelector(Value* label_selector, std::string_view label, std::string_view end) {
  bool found = false;
  if (Value* wanted = label_selector->Find("matchLabels"); wanted && wanted->AsMap())
    found = ToTrack(wanted->AsMap(), label, end);
  Value* expressions = label_selector->Find("matchExpressions");
  if (!expressions || !expressions->AsList()) return found;
  for (Value& expression : *expressions->AsList()) {
    if (expression.StringAt("key") != label || expression.StringAt("operator") != "In") continue;
    Value* values = expression.Find("values");
    if (!values || !values->AsList()) continue;
    for (Value& value : *values->AsList()) {
      if (value.AsString()) value = TrackLabelValue(*value.AsString(), end);
    }
    found = true;
  }
  return found;
}

}  // namespace headgate::rollout
