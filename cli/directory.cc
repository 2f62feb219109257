#include "cli/directory.h"

#include <fmt/format.h>

#include <filesystem>

#include "git/directory_tree.h"
#include "templating/renderer.h"

namespace headgate::cli {
namespace {

namespace fs = std::filesystem;

// The top of the git work tree that holds a directory; the disk's root where none does.
fs::path RootOf(const fs::path& directory) {
  std::error_code error;
  for (fs::path at = directory; at.has_relative_path(); at = at.parent_path()) {
    if (fs::exists(at / ".git", error)) return at;
  }
  return directory.root_path();
}

}  // namespace

core::Result<SourceDirectory> OpenSource(const std::string& directory, bool whole_disk) {
  std::error_code error;
  const fs::path path = fs::canonical(directory, error);
  if (error) return core::Invalid(fmt::format("{}: no such directory", directory));
  if (!fs::is_directory(path, error)) {
    return core::Invalid(fmt::format("{} is a file; a directory is expected", directory));
  }
  const fs::path root = whole_disk ? path.root_path() : RootOf(path);
  core::Result<std::shared_ptr<const core::FileTree>> files = git::OpenDirectory(root);
  if (!files) return files.error();
  const std::string below = path == root ? "" : path.lexically_relative(root).generic_string();
  return SourceDirectory{*files, below, root.string()};
}

core::Result<core::Objects> RenderDirectory(const std::string& directory) {
  const core::Result<SourceDirectory> source = OpenSource(directory);
  if (!source) return source.error();
  return templating::RendererFor(*source->files, source->path)
      ->Render(*source->files, source->path);
}

}  // namespace headgate::cli
