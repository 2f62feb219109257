#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/file_tree.h"
#include "core/object.h"
#include "core/result.h"
#include "templating/kustomize/build.h"
#include "templating/kustomize/loader.h"
#include "templating/renderer.h"

namespace headgate::templating::kustomize {

// How a kustomization is built, beside what it says itself.
struct BuildRules {
  Order order = Order::kLegacy;  // where the kustomization has no sortOptions
  bool order_was_asked = false;  // sortOptions then win, with a warning
  bool managed_by_label = false;
  LoadRules load;
  ChartRules charts;
  SharedFiles shared = {};
};

// What `kustomize build` prints for a directory of the tree, byte for byte: documents parted by
// "---\n". `warnings` gets lines for standard error. kInvalid: "FILE:LINE: ...", with the way
// through overlays and bases before it.
core::Result<std::string> BuildYaml(const core::FileTree& files, std::string_view path,
                                    const BuildRules& rules, std::vector<std::string>* warnings);

// The same as one file for each resource, named as `kustomize build -o DIRECTORY` does. Two
// resources may get the same name: the later one counts, as there.
using NamedTexts = std::vector<std::pair<std::string, std::string>>;
core::Result<NamedTexts> BuildFiles(const core::FileTree& files, std::string_view path,
                                    const BuildRules& rules, std::vector<std::string>* warnings);

// The same as objects, keys sorted, with the marks of what came from files.
core::Result<core::Objects> BuildObjects(const core::FileTree& files, std::string_view path,
                                         const BuildRules& rules,
                                         std::vector<std::string>* warnings);

}  // namespace headgate::templating::kustomize

namespace headgate::templating {

bool IsKustomizationName(std::string_view name);
// Whether a directory of the tree is a kustomization.
bool HasKustomization(const core::FileTree& files, std::string_view path);

// What `kustomize build` 5.8.1 makes of a directory, for all fields but those that would run
// programs or fetch from hosts: these are kInvalid.
class KustomizeRenderer : public Renderer {
 public:
  explicit KustomizeRenderer(Order order = Order::kLegacy, SharedFiles shared = {})
      : order_(order), shared_(std::move(shared)) {}
  core::Result<core::Objects> Render(const core::FileTree& files,
                                     std::string_view path) const override;

 private:
  const Order order_;
  const SharedFiles shared_;
};

}  // namespace headgate::templating
