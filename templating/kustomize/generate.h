#pragma once

#include <memory>

#include "core/result.h"
#include "templating/kustomize/build.h"
#include "templating/kustomize/kustomization.h"
#include "templating/kustomize/loader.h"
#include "templating/kustomize/resource.h"

namespace headgate::templating::kustomize {

enum class Generated { kConfigMap, kSecret };

// ConfigMapGenerator, SecretGenerator: an object with the data that `args` names, its history
// saying how it meets one of the same name and whether a hash will end its name. kInvalid says
// "FILE:LINE: OWNER: ..." for a missing name, a key twice, more than kDataBytesMax; `owner` is the
// place of `args` in `file`.
core::Result<std::unique_ptr<Resource>> Generate(Generated kind, const At<GeneratorArgs>& args,
                                                 const Loader& loader, std::string_view file,
                                                 std::string_view owner, Build* build);

// What generatorOptions says where a generator's own options do not; true wins over false.
std::optional<GeneratorOptions> MergeOptions(std::optional<GeneratorOptions> own,
                                             const std::optional<GeneratorOptions>& general);

// IAMPolicyGenerator: a ServiceAccount that Google's cloud knows. `config` is the plugin's object.
core::Result<std::unique_ptr<Resource>> GenerateIamPolicy(const yaml::Node& config,
                                                          std::string_view file, Build* build);

}  // namespace headgate::templating::kustomize
