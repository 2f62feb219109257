#pragma once

#include "core/result.h"
#include "templating/yaml/node.h"

namespace headgate::templating::kustomize {

// Makes of a tree what is left of it once kustomize has written it as JSON, read that, and written
// and read it as YAML again: numbers as Go's floats are written (1e+06), moments as texts, strings
// in the style that go-yaml gives them, no comments. kInvalid where JSON cannot hold a value.
core::Status ThroughJson(yaml::Arena* arena, yaml::Node* root);

}  // namespace headgate::templating::kustomize
