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

// Why `label` cannot tell the tracks of one workload apart; empty where it can.
std::string Obstacle(const core::Objects& bundle, const core::Object& workload,
                     const std::string& label) {
  const Map& labels = PodLabelsOf(workload.body);
  if (!workload.body.Find("spec", "selector", "matchLabels", label))
    return fmt::format("{}: the selector of {} lacks it", label, Named(workload));
  Map canary = labels;
  ToCanary(&canary, label);
  for (const core::Object& object : bundle) {
    if (&object == &workload) continue;
    const Value* selector = PodSelectorOf(object.body);
    if (selector && SelectsPods(object.body, labels) &&
        !AsksFor(*selector, label, IsService(object.body)))
      return fmt::format("{}: the selector of {} lacks it", label, Named(object));
    const Value* other = core::IsKind(object.body, "apps", "Deployment")
                             ? object.body.Find("spec", "selector")
                             : nullptr;
    if ((selector && AsksFor(*selector, label, IsService(object.body)) &&
         SelectsPods(object.body, canary)) ||
        (other && Selects(*other, canary)))
      return fmt::format("{}: {} selects \"{}\" already", label, Named(object),
                         canary.Find(label)->AsString() ? *canary.Find(label)->AsString() : "");
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
  std::vector<std::string> obstacles;
  for (const std::string& label : labels) {
    std::string obstacle;
    for (const core::Object* workload : GatedOf(bundle, spec)) {
      obstacle = Obstacle(bundle, *workload, label);
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

std::string CanaryLabelValue(std::string_view value) {
  return WithSuffix(value, "-canary", kLabelValueMax);
}

bool ToCanary(Map* labels, std::string_view label) {
  Value* value = labels->Find(label);
  if (!value || !value->AsString()) return false;
  *value = CanaryLabelValue(*value->AsString());
  return true;
}

bool ToCanarySelector(Value* label_selector, std::string_view label) {
  bool found = false;
  if (Value* wanted = label_selector->Find("matchLabels"); wanted && wanted->AsMap())
    found = ToCanary(wanted->AsMap(), label);
  Value* expressions = label_selector->Find("matchExpressions");
  if (!expressions || !expressions->AsList()) return found;
  for (Value& expression : *expressions->AsList()) {
    if (expression.StringAt("key") != label || expression.StringAt("operator") != "In") continue;
    Value* values = expression.Find("values");
    if (!values || !values->AsList()) continue;
    for (Value& value : *values->AsList()) {
      if (value.AsString()) value = CanaryLabelValue(*value.AsString());
    }
    found = true;
  }
  return found;
}

}  // namespace headgate::rollout
