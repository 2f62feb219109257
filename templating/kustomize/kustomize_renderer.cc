#include <algorithm>
#include <string>

#include "templating/kustomize/kustomization.h"
#include "templating/kustomize/kustomize.h"

namespace headgate::templating {

bool IsKustomizationName(std::string_view name) {
  const auto& names = kustomize::kKustomizationFiles;
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool HasKustomization(const core::FileTree& files, std::string_view path) {
  const std::string prefix = path.empty() ? "" : std::string(path) + "/";
  const auto& names = kustomize::kKustomizationFiles;
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
    return files.TypeOf(prefix + std::string(name)) == core::FileTree::Type::kFile;
  });
}

core::Result<core::Objects> KustomizeRenderer::Render(const core::FileTree& files,
                                                      std::string_view path) const {
  return kustomize::BuildObjects(
      files, path, {.order = order_, .charts = {.enabled = true}, .shared = shared_}, nullptr);
}

}  // namespace headgate::templating
