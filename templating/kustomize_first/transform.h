#pragma once

#include "core/result.h"
#include "templating/kustomize_first/kustomization.h"
#include "templating/kustomize_first/resource.h"

namespace headgate::templating {

// The transformers of a kustomization but for its patches; each does nothing where its fields are
// missing. Their order matters and is Accumulate's business.
core::Status SetNamespaces(const Kustomization& kustomization, Resources* all);
core::Status AddPrefixAndSuffix(const Kustomization& kustomization, Resources* all);
core::Status AddLabels(const Kustomization& kustomization, Resources* all);
core::Status AddAnnotations(const Kustomization& kustomization, Resources* all);
core::Status SetReplicas(const Kustomization& kustomization, Resources* all);
core::Status SetImages(const Kustomization& kustomization, Resources* all);

}  // namespace headgate::templating
