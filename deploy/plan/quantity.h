#pragma once

#include <optional>
#include <string_view>

#include "core/value.h"

namespace headgate::deploy {

// A Kubernetes quantity as a number: "1500m" is 1.5, "1Ki" 1024, "2e3" 2000. Nothing where it is no
// quantity. Source: k8s.io/apimachinery/pkg/api/resource, suffixer.go.
std::optional<long double> ParseQuantity(std::string_view text);

// Whether two values mean the same quantity: "1000m", "1", 1.
bool SameQuantity(const core::Value& a, const core::Value& b);

}  // namespace headgate::deploy
