#pragma once

#include <string>

#include "core/file_tree.h"
#include "core/result.h"
#include "templating/kustomize_first/kustomization.h"
#include "templating/kustomize_first/resource.h"

namespace headgate::templating {

// Adds what configMapGenerator and secretGenerator make, or merges it into what is there.
core::Status Generate(const core::FileTree& files, const Kustomization& kustomization,
                      Resources* all);

// The ten characters that end the name of a generated ConfigMap or Secret, as kustomize computes
// them from the content.
std::string HashSuffix(const core::Value& body);

}  // namespace headgate::templating
