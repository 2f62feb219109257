#pragma once

#include <span>
#include <string_view>

#include "templating/kustomize/field_path.h"
#include "templating/yaml/node.h"

namespace headgate::templating::kustomize {

// Sets a value inside a text that holds YAML or JSON, where a path goes on beyond it:
// "data.config\.json.server.port". The text is printed as it was written, JSON with or without line
// ends. False, and nothing changes, where the path leads through no such text, or to nothing.
bool SetInStructuredText(std::span<const std::string_view> path, Make make, const yaml::Node& value,
                         yaml::Arena* arena, yaml::Node* body);

}  // namespace headgate::templating::kustomize
