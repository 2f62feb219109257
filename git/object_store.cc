#include "git/object_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "git/commit_diff.h"
#include "git/handles.h"
#include "git/pack_copy.h"

namespace headgate::git {
namespace {

namespace fs = std::filesystem;

constexpr size_t kCommitsKept = 32;  // older ones are fetched again where somebody asks
constexpr size_t kDifferencesKept = 8;
constexpr size_t kPacksMax = 48;  // then they are joined
constexpr std::string_view kNames = "refs/headgate/";

core::Result<RepositoryHandle> OpenBare(const fs::path& path) {
  git_repository* raw = nullptr;
  if (git_repository_open_bare(&raw, path.c_str()) != 0) {
    return LastError(core::Fault::kUnavailable, "open the mirror " + path.string());
  }
  return RepositoryHandle(raw);
}

core::Result<OdbHandle> OdbOf(const RepositoryHandle& repository) {
  git_odb* raw = nullptr;
  if (git_repository_odb(&raw, repository.get()) != 0) {
    return LastError(core::Fault::kUnavailable, "open the mirror's objects");
  }
  return OdbHandle(raw);
}

core::Result<RepositoryHandle> OpenSource(const fs::path& path) {
  git_repository* raw = nullptr;
  if (git_repository_open_ext(&raw, path.c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr) != 0) {
    return LastError(core::Fault::kNotFound, "no git repository at " + path.string());
  }
  return RepositoryHandle(raw);
}

core::Result<CommitHandle> LookUp(git_repository* repository, const std::string& commit) {
  const git_oid id = ToOid(commit);
  git_commit* raw = nullptr;
  if (git_commit_lookup(&raw, repository, &id) != 0) {
    return LastError(core::Fault::kNotFound, "commit " + commit);
  }
  return CommitHandle(raw);
}

std::vector<fs::path> PacksIn(const fs::path& directory) {
  std::vector<fs::path> packs;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, error)) {
    if (entry.path().extension() == ".pack") packs.push_back(entry.path());
  }
  return packs;
}

// The largest number that a directory in `root` has for its name; 0: none.
int NumberIn(const fs::path& root) {
  int largest = 0;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(root, error)) {
    const std::string name = entry.path().filename().string();
    int number = 0;
    const auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (failed == std::errc() && end == name.data() + name.size())
      largest = std::max(largest, number);
  }
  return largest;
}

// What an interrupted write left behind.
void RemoveUnfinished(const fs::path& packs) {
  std::vector<fs::path> unfinished;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(packs, error)) {
    const fs::path extension = entry.path().extension();
    if (extension != ".pack" && extension != ".idx") unfinished.push_back(entry.path());
  }
  for (const fs::path& path : unfinished) fs::remove(path, error);
}

}  // namespace

core::Result<std::unique_ptr<ObjectStore>> ObjectStore::Open(fs::path root) {
  InitLibgit2();
  std::unique_ptr<ObjectStore> store(new ObjectStore(std::move(root)));
  if (!store->Load()) {
    if (core::Status remade = store->Remake(); !remade) return remade.error();
  }
  return store;
}

fs::path ObjectStore::path() const {
  const std::lock_guard lock(mutex_);
  return PathLocked();
}

fs::path ObjectStore::PathLocked() const { return root_ / std::to_string(number_); }

core::Status ObjectStore::Load() {
  {
    const std::lock_guard lock(mutex_);
    number_ = NumberIn(root_);
  }
  core::Result<RepositoryHandle> repository = OpenBare(path());
  if (!repository) return repository.error();
  RemoveUnfinished(Packs());
  git_strarray names{};
  if (git_reference_list(&names, repository->get()) != 0) {
    return LastError(core::Fault::kUnavailable, "list the mirror's commits");
  }
  std::vector<std::pair<git_time_t, std::string>> found;
  bool whole = true;
  for (size_t i = 0; i < names.count; ++i) {
    const std::string name = names.strings[i];
    if (!name.starts_with(kNames)) continue;
    core::Result<CommitHandle> commit = LookUp(repository->get(), name.substr(kNames.size()));
    whole = whole && commit.ok();
    if (commit) found.emplace_back(git_commit_time(commit->get()), name.substr(kNames.size()));
  }
  git_strarray_dispose(&names);
  if (!whole) return core::Unavailable("a commit of the mirror is broken");
  std::sort(found.begin(), found.end());
  const std::lock_guard lock(mutex_);
  for (auto& [time, commit] : found) commits_.push_back(std::move(commit));
  return core::Ok();
}

core::Status ObjectStore::Remake() {
  const std::lock_guard lock(mutex_);
  commits_.clear();
  readers_ = std::make_shared<Readers>();
  std::error_code error;
  fs::remove_all(root_, error);
  ++number_;
  const fs::path path = PathLocked();
  fs::create_directories(path, error);
  git_repository* raw = nullptr;
  if (error || git_repository_init(&raw, path.c_str(), 1) != 0) {
    return core::Unavailable(
        fmt::format("cannot make the mirror {}: {}", path.string(),
                    error ? error.message() : LastError(core::Fault::kUnavailable, "init").text()));
  }
  git_repository_free(raw);
  return core::Ok();
}

std::vector<std::string> ObjectStore::Commits() const {
  const std::lock_guard lock(mutex_);
  return commits_;
}

bool ObjectStore::Has(const std::string& commit) const {
  const std::lock_guard lock(mutex_);
  return std::find(commits_.begin(), commits_.end(), commit) != commits_.end();
}

bool ObjectStore::IsDamaged() const {
  const std::lock_guard lock(mutex_);
  return readers_->met_damage;
}

core::Status ObjectStore::TakePack(Spool& pack, const std::string& commit, std::stop_token stop) {
  core::Result<RepositoryHandle> repository = OpenBare(path());
  if (!repository) return repository.error();
  core::Result<OdbHandle> odb = OdbOf(*repository);
  if (!odb) return odb.error();
  git_odb_writepack* raw = nullptr;
  if (git_odb_write_pack(&raw, odb->get(), nullptr, nullptr) != 0) {
    return LastError(core::Fault::kUnavailable, "begin to index the pack");
  }
  const std::unique_ptr<git_odb_writepack, void (*)(git_odb_writepack*)> writer(
      raw, [](git_odb_writepack* done) { done->free(done); });
  git_indexer_progress progress{};
  core::Status taken = pack.ForEach([&](std::string_view bytes) -> core::Status {
    if (stop.stop_requested()) return core::Cancelled("stopped while indexing the pack");
    if (raw->append(raw, bytes.data(), bytes.size(), &progress) == 0) return core::Ok();
    return LastError(core::Fault::kUnavailable, "index the pack");
  });
  if (!taken) return taken;
  if (raw->commit(raw, &progress) != 0) {
    return LastError(core::Fault::kUnavailable, "index the pack");
  }
  if (core::Status kept = Keep(commit); !kept) return kept;
  static_cast<void>(JoinPacks(stop));  // where it fails, the next fetch tries again
  return core::Ok();
}

core::Status ObjectStore::CopyFrom(const fs::path& source, const std::string& commit,
                                   std::stop_token stop) {
  core::Result<RepositoryHandle> from = OpenSource(source);
  if (!from) return from.error();
  core::Result<RepositoryHandle> repository = OpenBare(path());
  if (!repository) return repository.error();
  core::Result<OdbHandle> odb = OdbOf(*repository);
  if (!odb) return odb.error();
  core::Result<std::string> pack = CopyCommits(from->get(), {commit}, odb->get(), Packs(), stop);
  if (!pack) return pack.error();
  if (core::Status kept = Keep(commit); !kept) return kept;
  static_cast<void>(JoinPacks(stop));  // where it fails, the next fetch tries again
  return core::Ok();
}

// Names a commit whose objects are all here, and forgets the oldest.
core::Status ObjectStore::Keep(const std::string& commit) {
  core::Result<RepositoryHandle> repository = OpenBare(path());
  if (!repository) return repository.error();
  core::Result<CommitHandle> held = LookUp(repository->get(), commit);
  if (!held) return core::Unavailable("the server's pack does not hold the commit " + commit);
  const git_oid id = ToOid(commit);
  git_reference* raw = nullptr;
  const std::string name = std::string(kNames) + commit;
  if (git_reference_create(&raw, repository->get(), name.c_str(), &id, 1, nullptr) != 0) {
    return LastError(core::Fault::kUnavailable, "name the commit in the mirror");
  }
  git_reference_free(raw);
  std::vector<std::string> old;
  {
    const std::lock_guard lock(mutex_);
    std::erase(commits_, commit);
    commits_.push_back(commit);
    while (commits_.size() > kCommitsKept) {
      old.push_back(commits_.front());
      commits_.erase(commits_.begin());
    }
  }
  for (const std::string& forgotten : old) {
    git_reference_remove(repository->get(), (std::string(kNames) + forgotten).c_str());
  }
  return core::Ok();
}

// Each fetch leaves a pack, and each pack is looked into for each object. The new pack is written
// beside the others; these go when nobody reads, now or the next time.
core::Status ObjectStore::JoinPacks(const std::stop_token& stop) {
  const fs::path directory = Packs();
  const std::vector<fs::path> old = PacksIn(directory);
  if (old.size() <= kPacksMax) return core::Ok();
  core::Result<RepositoryHandle> repository = OpenBare(path());
  if (!repository) return repository.error();
  core::Result<std::string> joined =
      CopyCommits(repository->get(), Commits(), nullptr, directory, stop);
  if (!joined) return joined.error().In("join the mirror's packs");
  const std::lock_guard lock(mutex_);
  if (readers_.use_count() > 1) return core::Ok();
  std::error_code error;
  for (const fs::path& pack : old) {
    if (pack == *joined) continue;
    fs::remove(fs::path(pack).replace_extension(".idx"), error);
    fs::remove(pack, error);
  }
  return core::Ok();
}

std::shared_ptr<const core::Changes> ObjectStore::ChangesBetween(const std::string& from,
                                                                 const std::string& to) const {
  const std::lock_guard lock(differences_mutex_);
  for (const Difference& known : differences_) {
    if (known.from == from && known.to == to) return known.changes;
  }
  core::Result<core::Changes> changes = DiffCommits(path() / "objects", from, to);
  differences_.push_back(
      {from, to, changes ? std::make_shared<const core::Changes>(std::move(*changes)) : nullptr});
  if (differences_.size() > kDifferencesKept) differences_.erase(differences_.begin());
  return differences_.back().changes;
}

core::Result<std::shared_ptr<const core::FileTree>> ObjectStore::OpenTree(
    const std::string& commit, const std::string& path) const {
  const std::lock_guard lock(mutex_);
  return OpenCommitTree(PathLocked() / "objects", commit, path, readers_);
}

core::Result<Commit> ObjectStore::Describe(const std::string& commit) const {
  core::Result<RepositoryHandle> repository = OpenBare(path());
  if (!repository) return repository.error();
  core::Result<CommitHandle> held = LookUp(repository->get(), commit);
  if (!held) return held.error();
  const git_signature* author = git_commit_author(held->get());
  const char* subject = git_commit_summary(held->get());
  return Commit{commit, fmt::format("{} <{}>", author->name, author->email),
                subject != nullptr ? subject : "",
                core::Time(std::chrono::seconds(git_commit_time(held->get())))};
}

core::Result<References> ReadReferences(const fs::path& repository) {
  InitLibgit2();
  core::Result<RepositoryHandle> source = OpenSource(repository);
  if (!source) return source.error();
  git_strarray names{};
  if (git_reference_list(&names, source->get()) != 0) {
    return LastError(core::Fault::kUnavailable, "list branches");
  }
  References references;
  for (size_t i = 0; i < names.count; ++i) {
    git_oid id{};
    const std::string name = names.strings[i];
    if (name.starts_with("refs/heads/") &&
        git_reference_name_to_id(&id, source->get(), name.c_str()) == 0) {
      references[name] = ToText(id);
    }
  }
  git_strarray_dispose(&names);
  return references;
}

}  // namespace headgate::git
