#include "templating/renderer.h"

#include <fmt/format.h>

#include <string>

#include "templating/chart.h"
#include "templating/kustomize/kustomize.h"
#include "templating/plain.h"

namespace headgate::templating {
namespace {

// Says why a path cannot be rendered.
class Refusal : public Renderer {
 public:
  explicit Refusal(core::Error why) : why_(std::move(why)) {}
  core::Result<core::Objects> Render(const core::FileTree&, std::string_view) const override {
    return why_;
  }

 private:
  core::Error why_;
};

}  // namespace

core::Result<Rendering> Renderer::RenderAndCompare(const core::FileTree& files,
                                                   std::string_view path) const {
  core::Result<core::Objects> objects = Render(files, path);
  if (!objects) return objects.error();
  return Rendering{std::move(*objects)};
}

std::unique_ptr<Renderer> RendererFor(const core::FileTree& files, std::string_view path,
                                      const RenderOptions& options) {
  using Type = core::FileTree::Type;
  const std::string at(path);
  const std::string shown = at.empty() ? "." : at;
  const std::string prefix = at.empty() ? "" : at + "/";
  const Type type = at.empty() ? Type::kDirectory : files.TypeOf(at);
  if (type != Type::kDirectory) {
    const char* what =
        type == Type::kFile ? "a directory expected, this is a file" : "no such directory";
    return std::make_unique<Refusal>(core::Invalid(fmt::format("{}: {}", shown, what)));
  }
  const bool kustomization = HasKustomization(files, path);
  if (!kustomization && files.TypeOf(prefix + "Chart.yaml") == Type::kFile) {
    return std::make_unique<ChartRenderer>(options);
  }
  if (options.render.helm != core::Render::Helm()) {
    return std::make_unique<Refusal>(core::Invalid(
        fmt::format("spec.render.helm is for a chart, and {} {}", shown,
                    kustomization ? "holds a kustomization" : "holds no Chart.yaml")));
  }
  if (kustomization) return std::make_unique<KustomizeRenderer>(options.order, options.shared);
  return std::make_unique<PlainRenderer>();
}

}  // namespace headgate::templating
