#include "templating/plain.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "templating/kustomize/kustomize.h"
#include "templating/objects.h"

namespace headgate::templating {
namespace {

constexpr size_t kFilesMax = 20000;  // in one plain directory
constexpr size_t kDepthMax = 64;     // of directories

bool IsManifest(std::string_view name) {
  return name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json");
}

std::string Join(std::string_view directory, std::string_view name) {
  return directory.empty() ? std::string(name) : fmt::format("{}/{}", directory, name);
}

// The manifests below a directory, and the directories that are kustomizations. Hidden files and
// directories are left out.
core::Status Gather(const core::FileTree& files, const std::string& path, size_t depth,
                    std::vector<std::string>* found) {
  core::Result<std::vector<core::FileTree::Entry>> entries = files.List(path);
  if (!entries) return entries.error();
  if (depth > kDepthMax) {
    return core::Invalid(fmt::format("{}: directories nested deeper than {}", path, kDepthMax));
  }
  for (const core::FileTree::Entry& entry : *entries) {
    const std::string child = Join(path, entry.name);
    if (entry.name.starts_with(".")) continue;
    if (entry.name == "Chart.yaml") {
      return core::Invalid(child +
                           ": a chart among plain manifests; an application's path leads to it, or "
                           "a kustomization names it");
    }
    if (entry.type == core::FileTree::Type::kDirectory && !HasKustomization(files, child)) {
      core::Status gathered = Gather(files, child, depth + 1, found);
      if (!gathered) return gathered;
    } else if (entry.type == core::FileTree::Type::kDirectory || IsManifest(entry.name)) {
      found->push_back(child);
    }
  }
  if (found->size() > kFilesMax) {
    return core::Invalid(fmt::format("{}: more than {} manifests", path, kFilesMax));
  }
  return core::Ok();
}

}  // namespace

core::Result<core::Objects> PlainRenderer::Render(const core::FileTree& files,
                                                  std::string_view path) const {
  std::vector<std::string> found;
  core::Status gathered = Gather(files, std::string(path), 0, &found);
  if (!gathered) return gathered.error();
  std::sort(found.begin(), found.end());
  core::Objects all;
  for (const std::string& file : found) {
    core::Result<core::Objects> objects = files.TypeOf(file) == core::FileTree::Type::kDirectory
                                              ? KustomizeRenderer().Render(files, file)
                                              : ReadObjects(files, file);
    if (!objects) return objects.error();
    all.insert(all.end(), std::make_move_iterator(objects->begin()),
               std::make_move_iterator(objects->end()));
  }
  core::Status unique = CheckUnique(all);
  if (!unique) return unique.error();
  return all;
}

}  // namespace headgate::templating
