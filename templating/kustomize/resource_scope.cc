#include <algorithm>
#include <array>

#include "templating/kustomize/build.h"
#include "templating/kustomize/schema.h"

namespace headgate::templating::kustomize {

bool IsClusterScoped(const Build& build, std::string_view group, std::string_view version,
                     std::string_view kind) {
  // "apps/v1"; what is longer than any name of the API is no kind that is known.
  std::array<char, 600> joined;
  std::string_view api_version = version;
  if (!group.empty()) {
    if (group.size() + version.size() + 1 > joined.size()) return false;
    char* end = std::copy(group.begin(), group.end(), joined.data());
    *end++ = '/';
    end = std::copy(version.begin(), version.end(), end);
    api_version = {joined.data(), static_cast<size_t>(end - joined.data())};
  }
  const Scope scope =
      build.schema ? build.schema->ScopeOf(api_version, kind) : BuiltInScope(api_version, kind);
  return scope == Scope::kCluster;
}

}  // namespace headgate::templating::kustomize
