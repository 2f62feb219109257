#include "git/directory_tree.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>

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
    fs::path real = RealOf(*clean, &error);
    if (error) return std::nullopt;
    const auto [root_end, ignored] =
        std::mismatch(root_.begin(), root_.end(), real.begin(), real.end());
    if (root_end != root_.end()) return std::nullopt;
    return real;
  }

  // Paths come directory by directory: where the last one led is kept, and a file in it that is no
  // link is one look at the disk.
  fs::path RealOf(const std::string& clean, std::error_code* error) const {
    const size_t slash = clean.rfind('/');
    if (clean.empty()) return root_;
    const std::string directory = slash == clean.npos ? "" : clean.substr(0, slash);
    const std::lock_guard lock(mutex_);
    if (directory != directory_) {
      fs::path led = fs::canonical(root_ / directory, *error);
      if (*error) return {};  // what is kept stays as it was
      directory_real_ = std::move(led);
      directory_ = directory;
    }
    fs::path real = directory_real_ / clean.substr(slash + 1);
    const fs::file_status status = fs::symlink_status(real, *error);
    return fs::is_symlink(status) ? fs::canonical(real, *error) : real;
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
    const int file = open(real.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return false;
    struct stat about;
    const bool known = fstat(file, &about) == 0 && about.st_size > 0;
    // One more than its size, to see its end; a file may grow, or not know its size.
    size_t wanted = known ? std::min(static_cast<size_t>(about.st_size), kFileBytesMax) + 1 : 4096;
    ssize_t got = 1;
    while (got > 0 && bytes->size() <= kFileBytesMax) {
      const size_t before = bytes->size();
      bytes->resize(std::min(before + wanted, kFileBytesMax + 1));
      do {
        got = read(file, bytes->data() + before, bytes->size() - before);
      } while (got < 0 && errno == EINTR);
      bytes->resize(before + static_cast<size_t>(std::max<ssize_t>(got, 0)));
      wanted = std::max<size_t>(4096, bytes->size());
    }
    close(file);
    return got >= 0;
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

  mutable std::mutex mutex_;             // for all below
  mutable std::string directory_ = "/";  // none yet
  mutable fs::path directory_real_;
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
