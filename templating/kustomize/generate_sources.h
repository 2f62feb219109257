#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "templating/kustomize/kustomization.h"
#include "templating/kustomize/loader.h"

namespace headgate::templating::kustomize {

// The keys and values that a generator's envs, literals and files give, in this order. kInvalid:
// "FILE:LINE: secretGenerator[1].literals[2]: KEY=VALUE expected, ..."; `file` and `owner` are
// where the generator stands.
core::Result<StringPairs> ReadSources(const GeneratorArgs& args, const Loader& loader,
                                      std::string_view file, std::string_view owner);

// The lines KEY=VALUE of an env file. Empty lines and comments are left out, blanks before a key
// too; a key alone has an empty value. kInvalid for lines that are not UTF-8 or longer than 64 KiB.
core::Result<StringPairs> ParseEnvFile(std::string_view text, std::string_view file);

}  // namespace headgate::templating::kustomize
