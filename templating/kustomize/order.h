#pragma once

#include <optional>
#include <string_view>

#include "core/result.h"
#include "templating/kustomize/kustomization.h"
#include "templating/kustomize/resource.h"

namespace headgate::templating::kustomize {

// kustomize's "legacy" order: some kinds first, some last, the rest by group, version, kind,
// namespace and name. kInvalid where an id is there twice: a patch may have seen to that.
core::Status SortLegacy(ResourceMap* all);

// A kustomization's sortOptions. kInvalid for an order other than legacy or fifo, and for options
// of the other one; `file` is where they stand.
core::Status Sort(const SortOptions& options, std::string_view file, ResourceMap* all);

}  // namespace headgate::templating::kustomize
