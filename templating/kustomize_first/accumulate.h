#pragma once

#include <string>
#include <vector>

#include "core/file_tree.h"
#include "core/result.h"
#include "templating/kustomize_first/kustomization.h"
#include "templating/kustomize_first/resource.h"

namespace headgate::templating {

// Gathers the objects of a kustomization and of all that it names, and transforms them; names are
// not hashed yet and references not followed.
class Accumulator {
 public:
  explicit Accumulator(const core::FileTree& files) : files_(files) {}

  core::Result<Resources> Accumulate(const Kustomization& kustomization);

 private:
  core::Status AddTo(const Kustomization& kustomization, Resources* all);
  core::Status AddResource(const Kustomization& kustomization, std::string_view field,
                           const core::Value& name, Resources* all);
  core::Status AddFile(const Kustomization& kustomization, std::string_view field,
                       const core::Value& name, Resources* all);
  core::Status AddDirectory(const Kustomization& kustomization, std::string_view field,
                            const core::Value& name, const std::string& directory, Resources* all);
  core::Status CheckChain(const std::string& directory) const;

  const core::FileTree& files_;
  std::vector<std::string> chain_;  // the directories on the way down, the first one outermost
  size_t loaded_ = 0;
};

}  // namespace headgate::templating
