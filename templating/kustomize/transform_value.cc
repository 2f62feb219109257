#include <algorithm>
#include <string>

#include "templating/kustomize/field_path.h"
#include "templating/kustomize/transform.h"
#include "templating/kustomize/transform_fields.h"
#include "templating/kustomize/transform_namespace.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Node;

// "a/b\/c" as its keys "a" and "b/c".
std::vector<std::string_view> SplitSlashes(std::string_view path, yaml::Arena* arena) {
  std::vector<std::string_view> parts;
  for (bool more = true; more;) {
    const size_t slash = path.find('/');
    more = slash != std::string_view::npos;
    const std::string_view part = path.substr(0, slash);
    if (!parts.empty() && parts.back().ends_with('\\')) {
      parts.back() = arena->Join({parts.back().substr(0, parts.back().size() - 1), "/", part});
    } else {
      parts.push_back(part);
    }
    if (more) path.remove_prefix(slash + 1);
  }
  return parts;
}

// A file's path with a part at a position (from 0), the last one where it has fewer; "/" at the
// front stays there.
std::string WithPart(std::string_view path, size_t position, std::string_view part) {
  std::vector<std::string_view> parts;
  const bool absolute = path.starts_with('/');
  while (!path.empty()) {
    const size_t slash = std::min(path.find('/'), path.size());
    if (slash > 0) parts.push_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  const auto at = parts.begin() + static_cast<std::ptrdiff_t>(std::min(position, parts.size()));
  parts.insert(at, part);
  return fmt::format("{}{}", absolute ? "/" : "", fmt::join(parts, "/"));
}

core::Status AddTo(const ValueConfig& config, const ValueTarget& target, Build* build,
                   Resource* resource) {
  if (target.field_path == "metadata/namespace") {
    return ChangeNamespace(NamespaceConfig{config.value, {}}, build, resource);
  }
  const auto path = SplitSlashes(target.field_path, build->arena);
  core::Result<Node*> found = Lookup(path, Make::kScalar, build->arena, resource->body);
  if (!found) return found.error();
  Node* node = *found;
  if (!node) return core::Ok();
  if (!node->is_scalar()) return Unexpected(target.field_path, "a text", *node);
  std::string_view value = config.value;
  if (target.file_path_position > 0) {
    const auto position = static_cast<size_t>(target.file_path_position) - 1;
    value = build->arena->Copy(WithPart(node->text(), position, value));
  }
  return SetScalar(value, yaml::Tag::kNone, node);
}

}  // namespace

core::Status AddValue(const ValueConfig& config, Build* build, ResourceMap* all) {
  for (const ValueTarget& target : config.targets) {
    std::vector<Resource*> selected;
    if (target.selector) {
      core::Result<Selector> selector = Selector::Compile(*target.selector);
      if (!selector) return selector.error();
      core::Result<std::vector<Resource*>> resources = Select(*selector, *all);
      if (!resources) return resources.error();
      selected = *std::move(resources);
    } else {
      for (const auto& each : all->all()) selected.push_back(each.get());
    }
    for (Resource* each : selected) {
      core::Status added = AddTo(config, target, build, each);
      if (!added) return In(*each, added.error());
      all->Reindex(each);
    }
  }
  return core::Ok();
}

}  // namespace headgate::templating::kustomize
