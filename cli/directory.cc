#include "cli/directory.h"

#include <filesystem>

#include "git/directory_tree.h"

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

core::Result<core::Objects> RenderDirectory(const std::string& directory, templating::Order order) {
  std::error_code error;
  const fs::path path = fs::canonical(directory, error);
  if (error || !fs::is_directory(path, error)) return core::Invalid(directory + " is no directory");
  const fs::path root = RootOf(path);
  core::Result<std::shared_ptr<const core::FileTree>> files = git::OpenDirectory(root);
  if (!files) return files.error();
  const std::string below = path == root ? "" : path.lexically_relative(root).generic_string();
  return templating::RendererFor(**files, below, order)->Render(**files, below);
}

}  // namespace headgate::cli
