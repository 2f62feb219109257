#include "git/fetch_once.h"

#include <fmt/format.h>

#include "git/handles.h"
#include "git/object_store.h"
#include "git/protocol.h"
#include "git/smart_http.h"
#include "git/spool.h"
#include "net/url.h"

namespace headgate::git {
namespace {

// The commit that a name stands for. An annotated tag is an object of its own, listed with the
// commit behind it as "NAME^{}".
core::Result<std::string> CommitNamed(const std::string& name, const References& references) {
  if (name.empty()) {
    const auto head = references.find("HEAD");
    if (head != references.end()) return head->second;
    return core::NotFound("the repository is empty, or has no default branch");
  }
  for (const std::string& full :
       {"refs/heads/" + name, "refs/tags/" + name + "^{}", "refs/tags/" + name}) {
    if (const auto at = references.find(full); at != references.end()) return at->second;
  }
  return core::NotFound(fmt::format("no branch or tag {}", Printable(name)));
}

core::Status CheckUrl(const Remote& remote) {
  const core::Result<net::Url> url = net::ParseUrl(remote.url);
  if (!url) return url.error();
  if (url->scheme == "https" || url->scheme == "http") return core::Ok();
  return core::Invalid(fmt::format("an https URL expected, found {}", ShowSafe(remote)));
}

core::Result<FetchedTree> Fetch(const Remote& remote, const std::string& name,
                                const std::filesystem::path& directory, net::Http* http,
                                const FetchLimits& limits, std::stop_token stop) {
  InitLibgit2();
  SmartHttp server(http, remote.url, remote.credentials,
                   {.listing_deadline = limits.listing_deadline,
                    .fetch_deadline = limits.fetch_deadline,
                    .one_origin = true});
  std::string commit = name;
  if (!IsCommitId(name)) {
    const std::vector<std::string> prefixes =
        name.empty() ? std::vector<std::string>{"HEAD"}
                     : std::vector<std::string>{"refs/heads/" + name, "refs/tags/" + name};
    const core::Result<References> references = server.List(prefixes, stop);
    if (!references) return references.error();
    core::Result<std::string> found = CommitNamed(name, *references);
    if (!found) return found.error();
    commit = *std::move(found);
  }
  const core::Result<std::unique_ptr<ObjectStore>> store = ObjectStore::Open(directory);
  if (!store) return store.error();
  Spool pack((*store)->path(), limits.pack_bytes_max);
  core::Status done = server.Fetch(commit, {}, pack, stop);
  if (done) done = (*store)->TakePack(pack, commit, stop);
  if (!done) return done.error();
  core::Result<std::shared_ptr<const core::FileTree>> files = (*store)->OpenTree(commit, "");
  if (!files) return files.error();
  return FetchedTree{commit, *std::move(files)};
}

}  // namespace

core::Result<FetchedTree> FetchOnce(const Remote& remote, const std::string& name,
                                    const std::filesystem::path& directory, net::Http* http,
                                    const FetchLimits& limits, std::stop_token stop) {
  if (core::Status fine = CheckUrl(remote); !fine) return fine.error();
  core::Result<FetchedTree> fetched = Fetch(remote, name, directory, http, limits, stop);
  return fetched ? fetched : fetched.error().In("fetch " + ShowSafe(remote));
}

}  // namespace headgate::git
