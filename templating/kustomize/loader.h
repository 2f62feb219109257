#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/file_tree.h"
#include "core/result.h"
#include "templating/file_cache.h"
#include "templating/renderer.h"
#include "templating/yaml/node.h"

namespace headgate::templating::kustomize {

// Fetches what a kustomization names by a URL, from hosts that were allowed. Errors say what went
// wrong and not who wanted it.
class Remotes {
 public:
  virtual ~Remotes() = default;
  // The files of a repository at a branch, a tag, a commit, or "" for the default branch.
  virtual core::Result<std::shared_ptr<const core::FileTree>> Repository(
      const std::string& url, const std::string& ref) = 0;
  // At most FileTree::kFileBytesMax.
  virtual core::Result<std::string> File(const std::string& url) = 0;
};

// What a build may read of its tree.
struct LoadRules {
  // Files stand in or below the directory of the kustomization that names them, links followed
  // (--load-restrictor LoadRestrictionsRootOnly). Other kustomizations may stand anywhere.
  bool root_only = true;
  std::vector<std::string> remote_hosts;  // --allow-remote
  Remotes* remotes = nullptr;             // nullptr: nothing is fetched
  // Where the tree stands on disk: absolute paths below it are taken. "": none are.
  std::string disk_root;
  // A directory on disk: errors show paths relative to it. "": as they are in the tree.
  std::string shown_from;
};

// Bounds of one build; beyond them is kInvalid.
inline constexpr size_t kBaseDepthMax = 200;              // kustomizations that refer to another
inline constexpr size_t kDirectoriesMax = 10'000;         // entered, each time counted
inline constexpr size_t kResourcesMax = 100'000;          // read from files, each time counted
inline constexpr size_t kRemotesMax = 32;                 // repositories and files that are fetched
inline constexpr size_t kNodeBytesMax = size_t{1} << 30;  // that trees and texts of a build take

struct File {
  std::string path;                          // in the tree, links followed
  std::string_view text;                     // lives in the build's arena, or in `kept`
  std::shared_ptr<KeptFile> kept = nullptr;  // of what renderings share
};

// The files of one build, each read once, or taken from what renderings share. Nothing else touches
// the tree. Those of a repository that
// was fetched stand below "/N", which no path of the tree itself begins with.
class Files {
 public:
  Files(const core::FileTree& tree, LoadRules rules, SharedFiles shared, yaml::Arena* arena)
      : tree_(tree), rules_(std::move(rules)), shared_(std::move(shared)), arena_(arena) {}

  const LoadRules& rules() const { return rules_; }
  yaml::Arena* arena() const { return arena_; }

  struct Place {
    core::FileTree::Type type;
    std::string path;  // links followed
  };
  Place Find(const std::string& path) const;
  // kNotFound, kInvalid as FileTree::Read.
  core::Result<const File*> Read(const std::string& path);
  core::Result<const File*> ReadRemote(const std::string& url);
  // What `parse` makes of a file that is kept, not to be changed; nullptr for others, and where it
  // fails.
  const std::vector<yaml::Node*>* Trees(const File& file, KeptFile::Parse parse) const;
  // Where the root of a repository stands.
  core::Result<std::string> Fetch(const std::string& url, const std::string& ref);
  // A path as a kustomization in a directory writes it; kInvalid where it leaves the repository.
  static core::Result<std::string> Join(std::string_view directory, std::string_view path);
  // As errors name it: "../base/kustomization.yaml", "." for the directory they start from.
  std::string Show(std::string_view path) const;
  // " (did you mean deployment.yaml?)" where a path's directory holds something like it.
  std::string DidYouMean(const std::string& path) const;

  core::Status CountDirectory();
  // After they were read; what is there by then is counted, too.
  core::Status CountResources(size_t count);

 private:
  struct Fetched {
    std::string name;  // URL and ref
    std::shared_ptr<const core::FileTree> files;
  };
  core::Status CountRemote();
  const core::FileTree& TreeOf(std::string_view path) const;
  std::shared_ptr<KeptFile> FindKept(const std::string& path, std::string* id) const;

  const core::FileTree& tree_;
  const LoadRules rules_;
  const SharedFiles shared_;
  yaml::Arena* arena_;
  std::map<std::string, std::unique_ptr<File>, std::less<>> read_;
  mutable std::unordered_map<std::string, Place> places_;  // that were found, or were not there
  std::vector<Fetched> fetched_;
  size_t directories_ = 0, resources_ = 0, remotes_ = 0;
  size_t kept_bytes_ = 0;  // of texts that are not in the arena
};

// Reads files for one kustomization, by paths as they are written there.
class Loader {
 public:
  // `directory` is a clean path in the tree.
  static core::Result<Loader> Open(Files* files, const std::string& directory);

  Files& files() const { return *files_; }
  const std::string& root() const { return root_; }  // a real path in the tree
  std::string Show() const { return files_->Show(root_); }

  // kInvalid says what is wrong with the path, and not who wrote it.
  core::Result<const File*> Load(std::string_view path) const;
  // The directory, links followed, of a chart: it may stand anywhere in the tree. kNotFound.
  core::Result<std::string> FindDirectory(std::string_view path) const;
  // Whether a file, local or remote, is meant; else a base, or nothing.
  bool IsFile(std::string_view path) const;
  // " (did you mean base.yaml?)"
  std::string DidYouMean(std::string_view path) const;
  // A loader for a base or component. kInvalid for what is no directory, remote, too deep, or one
  // of the kustomizations that led here, or above one of them. This loader must outlive it.
  core::Result<Loader> Enter(std::string_view path) const;

 private:
  Loader(Files* files, std::string root, const Loader* referrer)
      : files_(files), root_(std::move(root)), referrer_(referrer) {
    if (referrer) depth_ = referrer->depth_ + 1;
  }
  core::Result<std::string> Resolve(std::string_view path) const;
  core::Status AllowRemote(std::string_view path, bool https) const;
  core::Result<std::string> ResolveBase(std::string_view path) const;
  core::Status CheckCycle(const std::string& candidate) const;

  Files* files_;
  std::string root_;
  const Loader* referrer_;  // whose kustomization led here
  size_t depth_ = 0;
};

}  // namespace headgate::templating::kustomize
