#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/value.h"

namespace headgate::deploy {

struct FieldDiff {
  std::string path;                 // "spec.template.spec.containers[name=web].image"
  std::optional<core::Value> from;  // nothing: the field is new
  std::optional<core::Value> to;    // nothing: the field goes away

  friend bool operator==(const FieldDiff&, const FieldDiff&) = default;
};
using FieldDiffs = std::vector<FieldDiff>;

// Where `live` differs from what `wanted` says: only fields that wanted has count, since an object
// on a server has many more. Items of lists are paired by their merge key (name, containerPort,
// mountPath...), as Kubernetes' types define them; other lists item by item when equally long, else
// whole. Quantities are compared by meaning ("1000m" is "1").
FieldDiffs DiffOnWanted(const core::Value& wanted, const core::Value& live);

// Every difference between two states of one object, but for what a server keeps for itself
// (managedFields, resourceVersion, generation, uid, creationTimestamp, status).
FieldDiffs DiffStates(const core::Value& before, const core::Value& after);

// Replaces values of a Secret's data by "***(a3f29c)": a keyed short hash, so that a change shows
// and its content does not. The key is of this process. Other kinds stay as they are.
core::Value Masked(const core::Value& body);

}  // namespace headgate::deploy
