#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>

#include "templating/helm/chart/compatible.h"
#include "templating/helm/chart/metadata.h"
#include "templating/helm/chart/paths.h"
#include "templating/helm/strconv.h"
#include "templating/helm/unicode.h"

namespace headgate::templating::helm {
namespace {

void Sanitize(std::string_view* text, Heap* heap) {
  std::string clean;
  for (std::string_view rest = *text; !rest.empty();) {
    const char32_t rune = TakeRune(&rest);
    if (IsSpace(rune)) {
      clean += ' ';
    } else if (IsPrint(rune)) {
      AppendRune(&clean, rune);
    }
  }
  if (clean != *text) *text = heap->Copy(clean);
}

core::Error Wrong(std::string_view why) {
  return core::Invalid(fmt::format("validation: {}", why));
}

core::Status CheckNames(const ChartMetadata& metadata) {
  const std::string_view name = metadata.name;
  if (metadata.api_version.empty()) return Wrong("chart.metadata.apiVersion is required");
  if (name.empty()) return Wrong("chart.metadata.name is required");
  if (name == "." || name == "..") {
    return Wrong(fmt::format("chart.metadata.name {} is not allowed", Quote(name)));
  }
  if (name != PathBase(name)) {
    return Wrong(fmt::format("chart.metadata.name {} is invalid", Quote(name)));
  }
  if (metadata.version.empty()) return Wrong("chart.metadata.version is required");
  if (!IsVersion(metadata.version)) {
    return Wrong(fmt::format("chart.metadata.version {} is invalid", Quote(metadata.version)));
  }
  if (!metadata.type.empty() && metadata.type != "application" && metadata.type != "library") {
    return Wrong("chart.metadata.type must be application or library");
  }
  return core::Ok();
}

bool IsAlias(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; });
}

core::Status CheckDependency(Dependency* dependency, Heap* heap) {
  if (!dependency) return Wrong("dependencies must not contain empty or null nodes");
  for (std::string_view* text :
       {&dependency->name, &dependency->version, &dependency->repository, &dependency->condition}) {
    Sanitize(text, heap);
  }
  for (std::string_view& tag : dependency->tags) Sanitize(&tag, heap);
  if (!IsAlias(dependency->alias)) {
    return Wrong(fmt::format("dependency {} has disallowed characters in the alias",
                             Quote(dependency->name)));
  }
  return core::Ok();
}

}  // namespace

core::Status ValidateMetadata(ChartMetadata* metadata, Heap* heap) {
  for (std::string_view* text :
       {&metadata->name, &metadata->description, &metadata->home, &metadata->icon,
        &metadata->condition, &metadata->tags, &metadata->app_version, &metadata->kube_version}) {
    Sanitize(text, heap);
  }
  for (std::string_view& source : metadata->sources) Sanitize(&source, heap);
  for (std::string_view& keyword : metadata->keywords) Sanitize(&keyword, heap);
  core::Status named = CheckNames(*metadata);
  if (!named) return named;
  for (Maintainer* maintainer : metadata->maintainers) {
    if (!maintainer) return Wrong("maintainers must not contain empty or null nodes");
    Sanitize(&maintainer->name, heap);
    Sanitize(&maintainer->email, heap);
    Sanitize(&maintainer->url, heap);
  }
  std::set<std::string_view> names;
  if (!metadata->dependencies) return core::Ok();
  for (Dependency* dependency : *metadata->dependencies) {
    core::Status checked = CheckDependency(dependency, heap);
    if (!checked) return checked;
    const std::string_view name = dependency->alias.empty() ? dependency->name : dependency->alias;
    if (!names.insert(name).second) {
      return Wrong(fmt::format("more than one dependency with name or alias {}", Quote(name)));
    }
  }
  return core::Ok();
}

}  // namespace headgate::templating::helm
