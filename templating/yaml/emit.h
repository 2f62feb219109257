#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "templating/yaml/node.h"

namespace headgate::templating::yaml {

// Appends one document as `kustomize build` prints a resource: through JSON (comments and styles
// gone, keys sorted, numbers as Go prints them), then as go-yaml 2 prints (two spaces, sequences at
// the column of their key). kInvalid where a scalar's text does not fit its tag, as there.
core::Status EmitResource(const Node& node, std::string* out);

// One document as go-yaml 3 prints it with two spaces and compact sequences: order, styles and
// comments kept. For YAML inside of strings.
core::Status EmitKept(const Node& node, std::string* out);

// As Go's encoding/json prints, keys sorted, HTML characters escaped.
core::Status EmitJson(const Node& node, std::string* out);

}  // namespace headgate::templating::yaml
