#pragma once

#include "core/result.h"
#include "core/value.h"

namespace headgate::templating {

// A strategic merge patch. Mappings are merged and null deletes a key; lists of Kubernetes' own
// kinds are merged by the merge keys of its API (items of the patch first), all other lists are
// replaced.
// "$patch: delete", "replace" and "merge" are obeyed. `deleted` becomes true where the patch
// deletes the whole object. kInvalid names the field whose types do not fit.
core::Status ApplyStrategicMerge(const core::Value& patch, core::Value* body, bool* deleted);

}  // namespace headgate::templating
