#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/value.h"

namespace headgate::deploy {

// The keys that pair the items of a list of Kubernetes' own types; empty where the list has none.
// `path` is the field's path of names, as in "spec.template.spec.containers.ports".
// Source: x-kubernetes-list-map-keys of the API server's OpenAPI, v1.34.
std::vector<std::string_view> MergeKeysOf(std::string_view path);

// The item of `list` that has the same values at `keys`; nullptr where there is none.
const core::Value* FindByKeys(const core::List& list, const core::Value& item,
                              const std::vector<std::string_view>& keys);

// "[name=web]", "[port=80,protocol=TCP]".
std::string ShowKeys(const core::Value& item, const std::vector<std::string_view>& keys);

}  // namespace headgate::deploy
