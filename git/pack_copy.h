#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "core/result.h"
#include "git/handles.h"

namespace headgate::git {

// Writes a pack into the directory `packs` with the given commits of `source` and their trees
// without history, less the trees and files that `present` (or nullptr) has. The path of the new
// pack; "" where nothing was missing. kNotFound: no such commit.
core::Result<std::string> CopyCommits(git_repository* source,
                                      const std::vector<std::string>& commits, git_odb* present,
                                      const std::filesystem::path& packs, std::stop_token stop);

}  // namespace headgate::git
