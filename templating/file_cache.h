#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/result.h"
#include "templating/yaml/node.h"

namespace headgate::templating {

// The bytes of a file, and the trees that were made of them. Nobody changes a tree: who wants to
// clones it, and holds the file as long as the clone, which views its texts.
class KeptFile {
 public:
  KeptFile(std::string key, std::string_view bytes) : key_(std::move(key)), text_(bytes) {}

  std::string_view text() const { return text_; }

  // What makes trees of a text. `file` is for errors only.
  using Parse = core::Result<std::vector<yaml::Node*>> (*)(std::string_view text,
                                                           std::string_view file,
                                                           yaml::Arena* arena);

 private:
  friend class FileCache;
  struct Made {
    Made(Parse by, size_t bytes) : parse(by), arena(bytes) {}
    const Parse parse;
    yaml::Arena arena;
    bool fine = false;
    std::vector<yaml::Node*> trees;
  };

  const std::string key_;
  const std::string text_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Made>> made_;  // guarded by mutex_; what is in it never changes
};

// Files that renderings share, each parsed once: a base that a thousand applications use. A file is
// known by the id that git gives its bytes, and only within one repository, so that nobody's ids
// meet somebody else's. It is kept from the second time on that it is asked for: what only one
// application has takes no room. Beyond its bound what was not asked for the longest goes. Safe for
// several threads; what a rendering gives does not depend on it.
class FileCache {
 public:
  static constexpr size_t kBytesMax = size_t{16} << 20;
  // Larger files than a quarter of it are not kept.

  explicit FileCache(size_t bytes_max = kBytesMax) : bytes_max_(bytes_max) {}
  FileCache(const FileCache&) = delete;
  FileCache& operator=(const FileCache&) = delete;

  // nullptr where it is not there.
  std::shared_ptr<KeptFile> Find(std::string_view repository, std::string_view id);
  // To be called for what was not found and has been read; nullptr where it is not kept.
  std::shared_ptr<KeptFile> Keep(std::string_view repository, std::string_view id,
                                 std::string_view bytes);
  // The trees of a file, made where nobody asked for them before. nullptr where `parse` fails: it
  // is to be called again for an error that names the file.
  const std::vector<yaml::Node*>* Trees(KeptFile* file, KeptFile::Parse parse);

  size_t bytes() const;  // that it holds
  // Of all that were asked for.
  size_t found() const { return found_; }
  size_t parsed() const { return parsed_; }

 private:
  struct Entry {
    std::shared_ptr<KeptFile> file;
    size_t bytes = 0;
  };
  static std::string KeyOf(std::string_view repository, std::string_view id);
  bool WasAskedFor(std::string_view key);
  void MakeRoom();

  const size_t bytes_max_;
  std::atomic<size_t> found_ = 0, parsed_ = 0;
  mutable std::mutex mutex_;
  std::list<Entry> entries_;  // guarded by mutex_, the newest first; so is what follows
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_key_;
  size_t bytes_ = 0;
  std::vector<uint32_t> asked_;  // marks of keys, by their hashes; a few may be wrong
};

}  // namespace headgate::templating
