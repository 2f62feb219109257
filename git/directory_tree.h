#pragma once

#include <filesystem>
#include <memory>

#include "core/file_tree.h"

namespace headgate::git {

// A directory on disk as a FileTree: for `headgate build DIR`. Links are followed within `root`; a
// ".git" is left out, and what is no file, directory or link. kNotFound where `root` is no
// directory.
core::Result<std::shared_ptr<const core::FileTree>> OpenDirectory(
    const std::filesystem::path& root);

}  // namespace headgate::git
