#pragma once

#include <optional>
#include <string>

#include "core/result.h"

namespace headgate::deploy {

// Whether the API server refused an update because a field cannot be changed once it is set; the
// value is the field, "spec.selector", or "" where the text does not name it. The server has no
// code for it, only texts. Source: k8s.io/kubernetes/pkg/apis/*/validation and apimachinery's
// ValidateImmutableField, v1.34.
std::optional<std::string> ImmutableField(const core::Error& refusal);

}  // namespace headgate::deploy
