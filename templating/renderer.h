#pragma once

#include <memory>
#include <string_view>

#include "core/file_tree.h"
#include "core/object.h"
#include "core/result.h"

namespace headgate::templating {

// How kustomize sorts objects where the kustomization has no sortOptions: by kind, as its command
// line does, or as read.
enum class Order { kLegacy, kAsRead };

// Turns the files of one application into objects. Reads nothing but its arguments.
class Renderer {
 public:
  virtual ~Renderer() = default;

  // The objects of `path` in the order in which they are printed; each names the file it came from,
  // and its values keep their marks where the source gave them. Every object has an apiVersion, a
  // kind and a name, and no two are the same object. kInvalid names file and line:
  // "web.yaml:12:3: ...".
  virtual core::Result<core::Objects> Render(const core::FileTree& files,
                                             std::string_view path) const = 0;
};

// kustomization.yaml, kustomization.yml or Kustomization in `path`: kustomize. Otherwise plain
// YAML, as Flux takes it: every *.yaml, *.yml and *.json file below `path` that is not hidden,
// sorted by path; a directory on the way that has a kustomization is rendered by that. A Chart.yaml
// is kInvalid.
std::unique_ptr<Renderer> RendererFor(const core::FileTree& files, std::string_view path,
                                      Order order = Order::kLegacy);

}  // namespace headgate::templating
