#pragma once

#include <string_view>
#include <vector>

#include "core/result.h"
#include "templating/kustomize/accumulate.h"
#include "templating/kustomize/accumulate_fields.h"
#include "templating/kustomize/kustomization.h"

namespace headgate::templating::kustomize {

// The plugins that `generators`, `transformers` and `validators` name: objects in place, in files,
// or made by a whole kustomization. Built-in ones only: the others are programs, and nothing from a
// repository is run.

core::Status RunGenerators(Target* target, Accumulated* all);

// Transformers, ready to run. `field` is the one that `plugins` come from.
core::Result<std::vector<Transformer>> LoadTransformers(Target* target,
                                                        const std::vector<Text>& plugins,
                                                        std::string_view field);

// kInvalid where a validator changes anything but the label validated-by.
core::Status RunValidators(Target* target, Accumulated* all);

// `replacements` of a kustomization or a plugin's file, those of other files read in. `file` is
// what errors name.
core::Result<std::vector<Replacement>> ReadReplacements(
    const std::vector<At<ReplacementArgs>>& args, const Loader& loader, std::string_view file,
    yaml::Arena* arena);

}  // namespace headgate::templating::kustomize
