#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/file_tree.h"
#include "templating/yaml/node.h"

namespace headgate::templating::kustomize {

class Schema;

// What one build shares with all of its parts. Not for several threads at once.
struct Build {
  yaml::Arena* arena = nullptr;  // what every node and text of the build lives in
  const core::FileTree* files = nullptr;
  // What is known about kinds. A kustomization's `openapi` may put another one in its place, which
  // then holds for the rest of the build, as there; nullptr: the built-in one.
  const Schema* schema = nullptr;
  std::vector<std::string> warnings;  // one line each, without its end
};

// Whether the build's schema knows a kind to be cluster-scoped.
bool IsClusterScoped(const Build& build, std::string_view group, std::string_view version,
                     std::string_view kind);

}  // namespace headgate::templating::kustomize
