#pragma once

#include "core/file_tree.h"
#include "core/result.h"
#include "templating/kustomize_first/kustomization.h"
#include "templating/kustomize_first/resource.h"

namespace headgate::templating {

core::Status ApplyPatchesStrategicMerge(const core::FileTree& files,
                                        const Kustomization& kustomization, Resources* all);
core::Status ApplyPatches(const core::FileTree& files, const Kustomization& kustomization,
                          Resources* all);
core::Status ApplyPatchesJson6902(const core::FileTree& files, const Kustomization& kustomization,
                                  Resources* all);

}  // namespace headgate::templating
