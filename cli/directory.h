#pragma once

#include <memory>
#include <string>

#include "core/file_tree.h"
#include "core/object.h"
#include "core/result.h"

namespace headgate::cli {

// A directory on disk, and the tree that it may read.
struct SourceDirectory {
  std::shared_ptr<const core::FileTree> files;
  std::string path;       // in the tree
  std::string disk_root;  // where the tree stands
};

// The tree is the git work tree around the directory; the whole disk where there is none, or where
// `whole_disk` asks for it. kInvalid for what is no directory.
core::Result<SourceDirectory> OpenSource(const std::string& directory, bool whole_disk = false);

// Renders a directory on disk. Bases may stand anywhere in its tree.
core::Result<core::Objects> RenderDirectory(const std::string& directory);

}  // namespace headgate::cli
