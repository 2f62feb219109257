#include "templating/kustomize/loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "templating/kustomize/loader_remote.h"
#include "templating/kustomize/nearest.h"

namespace headgate::templating::kustomize {
namespace {

using Type = core::FileTree::Type;

std::string_view DirectoryOf(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == path.npos ? std::string_view() : path.substr(0, slash);
}

// Whether `path` is `directory` or stands below it.
bool IsIn(std::string_view path, std::string_view directory) {
  if (directory.empty() || path == directory) return true;
  return path.size() > directory.size() && path.starts_with(directory) &&
         path[directory.size()] == '/';
}

}  // namespace

Files::Place Files::Find(const std::string& path) const {
  const Type type = tree_.TypeOf(path);
  return {type, type == Type::kNone ? path : tree_.Through(path).back()};
}

core::Result<const File*> Files::Read(const std::string& path) {
  if (const auto found = read_.find(path); found != read_.end()) return found->second.get();
  core::Result<std::string> bytes = tree_.Read(path);
  if (!bytes) return bytes.error();
  auto file = std::make_unique<File>(File{path, arena_->Keep(std::move(*bytes))});
  return read_.emplace(path, std::move(file)).first->second.get();
}

std::string Files::Show(std::string_view path) const {
  if (rules_.shown_from.empty()) return path.empty() ? "." : std::string(path);
  const std::filesystem::path full = std::filesystem::path(rules_.disk_root) / path;
  const std::string relative = full.lexically_relative(rules_.shown_from).string();
  return relative.empty() || relative.size() > full.native().size() ? full.string() : relative;
}

std::string Files::DidYouMean(const std::string& path) const {
  const std::string_view directory = DirectoryOf(path);
  const core::Result<std::vector<core::FileTree::Entry>> entries = tree_.List(directory);
  if (!entries) return "";
  std::vector<std::string_view> names;
  for (const core::FileTree::Entry& entry : *entries) names.push_back(entry.name);
  const std::string_view name =
      std::string_view(path).substr(directory.empty() ? 0 : directory.size() + 1);
  return kustomize::DidYouMean(name, names);
}

core::Status Files::CountDirectory() {
  if (++directories_ <= kDirectoriesMax) return core::Ok();
  return core::Invalid(
      fmt::format("more than {} bases and components in one build", kDirectoriesMax));
}

core::Status Files::CountResources(size_t count) {
  resources_ += count;
  if (resources_ > kResourcesMax) {
    return core::Invalid(fmt::format("more than {} resources in one build", kResourcesMax));
  }
  if (arena_->bytes() <= kNodeBytesMax) return core::Ok();
  return core::Invalid(
      fmt::format("one build takes more than {} MiB of memory", kNodeBytesMax >> 20));
}

core::Result<Loader> Loader::Open(Files* files, const std::string& directory) {
  const Files::Place place = files->Find(directory);
  if (place.type == Type::kDirectory) return Loader(files, place.path, nullptr);
  const char* what =
      place.type == Type::kFile ? "is a file; a directory is expected" : "no such directory";
  return core::Invalid(fmt::format("{}: {}", files->Show(directory), what));
}

// A path of a kustomization as one of the tree, links not followed.
core::Result<std::string> Loader::Resolve(std::string_view path) const {
  const std::string& disk = files_->rules().disk_root;
  if (path.starts_with('/') && !disk.empty()) {
    const std::string clean = std::filesystem::path(path).lexically_normal().string();
    if (IsIn(clean, disk)) return core::Clean("", clean.substr(disk == "/" ? 1 : disk.size() + 1));
  }
  return core::Clean(root_, path);
}

core::Status Loader::RefuseRemote(std::string_view path) const {
  const std::string host = HostName(path);
  const std::vector<std::string>& allowed = files_->rules().remote_hosts;
  if (std::find(allowed.begin(), allowed.end(), host) != allowed.end()) {
    return core::Invalid(
        fmt::format("{} is remote, and remote files and bases are not fetched yet: copy it into "
                    "the repository",
                    path));
  }
  return core::Invalid(
      fmt::format("{} is remote: only what is in the repository is read; copy it there", path));
}

core::Result<const File*> Loader::Load(std::string_view path) const {
  if (IsRemoteFile(path)) return RefuseRemote(path).error();
  const core::Result<std::string> at = Resolve(path);
  if (!at) return at.error();
  const Files::Place place = files_->Find(*at);
  if (place.type == Type::kNone) {
    return core::Invalid(fmt::format("{}: no such file{}", path, files_->DidYouMean(*at)));
  }
  if (place.type == Type::kDirectory) {
    return core::Invalid(fmt::format("{} is a directory; a file is expected", path));
  }
  if (files_->rules().root_only && !IsIn(DirectoryOf(place.path), root_)) {
    const std::string led =
        place.path == *at ? "is" : fmt::format("leads to {},", files_->Show(place.path));
    return core::Invalid(
        fmt::format("{} {} outside of {}: a kustomization reads files only from its own directory "
                    "and below (--load-restrictor LoadRestrictionsNone lifts that)",
                    path, led, Show()));
  }
  return files_->Read(place.path);
}

core::Result<std::string> Loader::FindDirectory(std::string_view path) const {
  const core::Result<std::string> at = Resolve(path);
  if (!at) return at.error();
  const Files::Place place = files_->Find(*at);
  if (place.type == Type::kDirectory) return place.path;
  return core::NotFound(fmt::format("{}: no such directory{}", path, files_->DidYouMean(*at)));
}

bool Loader::IsFile(std::string_view path) const {
  if (IsRemoteFile(path)) return true;
  const core::Result<std::string> at = Resolve(path);
  return at && files_->Find(*at).type == Type::kFile;
}

std::string Loader::DidYouMean(std::string_view path) const {
  const core::Result<std::string> at = Resolve(path);
  return at ? files_->DidYouMean(*at) : "";
}

core::Status Loader::CheckCycle(const std::string& candidate) const {
  for (const Loader* at = this; at; at = at->referrer_) {
    if (!IsIn(at->root_, candidate)) continue;
    const std::string shown = files_->Show(candidate);
    if (at->root_ == candidate) {
      return core::Invalid(fmt::format("cycle: {} is already being built on the way here", shown));
    }
    return core::Invalid(fmt::format(
        "cycle: {} contains {}, which is already being built on the way here", shown, at->Show()));
  }
  return core::Ok();
}

core::Result<Loader> Loader::Enter(std::string_view path) const {
  if (path.empty()) return core::Invalid("an empty path; a directory is expected");
  if (ParseRemoteBase(path)) return RefuseRemote(path).error();
  if (path.starts_with('/')) {
    return core::Invalid(fmt::format("{} is absolute; bases are named by relative paths", path));
  }
  const core::Result<std::string> at = core::Clean(root_, path);
  if (!at) return at.error();
  const Files::Place place = files_->Find(*at);
  if (place.type == Type::kNone) {
    return core::Invalid(
        fmt::format("{}: no such file or directory{}", path, files_->DidYouMean(*at)));
  }
  if (place.type == Type::kFile) {
    return core::Invalid(fmt::format("{} is a file; a directory is expected", path));
  }
  if (core::Status fine = CheckCycle(place.path); !fine) return fine.error();
  if (depth_ + 1 >= kBaseDepthMax) {
    return core::Invalid(
        fmt::format("more than {} kustomizations refer to one another in a row", kBaseDepthMax));
  }
  if (core::Status fine = files_->CountDirectory(); !fine) return fine.error();
  return Loader(files_, place.path, this);
}

}  // namespace headgate::templating::kustomize
