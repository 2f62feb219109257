#pragma once

#include "core/result.h"
#include "core/value.h"

namespace headgate::templating {

// RFC 6902: applies a list of operations. kInvalid names the operation that cannot be done; `body`
// is then left half-done.
core::Status ApplyJsonPatch(const core::Value& operations, core::Value* body);

}  // namespace headgate::templating
