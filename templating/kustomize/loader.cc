#include "templating/kustomize/loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>

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

// The number of a path of a fetched repository.
std::optional<size_t> NumberOf(std::string_view path) {
  if (!path.starts_with('/')) return std::nullopt;
  size_t number = 0;
  const char* end = path.data() + std::min(path.find('/', 1), path.size());
  const auto [stop, error] = std::from_chars(path.data() + 1, end, number);
  return error == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

// "/12" of "/12/base"; "" for a path of the tree itself.
std::string_view FetchedRoot(std::string_view path) {
  return NumberOf(path) ? path.substr(0, path.find('/', 1)) : std::string_view();
}

// What follows the root of its repository.
std::string_view Inner(std::string_view path) {
  path.remove_prefix(FetchedRoot(path).size());
  if (path.starts_with('/')) path.remove_prefix(1);
  return path;
}

std::string Below(std::string_view root, std::string_view inner) {
  if (root.empty() || inner.empty()) return std::string(root.empty() ? inner : root);
  return fmt::format("{}/{}", root, inner);
}

}  // namespace

const core::FileTree& Files::TreeOf(std::string_view path) const {
  const std::optional<size_t> number = NumberOf(path);
  return number && *number < fetched_.size() ? *fetched_[*number].files : tree_;
}

core::Result<std::string> Files::Join(std::string_view directory, std::string_view path) {
  core::Result<std::string> inner = core::Clean(Inner(directory), path);
  return inner ? Below(FetchedRoot(directory), *inner) : inner;
}

Files::Place Files::Find(const std::string& path) const {
  if (const auto found = places_.find(path); found != places_.end()) return found->second;
  const core::FileTree& tree = TreeOf(path);
  const std::string_view inner = Inner(path);
  const Type type = tree.TypeOf(inner);
  Place place{type, path};
  if (type != Type::kNone) place.path = Below(FetchedRoot(path), tree.Through(inner).back());
  return places_.emplace(path, std::move(place)).first->second;
}

// What was fetched for this build alone is not shared.
std::shared_ptr<KeptFile> Files::FindKept(const std::string& path, std::string* id) const {
  if (!shared_.cache || &TreeOf(path) != &tree_) return nullptr;
  *id = tree_.ContentId(path);
  return id->empty() ? nullptr : shared_.cache->Find(shared_.repository, *id);
}

core::Result<const File*> Files::Read(const std::string& path) {
  if (const auto found = read_.find(path); found != read_.end()) return found->second.get();
  std::string id;
  std::shared_ptr<KeptFile> kept = FindKept(path, &id);
  std::string_view text;
  if (!kept) {
    core::Result<std::string> bytes = TreeOf(path).Read(Inner(path));
    if (!bytes) return bytes.error();
    if (!id.empty()) kept = shared_.cache->Keep(shared_.repository, id, *bytes);
    if (!kept) text = arena_->Keep(std::move(*bytes));
  }
  if (kept) {
    text = kept->text();
    kept_bytes_ += text.size();
  }
  auto file = std::make_unique<File>(File{path, text, std::move(kept)});
  return read_.emplace(path, std::move(file)).first->second.get();
}

const std::vector<yaml::Node*>* Files::Trees(const File& file, KeptFile::Parse parse) const {
  return file.kept ? shared_.cache->Trees(file.kept.get(), parse) : nullptr;
}

core::Status Files::CountRemote() {
  if (++remotes_ <= kRemotesMax) return core::Ok();
  return core::Invalid(
      fmt::format("more than {} remote files and repositories in one build", kRemotesMax));
}

core::Result<const File*> Files::ReadRemote(const std::string& url) {
  if (const auto found = read_.find(url); found != read_.end()) return found->second.get();
  if (core::Status fine = CountRemote(); !fine) return fine.error();
  core::Result<std::string> bytes = rules_.remotes->File(url);
  if (!bytes) return bytes.error();
  auto file = std::make_unique<File>(File{url, arena_->Keep(std::move(*bytes))});
  return read_.emplace(url, std::move(file)).first->second.get();
}

core::Result<std::string> Files::Fetch(const std::string& url, const std::string& ref) {
  const std::string name = ref.empty() ? url : fmt::format("{}@{}", url, ref);
  for (size_t i = 0; i < fetched_.size(); ++i) {
    if (fetched_[i].name == name) return fmt::format("/{}", i);
  }
  if (core::Status fine = CountRemote(); !fine) return fine.error();
  core::Result<std::shared_ptr<const core::FileTree>> files = rules_.remotes->Repository(url, ref);
  if (!files) return files.error();
  fetched_.push_back({name, *std::move(files)});
  return fmt::format("/{}", fetched_.size() - 1);
}

std::string Files::Show(std::string_view path) const {
  if (path.find("://") != path.npos) return std::string(path);  // a file that was fetched
  const std::optional<size_t> number = NumberOf(path);
  if (number && *number < fetched_.size()) return Below(fetched_[*number].name, Inner(path));
  if (rules_.shown_from.empty()) return path.empty() ? "." : std::string(path);
  const std::filesystem::path full = std::filesystem::path(rules_.disk_root) / path;
  const std::string relative = full.lexically_relative(rules_.shown_from).string();
  return relative.empty() || relative.size() > full.native().size() ? full.string() : relative;
}

std::string Files::DidYouMean(const std::string& path) const {
  const std::string_view directory = DirectoryOf(path);
  const core::Result<std::vector<core::FileTree::Entry>> entries =
      TreeOf(path).List(Inner(directory));
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
  if (arena_->bytes() + kept_bytes_ <= kNodeBytesMax) return core::Ok();
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
  if (path.starts_with('/') && !disk.empty() && FetchedRoot(root_).empty()) {
    const std::string clean = std::filesystem::path(path).lexically_normal().string();
    if (IsIn(clean, disk)) return core::Clean("", clean.substr(disk == "/" ? 1 : disk.size() + 1));
  }
  return Files::Join(root_, path);
}

// `https`: that is how it would be fetched.
core::Status Loader::AllowRemote(std::string_view path, bool https) const {
  const LoadRules& rules = files_->rules();
  const std::vector<std::string>& allowed = rules.remote_hosts;
  if (!rules.remotes ||
      std::find(allowed.begin(), allowed.end(), HostName(path)) == allowed.end()) {
    return core::Invalid(fmt::format(
        "{} is remote: only what is in the repository is read; copy it there", ShowUrl(path)));
  }
  if (!https) {
    return core::Invalid(
        fmt::format("{}: an https URL expected; nothing else is fetched", ShowUrl(path)));
  }
  if (HasCredentials(path)) {
    return core::Invalid(fmt::format(
        "{}: a URL without a user or password expected; who reads the repository would read them",
        ShowUrl(path)));
  }
  return core::Ok();
}

// Where a base or component stands; it is fetched where it is remote.
core::Result<std::string> Loader::ResolveBase(std::string_view path) const {
  const std::optional<RemoteBase> remote = ParseRemoteBase(path);
  if (!remote) {
    if (!path.starts_with('/')) return Files::Join(root_, path);
    return core::Invalid(fmt::format("{} is absolute; bases are named by relative paths", path));
  }
  const bool https = remote->host.starts_with("https://");
  if (core::Status fine = AllowRemote(path, https); !fine) return fine.error();
  const core::Result<std::string> root =
      files_->Fetch(remote->host + remote->repository, remote->ref);
  return root ? Files::Join(*root, remote->directory) : root;
}

core::Result<const File*> Loader::Load(std::string_view path) const {
  if (IsRemoteFile(path)) {
    const bool https = path.starts_with("https://");
    if (core::Status fine = AllowRemote(path, https); !fine) return fine.error();
    return files_->ReadRemote(std::string(path));
  }
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
  if (IsRemoteFile(path)) return !IsRepository(path);
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
  const core::Result<std::string> at = ResolveBase(path);
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
