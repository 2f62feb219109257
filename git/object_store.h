#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "core/file_tree.h"
#include "core/read_set.h"
#include "core/result.h"
#include "git/commit_tree.h"
#include "git/mirrors.h"
#include "git/protocol.h"
#include "git/spool.h"

namespace headgate::git {

// One bare repository with the trees of the newest commits that were put in, each named by a
// reference refs/headgate/ID that is written last: a commit without it is not there, whatever was
// interrupted. Packs are joined when they become many. One writer at a time; readers at any time.
// It stands in a directory below `root` with a number that grows when it is made anew, because
// libgit2 knows an open pack by its path: a new one there would be read through the old one's
// handle.
class ObjectStore {
 public:
  // Made where it is not there, made anew where it cannot be read.
  static core::Result<std::unique_ptr<ObjectStore>> Open(std::filesystem::path root);

  std::filesystem::path path() const;
  // What a fetch may count on, newest last.
  std::vector<std::string> Commits() const;
  bool Has(const std::string& commit) const;
  // A reader met a broken object: Remake and fetch again.
  bool IsDamaged() const;
  core::Status Remake();

  // Puts in the commit that the pack holds with what is missing here of its tree.
  core::Status TakePack(Spool& pack, const std::string& commit, std::stop_token stop);
  // The same from a repository on this machine.
  core::Status CopyFrom(const std::filesystem::path& source, const std::string& commit,
                        std::stop_token stop);

  core::Result<std::shared_ptr<const core::FileTree>> OpenTree(const std::string& commit,
                                                               const std::string& path) const;
  core::Result<Commit> Describe(const std::string& commit) const;
  // Where two commits differ; nullptr where that cannot be said, or is too much to say. The newest
  // answers are remembered: all applications of a repository ask the same.
  std::shared_ptr<const core::Changes> ChangesBetween(const std::string& from,
                                                      const std::string& to) const;

 private:
  explicit ObjectStore(std::filesystem::path root) : root_(std::move(root)) {}
  core::Status Load();
  core::Status Keep(const std::string& commit);
  core::Status JoinPacks(const std::stop_token& stop);
  std::filesystem::path PathLocked() const;
  std::filesystem::path Packs() const { return path() / "objects" / "pack"; }

  const std::filesystem::path root_;
  mutable std::mutex mutex_;
  int number_ = 0;                    // guarded by mutex_
  std::vector<std::string> commits_;  // guarded by mutex_, newest last
  std::shared_ptr<Readers> readers_ = std::make_shared<Readers>();  // guarded by mutex_

  struct Difference {
    std::string from, to;
    std::shared_ptr<const core::Changes> changes;
  };
  mutable std::mutex differences_mutex_;         // held while one is computed, so that it is once
  mutable std::vector<Difference> differences_;  // guarded by it, newest last
};

// The branches of a repository on this machine. kNotFound: no repository.
core::Result<References> ReadReferences(const std::filesystem::path& repository);

}  // namespace headgate::git
