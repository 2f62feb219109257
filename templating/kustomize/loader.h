#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/file_tree.h"
#include "core/result.h"
#include "templating/yaml/node.h"

namespace headgate::templating::kustomize {

// What a build may read of its tree.
struct LoadRules {
  // Files stand in or below the directory of the kustomization that names them, links followed
  // (--load-restrictor LoadRestrictionsRootOnly). Other kustomizations may stand anywhere.
  bool root_only = true;
  std::vector<std::string> remote_hosts;  // --allow-remote
  // Where the tree stands on disk: absolute paths below it are taken. "": none are.
  std::string disk_root;
  // A directory on disk: errors show paths relative to it. "": as they are in the tree.
  std::string shown_from;
};

// Bounds of one build; beyond them is kInvalid.
inline constexpr size_t kBaseDepthMax = 200;              // kustomizations that refer to another
inline constexpr size_t kDirectoriesMax = 10'000;         // entered, each time counted
inline constexpr size_t kResourcesMax = 100'000;          // read from files, each time counted
inline constexpr size_t kNodeBytesMax = size_t{1} << 30;  // that trees and texts of a build take

struct File {
  std::string path;       // in the tree, links followed
  std::string_view text;  // lives in the build's arena
};

// The files of one build, each read once. Nothing else touches the tree.
class Files {
 public:
  Files(const core::FileTree& tree, LoadRules rules, yaml::Arena* arena)
      : tree_(tree), rules_(std::move(rules)), arena_(arena) {}

  const LoadRules& rules() const { return rules_; }
  yaml::Arena* arena() const { return arena_; }

  struct Place {
    core::FileTree::Type type;
    std::string path;  // links followed
  };
  Place Find(const std::string& path) const;
  // kNotFound, kInvalid as FileTree::Read.
  core::Result<const File*> Read(const std::string& path);
  // As errors name it: "../base/kustomization.yaml", "." for the directory they start from.
  std::string Show(std::string_view path) const;
  // " (did you mean deployment.yaml?)" where a path's directory holds something like it.
  std::string DidYouMean(const std::string& path) const;

  core::Status CountDirectory();
  // After they were read; what is there by then is counted, too.
  core::Status CountResources(size_t count);

 private:
  const core::FileTree& tree_;
  const LoadRules rules_;
  yaml::Arena* arena_;
  std::map<std::string, std::unique_ptr<File>, std::less<>> read_;
  size_t directories_ = 0, resources_ = 0;
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
  core::Status RefuseRemote(std::string_view path) const;
  core::Status CheckCycle(const std::string& candidate) const;

  Files* files_;
  std::string root_;
  const Loader* referrer_;  // whose kustomization led here
  size_t depth_ = 0;
};

}  // namespace headgate::templating::kustomize
