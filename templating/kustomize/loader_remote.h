#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace headgate::templating::kustomize {

// A git repository, and a directory in it, as kustomize reads them from one text:
// "https://github.com/org/repo//deploy/base?ref=v1.2", "git@host:org/repo.git", "github.com/o/r".
struct RemoteBase {
  std::string host;        // with scheme and user, up to the separator: "https://github.com/"
  std::string repository;  // "org/repo"
  std::string directory;   // in the repository; "" is its root
  std::string ref;         // branch, tag or commit; "" is the default branch

  friend bool operator==(const RemoteBase&, const RemoteBase&) = default;
};

// Nothing for what kustomize takes for a local path. Source: kustomize, api/internal/git/repospec.
std::optional<RemoteBase> ParseRemoteBase(std::string_view text);

// Whether a file's path is taken for a URL to fetch it from.
bool IsRemoteFile(std::string_view path);

// Whether a URL means a repository, and not a file: it names a ref, ".git", "_git/" or "//", or it
// ends in nothing that files of YAML or JSON end in. (kustomize fetches it to find out.)
bool IsRepository(std::string_view url);

// The bare name of the host of a base's or file's URL: "github.com".
std::string HostName(std::string_view text);

// Whether a URL names a user, and perhaps a password, before its host.
bool HasCredentials(std::string_view url);

// A URL as people may see it: "***" stands for all that may be a user or a password.
std::string ShowUrl(std::string_view url);

}  // namespace headgate::templating::kustomize
