#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>

#include "core/clock.h"
#include "core/file_tree.h"
#include "core/read_set.h"
#include "core/result.h"

namespace headgate::net {
class Http;
}

namespace headgate::git {

// From the Application's Secret. Never in an error or a log. Over http a username or password is
// basic authentication, a token bearer; both: the token. Over ssh only the last two count.
struct Credentials {
  std::string username, password;
  std::string bearer_token;
  std::string ca_pem;       // trust just these authorities; empty: the system's
  std::string identity;     // a private key without passphrase
  std::string known_hosts;  // as OpenSSH reads it: hashed names, @cert-authority and @revoked too
};

// https, http, ssh (as URL, or user@host:path), or (by a flag) file. user:password@ in the URL is
// used where the credentials are empty, and is shown nowhere.
struct Remote {
  std::string url;
  Credentials credentials;
};

struct Commit {
  std::string id;
  std::string author;   // "Name <mail>"
  std::string subject;  // first line of the message
  core::Time time;      // when it was committed
};

// Bare mirrors below one directory, one for each URL, each with the newest commits that were asked
// for. Who has not listed a remote with the same credentials gets nothing out of its mirror. Safe
// to call from several threads; one listing per remote and one fetch per mirror at a time. The
// directory belongs to one process; what is broken in it is fetched again.
//
// Errors: kInvalid (URL, branch name, server speaks no git we know), kNotFound (repository, branch,
// commit, path), kForbidden (401, 403), kConflict (the branch moved away from the commit: poll
// again), kUnavailable (server, network, certificate, deadline), kCancelled.
class Mirrors {
 public:
  struct Options {
    bool allow_file_urls = false;
    bool public_addresses_only = false;        // no server on this machine or in private networks
    size_t fetch_bytes_max = size_t{1} << 30;  // of one pack
    core::Duration listing_deadline = std::chrono::seconds(15);
    core::Duration fetch_deadline = std::chrono::minutes(5);
    const core::Clock* clock = nullptr;  // for the age of listings; nullptr: the real one
  };
  struct Counts {
    size_t listings = 0;  // that were asked of a server
    size_t fetches = 0;
  };

  // `http` must live longer.
  Mirrors(std::filesystem::path directory, net::Http* http, Options options);
  ~Mirrors();

  // The id of the newest commit on a branch. A listing with these credentials that is younger than
  // `max_age` is answered from memory. kNotFound says which branches there are, or that the
  // repository is empty.
  core::Result<std::string> Poll(const Remote& remote, const std::string& branch,
                                 core::Duration max_age, std::stop_token stop = {});

  // Somebody says that the repository has changed: listings of it that were begun before count no
  // more, whatever their age.
  void Expire(const std::string& url);

  // The files of a commit below `path` ("" is all of it: what kustomize needs for `../base`).
  // Fetches where the mirror does not have the commit.
  core::Result<std::shared_ptr<const core::FileTree>> Tree(const Remote& remote,
                                                           const std::string& commit,
                                                           const std::string& path,
                                                           std::stop_token stop = {});

  // Where two commits differ; nullptr where that cannot be said, or is too much to say, or `from`
  // is not kept any more. Fetches where the mirror does not have `to`.
  std::shared_ptr<const core::Changes> ChangesBetween(const Remote& remote, const std::string& from,
                                                      const std::string& to,
                                                      std::stop_token stop = {});

  // As Tree, for the people who wrote it.
  core::Result<Commit> Describe(const Remote& remote, const std::string& commit,
                                std::stop_token stop = {});

  Counts counts() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

// The URL as errors show it: without user, password and query.
std::string ShowSafe(const Remote& remote);

}  // namespace headgate::git
