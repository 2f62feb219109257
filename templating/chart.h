#pragma once

#include <string_view>

#include "templating/renderer.h"

namespace headgate::templating {

// A directory with a Chart.yaml; see RendererFor.
class ChartRenderer : public Renderer {
 public:
  explicit ChartRenderer(RenderOptions options) : options_(std::move(options)) {}

  core::Result<core::Objects> Render(const core::FileTree& files,
                                     std::string_view path) const override;

  core::Result<Rendering> RenderAndCompare(const core::FileTree& files,
                                           std::string_view path) const override;

 private:
  RenderOptions options_;
};

}  // namespace headgate::templating
