#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/result.h"

namespace headgate::net {

using Headers = std::vector<std::pair<std::string, std::string>>;

// Who we are to a server, and whom we trust. Requests with the same Identity object share one pool
// of connections; no connection is ever shared between two identities. Nothing of it appears in an
// error or a log.
struct Identity {
  std::string ca_pem;           // trust just these authorities; empty: the system's
  std::string client_cert_pem;  // with client_key_pem: mutual TLS
  std::string client_key_pem;
  std::string basic_user;  // basic authentication where not empty
  std::string basic_password;
  // Asked before each request, so that it may rotate; may be empty. Goes before basic_user.
  std::function<core::Result<std::string>()> bearer_token;
};

// Proxies are not taken from the environment.
struct Request {
  std::string method = "GET";
  std::string url;  // http or https; user:password@ in it is sent as basic authentication
  Headers headers;
  std::string body;
  std::shared_ptr<const Identity> identity;  // nullptr: nobody, the system's authorities
  // For the whole exchange, redirects too; 0: none (streams).
  core::Duration deadline = std::chrono::seconds(30);
  // No byte received for so long ends it with kUnavailable; 0: not watched.
  core::Duration idle_max = std::chrono::seconds(0);
  // Of the answer, after decompression; more ends it with kInvalid. Streams are not bounded.
  size_t body_bytes_max = 64 * 1024 * 1024;
  // 0: an answer 3xx is given as it is. To another origin go no credentials, no client certificate
  // and no header but Accept and Content-Type; from https never to http.
  int redirects_max = 0;
  // Refuses this machine and private networks, whatever the name resolves to. All requests with one
  // identity must say the same, since a connection that is open is not looked at again.
  bool public_addresses_only = false;
};

struct Response {
  int status = 0;
  Headers headers;  // names in lower case
  std::string body;
  std::string url;  // where it came from, after redirects; without user and password

  std::string_view Header(std::string_view lower_case_name) const;  // empty where it is not
};

// HTTP client: one I/O thread, curl multi, HTTP/2 where the server has it (many requests over one
// connection). A Response of any status is a value; an Error is for what brought no answer:
// kUnavailable (resolve, connect, TLS, reset, deadline), kCancelled (stop asked), kInvalid (URL,
// body too large). Safe to call from several threads.
class Http {
 public:
  // Called on the I/O thread; must not block, nor call Send. `head` comes once, before the first
  // bytes; return false from either to end the exchange with kCancelled.
  struct Callbacks {
    std::function<bool(const Response& head)> head;
    std::function<bool(std::string_view bytes)>
        bytes;  // not set: the body is collected (and may come as gzip)
    // Exactly once, unless the Exchange was destroyed before. Body empty where `bytes` is set.
    std::function<void(core::Result<Response>)> end;
  };
  // Cancels its exchange when destroyed; after that no callback runs any more (except the one that
  // it is destroyed in). Waits for a callback that is running, so hold no lock that one takes. May
  // outlive the Http.
  class Exchange {
   public:
    virtual ~Exchange() = default;
  };

  Http();
  ~Http();  // ends what is under way with kCancelled
  Http(const Http&) = delete;
  Http& operator=(const Http&) = delete;

  // Sends and waits for the whole answer.
  core::Result<Response> Send(const Request& request, std::stop_token stop = {});
  // Starts and returns at once; `bearer_token` of the identity is asked before that, on this
  // thread.
  [[nodiscard]] std::unique_ptr<Exchange> Start(Request request, Callbacks callbacks);

 private:
  std::unique_ptr<class Loop> loop_;
};

}  // namespace headgate::net
