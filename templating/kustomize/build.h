#pragma once

#include <string>
#include <vector>

#include "core/file_tree.h"
#include "templating/yaml/node.h"

namespace headgate::templating::helm {
class ChartSources;
}

namespace headgate::templating::kustomize {

class Schema;

// Whether and how charts of kustomizations are rendered (--enable-helm, --helm-*).
struct ChartRules {
  bool enabled = false;
  // Where a chart's entry does not say.
  std::string kube_version;
  std::vector<std::string> api_versions;
  // Where charts come from that do not stand in the tree; nullptr: from nowhere.
  helm::ChartSources* sources = nullptr;
};

// What one build shares with all of its parts. Not for several threads at once.
struct Build {
  yaml::Arena* arena = nullptr;  // what every node and text of the build lives in
  const core::FileTree* files = nullptr;
  // What is known about kinds. A kustomization's `openapi` may put another one in its place, which
  // then holds for the rest of the build, as there; nullptr: the built-in one.
  const Schema* schema = nullptr;
  ChartRules charts;
  std::vector<std::string> warnings;  // one line each, without its end
};

}  // namespace headgate::templating::kustomize
