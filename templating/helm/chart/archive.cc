#include "templating/helm/chart/archive.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "templating/helm/chart/inflate.h"
#include "templating/helm/chart/paths.h"
#include "templating/helm/chart/tar.h"
#include "templating/helm/chart/text.h"

namespace headgate::templating::helm {
namespace {

constexpr size_t kHeaderBytes = 2048;  // that a member may take beside its data

bool IsDrivePath(std::string_view path) {
  return path.size() > 2 && std::isalpha(static_cast<unsigned char>(path[0])) != 0 &&
         path[1] == ':' && path[2] == '/';
}

bool HasPart(std::string_view path, std::string_view part) {
  while (!path.empty()) {
    const size_t end = path.find('/');
    if (path.substr(0, end) == part) return true;
    path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
  }
  return false;
}

// The path of a member below the archive's one directory. Archives made on Windows part with '\\'.
core::Result<std::string> PathOf(const std::string& name) {
  const auto refuse = [&name](std::string_view why) {
    return core::Invalid(fmt::format("{}: {}", name, why));
  };
  const char delimiter = name.find('\\') == std::string::npos ? '/' : '\\';
  const size_t end = std::min(name.find(delimiter), name.size());
  const std::string top = name.substr(0, end);
  std::string rest = name.substr(std::min(end + 1, name.size()));
  std::replace(rest.begin(), rest.end(), delimiter, '/');
  if (top.empty() || top.starts_with('/') || rest.starts_with('/')) {
    return refuse("chart illegally contains absolute paths");
  }
  if (HasPart(top, "..") || HasPart(rest, "..")) {
    return refuse("chart illegally references parent directory");
  }
  if (top == "Chart.yaml") return refuse("chart yaml not in base directory");
  const std::string path = PathClean(rest);
  if (path == ".") return refuse("chart illegally contains content outside the base directory");
  if (path.starts_with("..") || IsDrivePath(path)) {
    return refuse("chart contains illegally named files");
  }
  return path;
}

}  // namespace

core::Result<std::vector<ArchiveFile>> ReadArchive(std::string_view bytes,
                                                   const ChartLimits& limits) {
  Inflater inflater(bytes, limits.archive_bytes + limits.archive_members * kHeaderBytes,
                    limits.archive_ratio);
  TarReader tar(&inflater);
  std::vector<ArchiveFile> files;
  size_t total = 0;
  for (size_t members = 1;; ++members) {
    core::Result<std::optional<TarMember>> member = tar.Next();
    if (!member) return member.error();
    if (!*member) break;
    if (members > limits.archive_members) {
      return core::Invalid(
          fmt::format("more than {} members in the archive", limits.archive_members));
    }
    if ((*member)->is_directory) continue;
    core::Result<std::string> path = PathOf((*member)->name);
    if (!path) return path.error();
    if ((*member)->bytes > limits.file_bytes) {
      return core::Invalid(fmt::format("{}: larger than {} bytes", *path, limits.file_bytes));
    }
    total += (*member)->bytes;
    if (total > limits.archive_bytes) {
      return core::Invalid(
          fmt::format("the archive's files are larger than {} bytes", limits.archive_bytes));
    }
    core::Result<std::string> data = tar.ReadData();
    if (!data) return data.error();
    if (data->starts_with(kByteOrderMark)) data->erase(0, kByteOrderMark.size());
    files.push_back({std::move(*path), std::move(*data)});
  }
  if (files.empty()) return core::Invalid("no files in chart archive");
  return files;
}

}  // namespace headgate::templating::helm
