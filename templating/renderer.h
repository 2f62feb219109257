#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/file_tree.h"
#include "core/object.h"
#include "core/render.h"
#include "core/result.h"
#include "templating/varying.h"

namespace headgate::templating {

// How kustomize sorts objects where the kustomization has no sortOptions: by kind, as its command
// line does, or as read.
enum class Order { kLegacy, kAsRead };

class FileCache;

// Files of a repository that its renderings share.
struct SharedFiles {
  FileCache* cache = nullptr;  // nullptr: nothing is kept
  std::string repository;      // whose ids FileTree::ContentId gives
};

// What a rendering is given beside the files.
struct RenderOptions {
  Order order = Order::kLegacy;
  core::Render render = {};
  // What a chart's templates see as .Release, where `render` does not say.
  std::string release = "release-name";
  std::string namespace_name = "default";
  SharedFiles shared = {};
};

struct Rendering {
  core::Objects objects;
  std::vector<VaryingField> varying = {};
};

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
  // The same, with what varies; a chart that may is rendered twice to see it.
  virtual core::Result<Rendering> RenderAndCompare(const core::FileTree& files,
                                                   std::string_view path) const;
};

// kustomization.yaml, kustomization.yml or Kustomization in `path`: kustomize. Otherwise plain
// YAML, as Flux takes it: every *.yaml, *.yml and *.json file below `path` that is not hidden,
// sorted by path; a directory on the way that has a kustomization is rendered by that. A Chart.yaml
// in `path`: a chart, as `helm template --include-crds --skip-tests` renders it, hooks among the
// rest; a Chart.yaml further below is kInvalid, and so are options for a chart where there is none.
std::unique_ptr<Renderer> RendererFor(const core::FileTree& files, std::string_view path,
                                      const RenderOptions& options = {});

}  // namespace headgate::templating
