#include "git/commit_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <mutex>
#include <optional>

#include "git/handles.h"

namespace headgate::git {
namespace {

using core::FileTree;

constexpr int kLinksMax = 40;           // followed for one path, as Linux does
constexpr size_t kLinkBytesMax = 4096;  // of a link's target
constexpr size_t kTreeBytesMax = 64 * 1024 * 1024;

// An entry that a path leads to, after all links.
struct Found {
  git_oid id;
  FileTree::Type type;
};

std::deque<std::string> Split(std::string_view path) {
  std::deque<std::string> parts;
  while (!path.empty()) {
    const size_t slash = path.find('/');
    if (slash != 0) parts.emplace_back(path.substr(0, slash));
    if (slash == path.npos) break;
    path.remove_prefix(slash + 1);
  }
  return parts;
}

class CommitTree : public FileTree {
 public:
  CommitTree(OdbHandle odb, RepositoryHandle repository, const git_oid& root,
             std::shared_ptr<Readers> readers)
      : odb_(std::move(odb)),
        repository_(std::move(repository)),
        root_(root),
        readers_(std::move(readers)) {}

  // Makes a directory of the tree its root. Before anybody else has it.
  core::Status Descend(const std::string& path) {
    const core::Result<Found> found = Find(path);
    if (!found) return found.error();
    if (found->type != Type::kDirectory) {
      return core::NotFound(fmt::format("{} is not a directory", path));
    }
    root_ = found->id;
    return core::Ok();
  }

  Type TypeOf(std::string_view path) const override {
    const std::lock_guard lock(mutex_);
    const core::Result<Found> found = Find(path);
    if (found) return found->type;
    // A damaged object must not look like a file that is not there: who reads it gets the error.
    return found.error().fault() == core::Fault::kUnavailable ? Type::kFile : Type::kNone;
  }

  core::Result<std::string> Read(std::string_view path) const override {
    const std::lock_guard lock(mutex_);
    const core::Result<Found> found = Find(path);
    if (!found) return found.error();
    if (found->type == Type::kDirectory) {
      return core::Invalid(fmt::format("{} is a directory", path));
    }
    if (found->type == Type::kNone) {
      return core::Invalid(fmt::format("{} is a submodule; submodules are not read", path));
    }
    return ReadBlob(found->id, kFileBytesMax, path);
  }

  std::string ContentId(std::string_view path) const override {
    const std::lock_guard lock(mutex_);
    const core::Result<Found> found = Find(path);
    if (!found || found->type != Type::kFile) return {};
    return {reinterpret_cast<const char*>(found->id.id), sizeof(found->id.id)};
  }

  std::vector<std::string> Through(std::string_view path) const override {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> through;
    // Where a link leads out nothing more can be known; the links say it.
    (void)Find(path, &through);
    return through.empty() ? std::vector{std::string(path)} : through;
  }

  core::Result<std::vector<Entry>> List(std::string_view path) const override {
    const std::lock_guard lock(mutex_);
    const core::Result<Found> found = Find(path);
    if (!found && found.error().fault() != core::Fault::kNotFound) return found.error();
    if (!found || found->type != Type::kDirectory) {
      return core::NotFound(fmt::format("no such directory: {}", path));
    }
    core::Result<TreeHandle> tree = OpenTree(found->id);
    if (!tree) return tree.error();
    std::vector<Entry> entries;
    const size_t count = git_tree_entrycount(tree->get());
    for (size_t i = 0; i < count; ++i) {
      const git_tree_entry* entry = git_tree_entry_byindex(tree->get(), i);
      const std::string name = git_tree_entry_name(entry);
      entries.push_back({name, ListedType(*entry, path, name)});
    }
    std::sort(entries.begin(), entries.end(),
              [](const Entry& a, const Entry& b) { return a.name < b.name; });
    return entries;
  }

 private:
  Type ListedType(const git_tree_entry& entry, std::string_view path,
                  const std::string& name) const {
    if (git_tree_entry_filemode(&entry) != GIT_FILEMODE_LINK) return TypeOfEntry(entry);
    const core::Result<Found> target = Find(path.empty() ? name : fmt::format("{}/{}", path, name));
    return target ? target->type : Type::kNone;
  }

  static Type TypeOfEntry(const git_tree_entry& entry) {
    switch (git_tree_entry_type(&entry)) {
      case GIT_OBJECT_TREE:
        return Type::kDirectory;
      case GIT_OBJECT_BLOB:
        return Type::kFile;
      default:
        return Type::kNone;  // a submodule
    }
  }

  // Walks down from the root, a link's target put before what is left of the path. kNotFound;
  // kInvalid for a link that leads out.
  // Through, where it is given, gets the links on the way and the place where the walk ended.
  core::Result<Found> Find(std::string_view path,
                           std::vector<std::string>* through = nullptr) const {
    std::vector<git_oid> above = {
        root_};                      // the directories walked through; the last is the present
    std::vector<std::string> names;  // of what was walked through
    std::optional<Found> leaf;
    int links = 0;
    std::deque<std::string> left = Split(path);
    const auto ended = [&] {
      if (!through) return;
      names.insert(names.end(), left.begin(), left.end());
      through->push_back(fmt::format("{}", fmt::join(names, "/")));
    };
    while (!left.empty()) {
      const std::string part = left.front();
      if (leaf) return ended(), Missing(path);  // a file has nothing below it
      if (part == "..") {
        if (above.size() == 1) return LeadsOut(path);
        above.pop_back();
        names.pop_back();
      }
      if (part == "." || part == "..") {
        left.pop_front();
        continue;
      }
      core::Result<TreeEntryHandle> entry = EntryOf(above.back(), part);
      if (!entry) return entry.error();
      if (*entry == nullptr) return ended(), Missing(path);
      left.pop_front();
      names.push_back(part);
      if (git_tree_entry_filemode(entry->get()) == GIT_FILEMODE_LINK) {
        if (through) through->push_back(fmt::format("{}", fmt::join(names, "/")));
        names.pop_back();
        if (++links > kLinksMax) {
          return core::Invalid(fmt::format("{} leads through more than {} links", path, kLinksMax));
        }
        core::Result<std::string> target =
            ReadBlob(*git_tree_entry_id(entry->get()), kLinkBytesMax, path);
        if (!target) return target.error();
        if (target->starts_with('/')) return LeadsOut(path);
        std::deque<std::string> before = Split(*target);
        left.insert(left.begin(), before.begin(), before.end());
      } else if (TypeOfEntry(**entry) == Type::kDirectory) {
        above.push_back(*git_tree_entry_id(entry->get()));
      } else {
        leaf = Found{*git_tree_entry_id(entry->get()), TypeOfEntry(**entry)};
      }
    }
    ended();
    return leaf ? *leaf : Found{above.back(), Type::kDirectory};
  }

  // nullptr: no such entry.
  core::Result<TreeEntryHandle> EntryOf(const git_oid& tree_id, const std::string& name) const {
    core::Result<TreeHandle> tree = OpenTree(tree_id);
    if (!tree) return tree.error();
    const git_tree_entry* entry = git_tree_entry_byname(tree->get(), name.c_str());
    git_tree_entry* copy = nullptr;
    if (entry != nullptr) git_tree_entry_dup(&copy, entry);
    return TreeEntryHandle(copy);
  }

  core::Result<TreeHandle> OpenTree(const git_oid& id) const {
    size_t bytes = 0;
    git_object_t type = GIT_OBJECT_INVALID;
    if (git_odb_read_header(&bytes, &type, odb_.get(), &id) != 0) return Damaged();
    if (bytes > kTreeBytesMax) {
      return core::Invalid(fmt::format("a directory larger than {} bytes", kTreeBytesMax));
    }
    git_tree* tree = nullptr;
    if (git_tree_lookup(&tree, repository_.get(), &id) != 0) return Damaged();
    return TreeHandle(tree);
  }

  core::Result<std::string> ReadBlob(const git_oid& id, size_t bytes_max,
                                     std::string_view path) const {
    size_t bytes = 0;
    git_object_t type = GIT_OBJECT_INVALID;
    if (git_odb_read_header(&bytes, &type, odb_.get(), &id) != 0) return Damaged();
    if (bytes > bytes_max) {
      return core::Invalid(fmt::format("{} is larger than {} bytes", path, bytes_max));
    }
    git_odb_object* raw = nullptr;
    if (git_odb_read(&raw, odb_.get(), &id) != 0) return Damaged();
    const OdbObjectHandle object(raw);
    return std::string(static_cast<const char*>(git_odb_object_data(raw)),
                       git_odb_object_size(raw));
  }

  core::Error Damaged() const {
    readers_->met_damage = true;
    return LastError(core::Fault::kUnavailable,
                     "the mirror is damaged and will be fetched again at the next try");
  }

  static core::Error Missing(std::string_view path) {
    return core::NotFound(fmt::format("no such file or directory: {}", path));
  }
  static core::Error LeadsOut(std::string_view path) {
    return core::Invalid(fmt::format("{} leads out of the source tree", path));
  }

  const OdbHandle odb_;
  const RepositoryHandle repository_;
  git_oid root_;
  const std::shared_ptr<Readers> readers_;
  mutable std::mutex mutex_;  // libgit2's handles are for one thread at a time
};

}  // namespace

core::Result<std::shared_ptr<const FileTree>> OpenCommitTree(const std::filesystem::path& objects,
                                                             const std::string& commit,
                                                             const std::string& path,
                                                             std::shared_ptr<Readers> readers) {
  const auto damaged = [&] {
    readers->met_damage = true;
    return LastError(core::Fault::kUnavailable,
                     fmt::format("the mirror is damaged: open commit {}", commit));
  };
  git_odb* raw_odb = nullptr;
  if (git_odb_open(&raw_odb, objects.c_str()) != 0) return damaged();
  OdbHandle odb(raw_odb);
  git_repository* raw_repository = nullptr;
  if (git_repository_wrap_odb(&raw_repository, odb.get()) != 0) return damaged();
  RepositoryHandle repository(raw_repository);
  const git_oid id = ToOid(commit);
  git_commit* raw_commit = nullptr;
  if (git_commit_lookup(&raw_commit, repository.get(), &id) != 0) return damaged();
  const CommitHandle held(raw_commit);
  const git_oid root = *git_commit_tree_id(raw_commit);
  const auto tree =
      std::make_shared<CommitTree>(std::move(odb), std::move(repository), root, std::move(readers));
  if (core::Status descended = tree->Descend(path); !descended) {
    return descended.error().In(fmt::format("commit {}", commit.substr(0, 7)));
  }
  return std::shared_ptr<const FileTree>(tree);
}

}  // namespace headgate::git
