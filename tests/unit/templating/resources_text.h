#pragma once

#include <string>
#include <string_view>

#include "templating/kustomize/resource.h"

namespace headgate::templating::kustomize {

// A build with an arena of its own.
struct OwnBuild : Build {
  OwnBuild() { arena = &own_arena; }
  yaml::Arena own_arena;
};

// The documents of a text; a failure of the test where they cannot be read or added.
ResourceMap ReadResources(Build* build, std::string_view text);

// One line each, as ShowNode, with the annotations that a build prints. `v1` and metadata's names
// are not left out.
std::string ShowResources(ResourceMap* all);

// The text of an error, or what `all` is now.
std::string ShowAfter(const core::Status& done, ResourceMap* all);

}  // namespace headgate::templating::kustomize
