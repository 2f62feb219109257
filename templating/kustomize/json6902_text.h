#pragma once

#include <string_view>

#include "core/result.h"
#include "templating/kustomize/json6902.h"
#include "templating/yaml/node.h"

namespace headgate::templating::kustomize {

// One JSON text as Go's encoding/json reads it: nothing that is not JSON is allowed, of a key given
// twice the last value counts, and what is no UTF-8 becomes U+FFFD. Notes in `raw` which scalars Go
// would write differently. kInvalid: "FILE:LINE:COLUMN: what was expected".
core::Result<yaml::Node*> ParseJsonText(std::string_view text, std::string_view file,
                                        uint32_t first_line, yaml::Arena* arena,
                                        decltype(JsonPatch::raw)* raw);

}  // namespace headgate::templating::kustomize
