#include "git/commit_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "git/handles.h"

namespace headgate::git {
namespace {

constexpr size_t kDepthMax = 256;

struct Entry {
  git_oid id;
  git_filemode_t mode;

  bool is_directory() const { return mode == GIT_FILEMODE_TREE; }
  bool is_file() const { return mode == GIT_FILEMODE_BLOB || mode == GIT_FILEMODE_BLOB_EXECUTABLE; }
};

bool Same(const Entry& a, const Entry& b) {
  return git_oid_equal(&a.id, &b.id) && (a.mode == b.mode || (a.is_file() && b.is_file()));
}

// A directory that differs, on either side or on one.
struct Pair {
  std::string path;
  std::optional<git_oid> before, after;
  size_t depth;
};

using Sides = std::map<std::string, std::pair<std::optional<Entry>, std::optional<Entry>>>;

core::Status ReadSide(
    git_repository* repository, const git_oid& id,
    std::optional<Entry> std::pair<std::optional<Entry>, std::optional<Entry>>::*side,
    Sides* sides) {
  git_tree* raw = nullptr;
  if (git_tree_lookup(&raw, repository, &id) != 0) return core::NotFound("a tree is broken");
  const TreeHandle tree(raw);
  for (size_t i = 0; i < git_tree_entrycount(raw); ++i) {
    const git_tree_entry* entry = git_tree_entry_byindex(raw, i);
    (*sides)[git_tree_entry_name(entry)].*side =
        Entry{*git_tree_entry_id(entry), git_tree_entry_filemode(entry)};
  }
  return core::Ok();
}

core::Result<git_oid> RootOf(git_repository* repository, const std::string& commit) {
  git_oid id;
  git_commit* raw = nullptr;
  if (git_oid_fromstr(&id, commit.c_str()) != 0 || git_commit_lookup(&raw, repository, &id) != 0) {
    return core::NotFound("no commit " + commit);
  }
  const CommitHandle held(raw);
  return *git_commit_tree_id(raw);
}

// Adds the differences directly in a directory to `changes`, those below it to `left`.
core::Status Compare(git_repository* repository, const Pair& pair, std::vector<Pair>* left,
                     core::Changes* changes) {
  using Side = Sides::mapped_type;
  Sides sides;
  if (pair.before) {
    core::Status read = ReadSide(repository, *pair.before, &Side::first, &sides);
    if (!read) return read;
  }
  if (pair.after) {
    core::Status read = ReadSide(repository, *pair.after, &Side::second, &sides);
    if (!read) return read;
  }
  for (const auto& [name, both] : sides) {
    const auto& [before, after] = both;
    if (before && after && Same(*before, *after)) continue;
    const std::string path = pair.path.empty() ? name : fmt::format("{}/{}", pair.path, name);
    const bool was = before && before->is_directory(), is = after && after->is_directory();
    if (!(was && is)) {
      changes->push_back({path, before && after && before->is_file() && after->is_file()});
    }
    if (was || is) {
      left->push_back({path, was ? std::optional(before->id) : std::nullopt,
                       is ? std::optional(after->id) : std::nullopt, pair.depth + 1});
    }
  }
  return core::Ok();
}

}  // namespace

core::Result<core::Changes> DiffCommits(const std::filesystem::path& objects,
                                        const std::string& from, const std::string& to) {
  git_odb* raw_odb = nullptr;
  if (git_odb_open(&raw_odb, objects.c_str()) != 0) return core::NotFound("no object database");
  const OdbHandle odb(raw_odb);
  git_repository* raw = nullptr;
  if (git_repository_wrap_odb(&raw, raw_odb) != 0) return core::NotFound("no object database");
  const RepositoryHandle repository(raw);
  core::Result<git_oid> before = RootOf(raw, from), after = RootOf(raw, to);
  if (!before || !after) return before ? after.error() : before.error();

  core::Changes changes;
  if (git_oid_equal(&*before, &*after)) return changes;
  std::vector<Pair> left = {{"", *before, *after, 0}};
  while (!left.empty()) {
    const Pair pair = std::move(left.back());
    left.pop_back();
    if (core::Status compared = Compare(raw, pair, &left, &changes); !compared) {
      return compared.error();
    }
    if (changes.size() + left.size() > kChangesMax || pair.depth > kDepthMax) {
      return core::Invalid(fmt::format("more than {} differences, or nested deeper than {}",
                                       kChangesMax, kDepthMax));
    }
  }
  std::sort(changes.begin(), changes.end());
  return changes;
}

}  // namespace headgate::git
