#pragma once

#include <string_view>

#include "templating/renderer.h"

namespace headgate::templating {

// A directory of manifests without a kustomization; see RendererFor.
class PlainRenderer : public Renderer {
 public:
  core::Result<core::Objects> Render(const core::FileTree& files,
                                     std::string_view path) const override;
};

}  // namespace headgate::templating
