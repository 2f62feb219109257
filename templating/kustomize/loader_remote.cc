#include "templating/kustomize/loader_remote.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "core/result.h"

namespace headgate::templating::kustomize {
namespace {

bool IsAlpha(char letter) { return std::isalpha(static_cast<unsigned char>(letter)) != 0; }
bool IsAlnum(char letter) { return std::isalnum(static_cast<unsigned char>(letter)) != 0; }

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& letter : lower) {
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  return lower;
}

bool TakePrefix(std::string_view prefix, std::string_view* text) {
  if (Lower(text->substr(0, prefix.size())) != prefix) return false;
  text->remove_prefix(prefix.size());
  return true;
}

// "name@" at the start; "" where there is none.
std::string_view TakeUser(std::string_view* text) {
  const size_t at = text->find('@');
  if (at == 0 || at == text->npos || !IsAlpha(text->front())) return "";
  const std::string_view name = text->substr(0, at);
  const bool plain =
      std::all_of(name.begin(), name.end(), [](char c) { return IsAlnum(c) || c == '-'; });
  if (!plain) return "";
  const std::string_view user = text->substr(0, at + 1);
  text->remove_prefix(at + 1);
  return user;
}

std::string_view TakeScheme(std::string_view* text) {
  for (std::string_view scheme : {"ssh://", "https://", "http://", "file://"}) {
    if (TakePrefix(scheme, text)) return scheme;
  }
  return "";
}

// What stands before the path, and before the query: user, password, host and port.
std::string_view AuthorityOf(std::string_view text) {
  return text.substr(0, text.find_first_of("/?"));
}

// The host up to its '/' (or the ':' of "git@host:path"), which is taken with it.
std::string TakeHost(bool colon_parts, std::string_view* text) {
  size_t end = text->find('/');
  if (colon_parts) {
    const size_t colon = text->find(':');
    if (end == text->npos || (colon != text->npos && colon > 0 && colon < end)) end = colon;
  }
  const size_t length = end == text->npos ? text->size() : end + 1;
  const std::string host(text->substr(0, length));
  text->remove_prefix(length);
  return host;
}

struct Parts {
  std::string_view repository, directory;
};

// Where the repository's path ends and that of a directory in it begins.
std::optional<Parts> SplitRepository(std::string_view path, bool all_of_it) {
  constexpr std::string_view kGitRoot = "_git/";
  if (const size_t at = path.find(kGitRoot); at != path.npos) {
    const size_t end = path.find('/', at + kGitRoot.size());
    if (end == path.npos) return Parts{path, ""};
    return Parts{path.substr(0, end), path.substr(end + 1)};
  }
  if (const size_t at = path.find("//"); at != path.npos) {
    return Parts{path.substr(0, at), path.substr(at + 2)};
  }
  if (const size_t at = path.find(".git"); at != path.npos) {
    return Parts{path.substr(0, at + 4), path.substr(at + 4)};
  }
  if (all_of_it) return Parts{path, ""};
  const size_t organisation = path.find('/');
  if (organisation == path.npos) return std::nullopt;
  const size_t end = path.find('/', organisation + 1);
  if (end == path.npos) return Parts{path, ""};
  return Parts{path.substr(0, end), path.substr(end + 1)};
}

bool LeavesRepository(std::string_view directory) {
  int depth = 0;
  for (std::string_view rest = directory; !rest.empty();) {
    const size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view part = rest.substr(0, slash);
    rest.remove_prefix(std::min(slash + 1, rest.size()));
    if (part.empty() || part == ".") continue;
    depth += part == ".." ? -1 : 1;
    if (depth < 0) return true;
  }
  return false;
}

// The value of "ref", else of "version", in a URL's query.
std::string RefOf(std::string_view query) {
  std::string version;
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const size_t equals = pair.find('=');
    if (equals == pair.npos) continue;
    const std::string_view name = pair.substr(0, equals);
    if (name == "ref" && equals + 1 < pair.size()) return std::string(pair.substr(equals + 1));
    if (name == "version" && version.empty()) version = std::string(pair.substr(equals + 1));
  }
  return version;
}

}  // namespace

std::optional<RemoteBase> ParseRemoteBase(std::string_view text) {
  if (text.starts_with('/')) return std::nullopt;
  RemoteBase base;
  if (const size_t query = text.find('?'); query != text.npos) {
    base.ref = RefOf(text.substr(query + 1));
    text = text.substr(0, query);
  }
  TakePrefix("git::", &text);
  const std::string_view scheme = TakeScheme(&text);
  const std::string_view before_user = text;
  const std::string_view user = TakeUser(&text);
  const std::string lower = Lower(text.substr(0, 11));
  const bool github = lower == "github.com/" || lower == "github.com:";
  const bool colon_parts = scheme.empty() && (!user.empty() || github);
  if (scheme.empty() && !colon_parts) return std::nullopt;
  if (scheme == "file://") {
    base.host = scheme;
    text = before_user;
  } else {
    const std::string host = TakeHost(colon_parts, &text);
    if (host.empty()) return std::nullopt;
    base.host = std::string(scheme) + std::string(user) + host;
    if (github) {
      const bool ssh = scheme == "ssh://" || !user.empty();
      base.host = ssh ? std::string(user) + "github.com:" : "https://github.com/";
    }
  }
  const std::optional<Parts> parts = SplitRepository(text, scheme == "file://");
  if (!parts || parts->repository.empty()) return std::nullopt;
  std::string_view directory = parts->directory;
  if (directory.starts_with('/')) directory.remove_prefix(1);
  if (LeavesRepository(directory)) return std::nullopt;
  base.repository = std::string(parts->repository);
  base.directory = std::string(directory);
  return base;
}

bool IsRemoteFile(std::string_view path) {
  return TakePrefix("http:", &path) || TakePrefix("https:", &path);
}

bool IsRepository(std::string_view url) {
  const std::optional<RemoteBase> base = ParseRemoteBase(url);
  if (!base) return false;
  std::string_view path = url.substr(0, url.find('?'));
  TakePrefix("git::", &path);
  TakeScheme(&path);
  if (!base->ref.empty()) return true;
  for (std::string_view mark : {"//", ".git", "_git/"}) {
    if (path.find(mark) != path.npos) return true;
  }
  return !path.ends_with(".yaml") && !path.ends_with(".yml") && !path.ends_with(".json");
}

std::string HostName(std::string_view text) {
  TakePrefix("git::", &text);
  if (TakeScheme(&text).empty() && IsRemoteFile(text)) text.remove_prefix(text.find(':') + 1);
  while (text.starts_with('/')) text.remove_prefix(1);
  if (const size_t at = AuthorityOf(text).rfind('@'); at != text.npos) text.remove_prefix(at + 1);
  return Lower(text.substr(0, text.find_first_of("/:?")));
}

bool HasCredentials(std::string_view url) {
  TakePrefix("git::", &url);
  TakeScheme(&url);
  return AuthorityOf(url).find('@') != url.npos;
}

std::string ShowUrl(std::string_view url) {
  const size_t begin = url.find("://");
  std::string_view rest = url.substr(begin == url.npos ? 0 : begin + 3);
  // A "/" in a password that nobody encoded ends what looks like the host: then the last "@"
  // counts.
  const std::string_view authority = AuthorityOf(rest);
  const size_t colon = authority.find(':');
  const bool port = colon == authority.npos ||
                    authority.find_first_not_of("0123456789", colon + 1) == authority.npos;
  const size_t at = port ? authority.rfind('@') : rest.rfind('@');
  if (at == rest.npos) return std::string(url);
  rest.remove_prefix(at);
  return std::string(url.substr(0, begin == url.npos ? 0 : begin + 3)) + "***" + std::string(rest);
}

}  // namespace headgate::templating::kustomize
