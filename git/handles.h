#pragma once

#include <git2.h>

#include <memory>
#include <string_view>

#include "core/result.h"

namespace headgate::git {

// Frees an object of libgit2 with its own function.
template <auto Free>
struct FreeWith {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

using RepositoryHandle = std::unique_ptr<git_repository, FreeWith<git_repository_free>>;
using OdbHandle = std::unique_ptr<git_odb, FreeWith<git_odb_free>>;
using OdbObjectHandle = std::unique_ptr<git_odb_object, FreeWith<git_odb_object_free>>;
using CommitHandle = std::unique_ptr<git_commit, FreeWith<git_commit_free>>;
using TreeHandle = std::unique_ptr<git_tree, FreeWith<git_tree_free>>;
using TreeEntryHandle = std::unique_ptr<git_tree_entry, FreeWith<git_tree_entry_free>>;
using ReferenceHandle = std::unique_ptr<git_reference, FreeWith<git_reference_free>>;
using PackBuilderHandle = std::unique_ptr<git_packbuilder, FreeWith<git_packbuilder_free>>;

// libgit2 with our bounds, once per process and never ended: its threads' data outlive any owner.
void InitLibgit2();

// What libgit2 says about its last failure on this thread, after `doing`.
core::Error LastError(core::Fault fault, std::string_view doing);

// 40 lower-case hexadecimal digits.
bool IsCommitId(std::string_view text);
git_oid ToOid(std::string_view commit_id);
std::string ToText(const git_oid& oid);

}  // namespace headgate::git
