#pragma once

#include "core/result.h"
#include "templating/kustomize_first/resource.h"

namespace headgate::templating {

// Follows names that prefixes, suffixes, hashes and patches changed into the fields that refer to
// them. kInvalid where a reference may mean several objects.
core::Status FixReferences(Resources* all);

}  // namespace headgate::templating
