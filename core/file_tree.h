#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace headgate::core {

// The files that a rendering reads: a commit's tree, a directory, or a map in memory. Read-only,
// and safe to read from several threads. Paths are relative to its root, parted by '/', without "."
// or ".." ("" is the root itself); `Clean` makes such a path. A link is followed within the tree
// and never out of it.
class FileTree {
 public:
  enum class Type { kNone, kFile, kDirectory };
  struct Entry {
    std::string name;
    Type type;
    friend bool operator==(const Entry&, const Entry&) = default;
  };

  virtual ~FileTree() = default;

  // kNone for what is not there, and for a link that leads out of the tree.
  virtual Type TypeOf(std::string_view path) const = 0;
  // The bytes of a file. kNotFound; kInvalid for a directory, a link that leaves the tree, or more
  // than kFileBytesMax.
  virtual Result<std::string> Read(std::string_view path) const = 0;
  // What names the bytes of a file: the same only where they are. "" where it is not known before
  // the file is read, and for what is no file.
  virtual std::string ContentId(std::string_view path) const;
  // What a directory holds, sorted by name. kNotFound.
  virtual Result<std::vector<Entry>> List(std::string_view path) const = 0;
  // What a look at a path depends on: the links on the way to it, and last the place where it
  // leads.
  virtual std::vector<std::string> Through(std::string_view path) const;

  static constexpr size_t kFileBytesMax = 32 * 1024 * 1024;
};

// Joins and cleans: Clean("a/b", "../c/./d") is "a/c/d". kInvalid for an absolute path or one that
// leaves the root.
Result<std::string> Clean(std::string_view base, std::string_view path);

// A tree in memory, path to bytes. For tests, and for what is made on the way.
class MemoryTree : public FileTree {
 public:
  explicit MemoryTree(std::map<std::string, std::string> files) : files_(std::move(files)) {}
  Type TypeOf(std::string_view path) const override;
  Result<std::string> Read(std::string_view path) const override;
  Result<std::vector<Entry>> List(std::string_view path) const override;

 private:
  std::map<std::string, std::string> files_;
};

}  // namespace headgate::core
