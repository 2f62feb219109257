#pragma once

#include <string>
#include <vector>

#include "templating/kustomize_first/field_spec.h"

namespace headgate::templating {

// A field that names an object of a kind.
struct ReferenceRule {
  std::string group, version, kind;  // of what is named; "" fits all
  FieldSpec field;
  // The field is a mapping with a kind beside the name, and that must be this rule's.
  bool by_kind = false;
};

const std::vector<ReferenceRule>& ReferenceRules();

}  // namespace headgate::templating
