#include "templating/kustomize/references_paths.h"

#include <algorithm>

#include "templating/kustomize/field_path_parts.h"

namespace headgate::templating::kustomize {
namespace {

// Whether a part is just a key, and not one that VisitField reads in a way of its own.
bool IsKey(std::string_view part) {
  return !part.empty() && TrimSpace(part) == part && part != "-" && part != "*" &&
         !part.ends_with(']') && !ParseIndex(part);
}

}  // namespace

void PathTree::Add(const FieldSpec& spec, uint32_t rule, yaml::Arena* arena) {
  std::vector<std::string_view> parts;
  for (PathParts rest(spec.path, '/'); !rest.empty();) parts.push_back(rest.Take(arena));
  if (parts.empty() || !std::all_of(parts.begin(), parts.end(), IsKey)) {
    others_.push_back({spec, rule});
    return;
  }
  Branch* at = &root_;
  for (std::string_view part : parts) {
    if (at->path.empty()) at->path = spec.path;
    auto child = std::find_if(at->children.begin(), at->children.end(),
                              [&](const Branch& each) { return each.name == part; });
    if (child == at->children.end()) {
      at->children.push_back({part, {}, {}, {}});
      child = at->children.end() - 1;
    }
    at = &*child;
  }
  at->rules.push_back(rule);
}

}  // namespace headgate::templating::kustomize
