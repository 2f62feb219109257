#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "git/mirrors.h"
#include "git/protocol.h"
#include "git/spool.h"

namespace headgate::net {
struct Identity;
struct Response;
}  // namespace headgate::net

namespace headgate::git {

// A repository behind http or https, with one set of credentials. Remembers which protocol the
// server speaks, so that a listing with version 2 is one request. Safe to call from several
// threads.
class SmartHttp {
 public:
  struct Limits {
    core::Duration listing_deadline, fetch_deadline;
    bool public_addresses_only = false;
  };

  SmartHttp(net::Http* http, std::string url, const Credentials& credentials, Limits limits);
  ~SmartHttp();

  // The references that begin with one of the prefixes (with version 0 the server sends all).
  core::Result<References> List(const std::vector<std::string>& prefixes, std::stop_token stop);
  // The pack of one commit.
  core::Status Fetch(const std::string& want, const std::vector<std::string>& haves, Spool& pack,
                     std::stop_token stop);

 private:
  // What the first request told.
  struct Server {
    Advertisement advertisement;
    std::string url;                                // after redirects
    std::shared_ptr<const net::Identity> identity;  // nobody where they led to another host
  };

  core::Result<Server> Discover(std::stop_token stop);
  core::Result<Server> KnownServer(std::stop_token stop);
  void Forget();
  core::Result<References> ListV2(const Server& server, const std::vector<std::string>& prefixes,
                                  std::stop_token stop);

  net::Http* const http_;
  const std::string url_;
  const std::shared_ptr<const net::Identity> identity_;
  const Limits limits_;
  std::mutex mutex_;
  std::optional<Server> server_;  // guarded by mutex_
};

}  // namespace headgate::git
