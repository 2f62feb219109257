#pragma once

#include <string_view>
#include <vector>

#include "core/result.h"
#include "templating/kustomize/accumulate_fields.h"
#include "templating/kustomize/kustomization.h"
#include "templating/kustomize/loader.h"

namespace headgate::templating::kustomize {

// Reads patches of a kustomization or a plugin's file, and what they refer to. kInvalid for what
// cannot be read; its result fails for patches that do not fit.
class Patches {
 public:
  // `file` and `line` are where the patch, or the list of them, is configured.
  Patches(const Loader& loader, std::string_view file, uint32_t line, Build* build)
      : loader_(loader), file_(file), line_(line), build_(*build) {}

  // PatchTransformer: strategic merge patches or one JSON 6902 patch, in place or in a file.
  core::Result<Change> Any(const PatchArgs& patch) const;
  // PatchStrategicMergeTransformer: each text is a patch or the path of a file of patches; then
  // `more` patches.
  core::Result<Change> Strategic(const std::vector<Text>& patches, const Text& more) const;
  // PatchJson6902Transformer.
  core::Result<Change> Json6902(const PatchArgs& patch) const;

 private:
  using Resources = std::vector<std::unique_ptr<Resource>>;
  struct Source {
    std::string_view text, shown;  // shown: the file, as errors name it
    std::string_view path;         // of the file in the tree
    uint32_t line;                 // of the text's first line
    const File* file = nullptr;    // whose whole text it is
  };

  core::Result<Source> Open(std::string_view path) const;
  Source InPlace(const Text& patch) const;
  Source Trimmed(const Text& patch) const;
  core::Result<Change> AnyOf(const Source& source, const PatchArgs& args) const;
  core::Result<Resources> Read(const Source& source) const;
  core::Result<Resources> ReadAll(const std::vector<Text>& patches, const Text& more) const;

  const Loader& loader_;
  std::string_view file_;
  uint32_t line_;
  Build& build_;
};

}  // namespace headgate::templating::kustomize
