#pragma once

#include "templating/kustomize/rules.h"

namespace headgate::templating::kustomize {

// As kustomize writes them down; made at the first call, and kept. DefaultConfig has them sorted.
const TransformerConfig& BuiltInTables();

// Fields of Headgate's own kinds that name objects: the one thing that kustomize does not do.
struct OwnReferenceRule {
  std::string_view group, kind;  // of what is named
  FieldSpec field;
  // The field is a mapping (or a list of them) with a kind beside the name, which must be `kind`.
  bool by_kind;
};
const std::vector<OwnReferenceRule>& OwnReferenceRules();

}  // namespace headgate::templating::kustomize
