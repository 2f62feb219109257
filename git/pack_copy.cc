#include "git/pack_copy.h"

#include <fmt/format.h>

#include <unordered_set>

namespace headgate::git {
namespace {

constexpr int kDepthMax = 1000;  // of directories

class Copy {
 public:
  Copy(git_repository* source, git_odb* present, git_packbuilder* builder, std::stop_token stop)
      : source_(source), present_(present), builder_(builder), stop_(std::move(stop)) {}

  core::Status AddCommit(const std::string& commit) {
    const git_oid id = ToOid(commit);
    git_commit* raw = nullptr;
    if (git_commit_lookup(&raw, source_, &id) != 0) {
      return core::NotFound(fmt::format("no commit {} in the repository", commit));
    }
    const CommitHandle held(raw);
    if (git_packbuilder_insert(builder_, &id, nullptr) != 0) return Failed();
    return AddTree(*git_commit_tree_id(raw), 0);
  }

 private:
  // Whoever has a tree has all that is below it.
  bool IsKnown(const git_oid& id) {
    if (!seen_.insert(std::string(reinterpret_cast<const char*>(id.id), GIT_OID_RAWSZ)).second) {
      return true;
    }
    return present_ != nullptr && git_odb_exists(present_, &id) == 1;
  }

  core::Status AddTree(const git_oid& id, int depth) {
    if (stop_.stop_requested()) return core::Cancelled("stopped while copying objects");
    if (depth > kDepthMax) return core::Invalid("directories nested too deeply");
    if (IsKnown(id)) return core::Ok();
    git_tree* raw = nullptr;
    if (git_tree_lookup(&raw, source_, &id) != 0) return Failed();
    const TreeHandle held(raw);
    if (git_packbuilder_insert(builder_, &id, nullptr) != 0) return Failed();
    const size_t count = git_tree_entrycount(raw);
    for (size_t i = 0; i < count; ++i) {
      const git_tree_entry* entry = git_tree_entry_byindex(raw, i);
      const git_oid& below = *git_tree_entry_id(entry);
      core::Status added = core::Ok();
      if (git_tree_entry_type(entry) == GIT_OBJECT_TREE) {
        added = AddTree(below, depth + 1);
      } else if (git_tree_entry_type(entry) == GIT_OBJECT_BLOB && !IsKnown(below) &&
                 git_packbuilder_insert(builder_, &below, nullptr) != 0) {
        added = Failed();
      }
      if (!added) return added;
    }
    return core::Ok();
  }

  static core::Error Failed() { return LastError(core::Fault::kUnavailable, "copy objects"); }

  git_repository* const source_;
  git_odb* const present_;
  git_packbuilder* const builder_;
  const std::stop_token stop_;
  std::unordered_set<std::string> seen_;
};

int StopWhenAsked(int, uint32_t, uint32_t, void* stop) {
  return static_cast<std::stop_token*>(stop)->stop_requested() ? -1 : 0;
}

}  // namespace

core::Result<std::string> CopyCommits(git_repository* source,
                                      const std::vector<std::string>& commits, git_odb* present,
                                      const std::filesystem::path& packs, std::stop_token stop) {
  git_packbuilder* raw = nullptr;
  if (git_packbuilder_new(&raw, source) != 0) {
    return LastError(core::Fault::kUnavailable, "begin a pack");
  }
  const PackBuilderHandle builder(raw);
  git_packbuilder_set_callbacks(raw, StopWhenAsked, &stop);
  Copy copy(source, present, raw, stop);
  for (const std::string& commit : commits) {
    if (core::Status added = copy.AddCommit(commit); !added) return added.error();
  }
  if (git_packbuilder_object_count(raw) == 0) return std::string();
  if (git_packbuilder_write(raw, packs.c_str(), 0, nullptr, nullptr) != 0) {
    if (stop.stop_requested()) return core::Cancelled("stopped while copying objects");
    return LastError(core::Fault::kUnavailable, "write a pack");
  }
  return (packs / fmt::format("pack-{}.pack", git_packbuilder_name(raw))).string();
}

}  // namespace headgate::git
