#include "templating/kustomize/kustomize.h"

namespace headgate::templating {

core::Result<core::Objects> KustomizeRenderer::Render(const core::FileTree&,
                                                      std::string_view path) const {
  return core::Invalid(std::string(path) + ": kustomizations are not rendered yet");
}

}  // namespace headgate::templating
