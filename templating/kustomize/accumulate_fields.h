#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/result.h"
#include "templating/kustomize/build.h"
#include "templating/kustomize/origin.h"
#include "templating/kustomize/resource.h"
#include "templating/kustomize/rules.h"

namespace headgate::templating::kustomize {

class Target;

using Change = std::function<core::Status(Build*, ResourceMap*)>;

// A change to all resources, read and ready.
struct Transformer {
  Change run;
  std::string where;  // it was configured; before its errors
  Trail origin;
  size_t steps = 1;  // that kustomize has for it: so often its origin is noted
};

// What the fields of a kustomization ask for, in kustomize's order: patches first, replacements
// last. `config` is what was accumulated so far. kInvalid for what cannot be read.
core::Result<std::vector<Transformer>> FieldTransformers(const Target& target,
                                                         const TransformerConfig& config);

}  // namespace headgate::templating::kustomize
