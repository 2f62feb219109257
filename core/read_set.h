#pragma once

#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/file_tree.h"

namespace headgate::core {

// Where two trees differ: every file or directory that appeared, vanished or became another, and
// every file whose bytes changed. A directory that only holds changes is not named.
struct Change {
  std::string path;
  bool bytes_only = false;  // it was a file and is one
  friend auto operator<=>(const Change&, const Change&) = default;
};
using Changes = std::vector<Change>;  // sorted by path

// What a rendering read of a tree, and what it looked for in vain. As long as none of it changed
// the same rendering of another tree gives the same.
class ReadSet {
 public:
  void AddPath(std::string path);          // its type or its bytes were asked for
  void AddListing(std::string directory);  // the names of what it holds were asked for

  // The first change that the rendering would notice; nothing where there is none. Costs
  // O(changes * log(size())).
  std::optional<std::string> FirstTouched(const Changes& changes) const;
  size_t size() const { return paths_.size() + listings_.size(); }
  const std::set<std::string, std::less<>>& paths() const { return paths_; }

 private:
  std::set<std::string, std::less<>> paths_, listings_;
};

// A tree that notes what is asked of it.
class RecordingTree : public FileTree {
 public:
  explicit RecordingTree(const FileTree& tree) : tree_(tree) {}

  Type TypeOf(std::string_view path) const override;
  Result<std::string> Read(std::string_view path) const override;
  std::string ContentId(std::string_view path) const override;
  Result<std::vector<Entry>> List(std::string_view path) const override;
  std::vector<std::string> Through(std::string_view path) const override;

  ReadSet read() const;

 private:
  void Note(std::string_view path) const;

  const FileTree& tree_;
  mutable std::mutex mutex_;
  mutable ReadSet read_;                           // guarded by mutex_, as what follows
  mutable std::unordered_set<std::string> noted_;  // a path may be asked for many times
};

}  // namespace headgate::core
