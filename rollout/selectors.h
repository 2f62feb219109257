#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/object.h"
#include "core/result.h"
#include "core/rollout_spec.h"
#include "core/value.h"

namespace headgate::rollout {

// Whether a Service's selector selects pods with these labels; an empty one selects none.
bool SelectsByMap(const core::Map& selector, const core::Map& labels);
// The same for a LabelSelector (matchLabels and matchExpressions); an empty one selects all.
bool Selects(const core::Value& label_selector, const core::Map& labels);

// The selector of pods of an object, for kinds that must not count the other track's: Service,
// PodDisruptionBudget, PodMonitor. nullptr for others and for Services without one.
const core::Value* PodSelectorOf(const core::Value& body);
bool SelectsPods(const core::Value& body, const core::Map& labels);

// The labels of a workload's pods.
const core::Map& PodLabelsOf(const core::Value& workload);

// The label by which the canary's pods differ from stable's: spec.canary.label, or the first of
// app.kubernetes.io/instance, app.kubernetes.io/name, app and name that is in every selector that
// selects gated pods. kInvalid names the selectors in the way. Without a router it is
// headgate.dev/track, which only the canary has.
core::Result<std::string> FindTrackLabel(const core::Objects& bundle,
                                         const core::RolloutSpec& spec);

// What tells a track's objects from stable's: the end of their names and of their label's value.
inline constexpr std::string_view kCanaryEnd = "-canary";
inline constexpr std::string_view kBaselineEnd = "-baseline";

// "web" -> "web-canary", at most 63 characters.
std::string TrackLabelValue(std::string_view value, std::string_view end);

// Gives the value of `label` its track's form, in a map of labels or a Service's selector, or in a
// LabelSelector. Whether there was one.
bool ToTrack(core::Map* labels, std::string_view label, std::string_view end);
bool ToTrackSelector(core::Value* label_selector, std::string_view label, std::string_view end);

}  // namespace headgate::rollout
