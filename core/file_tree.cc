#include "core/file_tree.h"

#include <fmt/format.h>

namespace headgate::core {
namespace {

std::string Below(std::string_view path) { return path.empty() ? "" : std::string(path) + "/"; }

}  // namespace

Result<std::string> Clean(std::string_view base, std::string_view path) {
  if (path.starts_with('/')) {
    return Invalid(
        fmt::format("{} is absolute; paths are relative to the file that names them", path));
  }
  if (path.find('\0') != std::string_view::npos) return Invalid("a path cannot hold a zero byte");
  std::vector<std::string_view> parts;
  const std::string joined = Below(base) + std::string(path);
  for (std::string_view rest = joined; !rest.empty();) {
    const size_t slash = rest.find('/');
    const std::string_view part = rest.substr(0, slash);
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (parts.empty()) {
      return Invalid(fmt::format("{} leads out of the source tree", path));
    } else {
      parts.pop_back();
    }
  }
  return fmt::format("{}", fmt::join(parts, "/"));
}

std::vector<std::string> FileTree::Through(std::string_view path) const {
  return {std::string(path)};
}

std::string FileTree::ContentId(std::string_view) const { return {}; }

FileTree::Type MemoryTree::TypeOf(std::string_view path) const {
  if (path.empty()) return Type::kDirectory;
  if (files_.contains(std::string(path))) return Type::kFile;
  const auto below = files_.lower_bound(Below(path));
  return below != files_.end() && below->first.starts_with(Below(path)) ? Type::kDirectory
                                                                        : Type::kNone;
}

Result<std::string> MemoryTree::Read(std::string_view path) const {
  const auto at = files_.find(std::string(path));
  if (at != files_.end()) {
    if (at->second.size() <= kFileBytesMax) return at->second;
    return Invalid(fmt::format("{} is larger than {} bytes", path, kFileBytesMax));
  }
  if (TypeOf(path) == Type::kDirectory) return Invalid(fmt::format("{} is a directory", path));
  return NotFound(fmt::format("no such file: {}", path));
}

Result<std::vector<FileTree::Entry>> MemoryTree::List(std::string_view path) const {
  if (TypeOf(path) != Type::kDirectory) return NotFound(fmt::format("no such directory: {}", path));
  std::vector<Entry> entries;
  const std::string prefix = Below(path);
  for (auto at = files_.lower_bound(prefix); at != files_.end() && at->first.starts_with(prefix);
       ++at) {
    const std::string rest = at->first.substr(prefix.size());
    const size_t slash = rest.find('/');
    Entry entry{rest.substr(0, slash), slash == std::string::npos ? Type::kFile : Type::kDirectory};
    if (entries.empty() || !(entries.back() == entry)) entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace headgate::core
