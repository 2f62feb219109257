#pragma once

#include <string_view>

#include "core/result.h"
#include "templating/kustomize/rules.h"
#include "templating/yaml/node.h"

namespace headgate::templating::kustomize {

// A file of `configurations`: which further fields hold names, images, labels and so on. Unknown
// fields are kInvalid.
core::Result<SharedConfig> ParseConfig(std::string_view text, std::string_view file,
                                       yaml::Arena* arena);

// A file of `crds`: OpenAPI definitions by type name, whose x-kubernetes- extensions say the same.
// (A CustomResourceDefinition is no such file, and kInvalid, as in kustomize.)
core::Result<SharedConfig> ParseCrds(std::string_view text, std::string_view file,
                                     yaml::Arena* arena);

}  // namespace headgate::templating::kustomize
