#pragma once

#include <memory>
#include <vector>

#include "core/result.h"
#include "templating/kustomize/build.h"
#include "templating/kustomize/json6902.h"
#include "templating/kustomize/resource.h"
#include "templating/kustomize/selector.h"

namespace headgate::templating::kustomize {

// Applies each strategic merge patch to the one resource that has, or had, its id. kInvalid where
// there is none, or are several. `as_there`: the patch is merged as it stands; else, as by a
// target, its labels and annotations become texts first.
core::Status ApplyByOwnId(const std::vector<std::unique_ptr<Resource>>& patches, bool as_there,
                          Build* build, ResourceMap* all);

// Applies a strategic merge patch to all resources that a target is about; there may be none.
core::Status ApplyToTarget(const Resource& patch, const SelectorFields& target, Build* build,
                           ResourceMap* all);

// Applies a JSON patch likewise. `keep_id`: ids before the patch are remembered.
core::Status ApplyJsonToTarget(const JsonPatch& patch, const SelectorFields& target, bool keep_id,
                               Build* build, ResourceMap* all);

}  // namespace headgate::templating::kustomize
