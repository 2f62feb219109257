#include "git/directory_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <system_error>

namespace headgate::git {
namespace {

namespace fs = std::filesystem;
using core::FileTree;

class DirectoryTree : public FileTree {
 public:
  explicit DirectoryTree(fs::path root) : root_(std::move(root)) {}

  Type TypeOf(std::string_view path) const override {
    const std::optional<fs::path> real = Find(path);
    return real ? TypeOnDisk(*real) : Type::kNone;
  }

  core::Result<std::string> Read(std::string_view path) const override {
    const std::optional<fs::path> real = Find(path);
    if (!real) return Missing(path);
    if (TypeOnDisk(*real) == Type::kDirectory) {
      return core::Invalid(fmt::format("{} is a directory", path));
    }
    if (TypeOnDisk(*real) == Type::kNone) return core::Invalid(fmt::format("{} is no file", path));
    std::string bytes;
    if (!ReadAll(*real, &bytes)) {
      return core::Forbidden(fmt::format("{} cannot be read: check its permissions", path));
    }
    if (bytes.size() <= kFileBytesMax) return bytes;
    return core::Invalid(fmt::format("{} is larger than {} bytes", path, kFileBytesMax));
  }

  std::vector<std::string> Through(std::string_view path) const override {
    const std::optional<fs::path> real = Find(path);
    if (!real) return {std::string(path)};
    const std::string led = *real == root_ ? "" : real->lexically_relative(root_).generic_string();
    std::vector<std::string> through;
    if (led != path) AddLinks(path, &through);
    through.push_back(led);
    return through;
  }

  core::Result<std::vector<Entry>> List(std::string_view path) const override {
    const std::optional<fs::path> real = Find(path);
    if (!real || TypeOnDisk(*real) != Type::kDirectory) {
      return core::NotFound(fmt::format("no such directory: {}", path));
    }
    std::vector<Entry> entries;
    std::error_code error;
    for (fs::directory_iterator at(*real, error), end; !error && at != end; at.increment(error)) {
      const std::string name = at->path().filename().string();
      if (name == ".git") continue;
      entries.push_back({name, TypeOf(path.empty() ? name : fmt::format("{}/{}", path, name))});
    }
    if (error) return core::Forbidden(fmt::format("{}: {}", path, error.message()));
    std::sort(entries.begin(), entries.end(),
              [](const Entry& a, const Entry& b) { return a.name < b.name; });
    return entries;
  }

 private:
  // Where a path is after all links; nothing where that is not there or outside of the root.
  std::optional<fs::path> Find(std::string_view path) const {
    std::error_code error;
    const core::Result<std::string> clean = core::Clean("", path);
    if (!clean) return std::nullopt;
    fs::path real = fs::canonical(root_ / *clean, error);
    if (error) return std::nullopt;
    const auto [root_end, ignored] =
        std::mismatch(root_.begin(), root_.end(), real.begin(), real.end());
    if (root_end != root_.end()) return std::nullopt;
    return real;
  }

  // The links of a path itself; not those that links lead through.
  void AddLinks(std::string_view path, std::vector<std::string>* to) const {
    std::error_code error;
    for (size_t end = path.find('/');; end = path.find('/', end + 1)) {
      const std::string_view part = path.substr(0, end);
      if (fs::is_symlink(fs::symlink_status(root_ / part, error))) to->emplace_back(part);
      if (end == path.npos) return;
    }
  }

  // Up to one byte more than is allowed. False where it cannot be read.
  static bool ReadAll(const fs::path& real, std::string* bytes) {
    std::error_code error;
    const uintmax_t size = fs::file_size(real, error);
    std::ifstream file(real, std::ios::binary);
    // One more than its size, to see its end; a file may grow, or not know its size.
    size_t wanted = error ? 1 : static_cast<size_t>(std::min<uintmax_t>(size, kFileBytesMax)) + 1;
    while (file.is_open() && !file.bad() && !file.eof() && bytes->size() <= kFileBytesMax) {
      const size_t before = bytes->size();
      bytes->resize(std::min(before + wanted, kFileBytesMax + 1));
      file.read(bytes->data() + before, static_cast<std::streamsize>(bytes->size() - before));
      bytes->resize(before + static_cast<size_t>(file.gcount()));
      wanted = std::max<size_t>(4096, bytes->size());
    }
    return file.is_open() && !file.bad();
  }

  static Type TypeOnDisk(const fs::path& real) {
    std::error_code error;
    const fs::file_status status = fs::status(real, error);
    if (error) return Type::kNone;
    if (fs::is_directory(status)) return Type::kDirectory;
    return fs::is_regular_file(status) ? Type::kFile : Type::kNone;
  }

  // A link that is there, but leads nowhere or out, is worth another word.
  core::Error Missing(std::string_view path) const {
    std::error_code error;
    if (fs::is_symlink(fs::symlink_status(root_ / path, error))) {
      return core::Invalid(fmt::format("{} is a link to nothing within {}", path, root_.string()));
    }
    return core::NotFound(fmt::format("no such file: {}", path));
  }

  const fs::path root_;  // canonical
};

}  // namespace

core::Result<std::shared_ptr<const FileTree>> OpenDirectory(const fs::path& root) {
  std::error_code error;
  fs::path real = fs::canonical(root, error);
  if (error || !fs::is_directory(real, error)) {
    return core::NotFound(fmt::format("no such directory: {}", root.string()));
  }
  return std::shared_ptr<const FileTree>(std::make_shared<DirectoryTree>(std::move(real)));
}

}  // namespace headgate::git
