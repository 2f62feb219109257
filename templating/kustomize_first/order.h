#pragma once

#include "templating/kustomize_first/kustomization.h"
#include "templating/kustomize_first/kustomize.h"
#include "templating/kustomize_first/resource.h"

namespace headgate::templating {

// Sorts as the kustomization's sortOptions say, or by `order` where it has none.
core::Status Sort(const Kustomization& kustomization, Order order, Resources* all);

// Sorts the keys of all mappings as kustomize prints them: by letter, digits by their number.
void SortKeys(core::Value* value);

}  // namespace headgate::templating
