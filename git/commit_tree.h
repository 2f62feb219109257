#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>

#include "core/file_tree.h"

namespace headgate::git {

// What the trees of one object store share: their number keeps its packs from being removed, and a
// tree that meets a broken object says so.
struct Readers {
  std::atomic<bool> met_damage = false;
};

// The files of a commit below `path`, straight from the object database in `objects`. Has handles
// of its own behind a mutex of its own. kNotFound: no such directory; kUnavailable: the objects are
// broken, and `readers` knows it.
core::Result<std::shared_ptr<const core::FileTree>> OpenCommitTree(
    const std::filesystem::path& objects, const std::string& commit, const std::string& path,
    std::shared_ptr<Readers> readers);

}  // namespace headgate::git
