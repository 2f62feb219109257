#pragma once

#include "core/result.h"
#include "templating/kustomize/accumulate_fields.h"
#include "templating/kustomize/loader.h"
#include "templating/kustomize/resource.h"

namespace headgate::templating::kustomize {

// Whether kustomize has a built-in transformer of this kind, or a generator.
bool IsBuiltinTransformer(std::string_view kind);
bool IsBuiltinGenerator(std::string_view kind);
// " (did you mean LabelTransformer?)"
std::string GuessBuiltin(std::string_view kind);

// What a built-in transformer's object configures. `file` is how errors name where it stands.
core::Result<Change> MakeTransformer(const Resource& plugin, std::string_view file,
                                     const Loader& loader, Build* build);

}  // namespace headgate::templating::kustomize
