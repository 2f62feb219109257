#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "templating/renderer.h"

namespace headgate::templating {

inline constexpr std::array<std::string_view, 3> kKustomizationNames{
    "kustomization.yaml", "kustomization.yml", "Kustomization"};
inline bool IsKustomizationName(std::string_view name) {
  return std::find(kKustomizationNames.begin(), kKustomizationNames.end(), name) !=
         kKustomizationNames.end();
}

// The first kustomize: what `kustomize build` 5 prints for the fields that are supported; any other
// field is kInvalid with its file and line, never left out in silence.
class KustomizeRenderer : public Renderer {
 public:
  explicit KustomizeRenderer(Order order = Order::kLegacy) : order_(order) {}
  core::Result<core::Objects> Render(const core::FileTree& files,
                                     std::string_view path) const override;

 private:
  Order order_;
};

}  // namespace headgate::templating
