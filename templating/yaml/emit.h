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

// A tree made of values, of any kind at its top, as sigs.k8s.io/yaml prints it: as above, but
// texts are what they are, whatever their style would make of them.
core::Status EmitValue(const Node& node, std::string* out);

// One document as go-yaml 3 prints it with two spaces: order, styles and comments kept. Sequences
// of mappings stand at the column of their key where they are `compact`, as YAML inside of strings
// has them; else two further right.
core::Status EmitKept(const Node& node, std::string* out, bool compact = true);

// As Go's encoding/json prints, keys sorted, HTML characters escaped.
core::Status EmitJson(const Node& node, std::string* out);

// A text in quotes, as there; `html`: whether < > and & are escaped.
void AppendJsonText(std::string_view text, std::string* out, bool html = true);

}  // namespace headgate::templating::yaml
