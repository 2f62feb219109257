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
#include "git/transport.h"

namespace headgate::net {
struct Identity;
struct Request;
struct Response;
struct Url;
}  // namespace headgate::net

namespace headgate::git {

// A repository behind http or https, with one set of credentials. Remembers which protocol the
// server speaks, so that a listing with version 2 is one request.
class SmartHttp : public Transport {
 public:
  SmartHttp(net::Http* http, std::string url, const Credentials& credentials,
            TransportLimits limits);
  ~SmartHttp() override;

  core::Result<References> List(const std::vector<std::string>& prefixes,
                                std::stop_token stop) override;
  core::Status Fetch(const std::string& want, const std::vector<std::string>& haves, Spool& pack,
                     std::stop_token stop) override;

 private:
  // What the first request told.
  struct Server {
    Advertisement advertisement;
    std::string url;                                // after redirects
    std::shared_ptr<const net::Identity> identity;  // nobody where they led to another host
  };

  core::Result<Server> Discover(std::stop_token stop);
  core::Result<net::Response> SendWithinOrigin(const net::Url& origin, net::Request request,
                                               std::stop_token stop) const;
  core::Result<Server> KnownServer(std::stop_token stop);
  void Forget();
  core::Result<References> ListV2(const Server& server, const std::vector<std::string>& prefixes,
                                  std::stop_token stop);

  net::Http* const http_;
  const std::string url_;
  const std::shared_ptr<const net::Identity> identity_;
  const TransportLimits limits_;
  std::mutex mutex_;
  std::optional<Server> server_;  // guarded by mutex_
};

}  // namespace headgate::git
