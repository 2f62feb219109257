#include "git/handles.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

namespace headgate::git {
namespace {

constexpr size_t kObjectBytesMax = 256 * 1024 * 1024;  // inflated: against packs made to explode
constexpr size_t kObjectsMax = 10'000'000;             // of one pack
constexpr ssize_t kCacheBytesMax = 16 * 1024 * 1024;   // parsed trees and commits

}  // namespace

void InitLibgit2() {
  static std::once_flag once;
  std::call_once(once, [] {
    git_libgit2_init();
    git_libgit2_opts(GIT_OPT_SET_PACK_MAX_OBJECT_SIZE, kObjectBytesMax);
    git_libgit2_opts(GIT_OPT_SET_PACK_MAX_OBJECTS, kObjectsMax);
    git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, kCacheBytesMax);
    // The settings of whoever started the process are not ours.
    for (const int level : {GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL,
                            GIT_CONFIG_LEVEL_PROGRAMDATA}) {
      git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, "");
    }
  });
}

core::Error LastError(core::Fault fault, std::string_view doing) {
  const git_error* last = git_error_last();
  const char* message = last != nullptr && last->message != nullptr ? last->message : "unknown";
  return {fault, fmt::format("{}: {}", doing, message)};
}

bool IsCommitId(std::string_view text) {
  return text.size() == GIT_OID_HEXSZ && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

git_oid ToOid(std::string_view commit_id) {
  git_oid oid{};
  git_oid_fromstrn(&oid, commit_id.data(), commit_id.size());
  return oid;
}

std::string ToText(const git_oid& oid) {
  std::string text(GIT_OID_HEXSZ, '0');
  git_oid_fmt(text.data(), &oid);
  return text;
}

}  // namespace headgate::git
