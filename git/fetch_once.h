#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>

#include "core/clock.h"
#include "core/file_tree.h"
#include "core/result.h"
#include "git/mirrors.h"

namespace headgate::git {

struct FetchLimits {
  size_t pack_bytes_max = size_t{256} << 20;
  core::Duration listing_deadline = std::chrono::seconds(15);
  core::Duration fetch_deadline = std::chrono::minutes(2);
};

struct FetchedTree {
  std::string commit;
  std::shared_ptr<const core::FileTree> files;  // read from `directory`: it must stay as long
};

// The files of a repository behind http or https as `name` has them: a branch, a tag, a commit's
// id, or "" for the default branch. For one use: `directory` is made, and nobody else may use it.
// Errors as Mirrors has them; kNotFound: no such branch or tag.
core::Result<FetchedTree> FetchOnce(const Remote& remote, const std::string& name,
                                    const std::filesystem::path& directory, net::Http* http,
                                    const FetchLimits& limits = {}, std::stop_token stop = {});

}  // namespace headgate::git
