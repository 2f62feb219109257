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
  std::function<core::Result<std::string>()>
      bearer_token;  // asked before each request, so that it may rotate; may be empty
};

struct Request {
  std::string method = "GET";
  std::string url;  // http or https
  Headers headers;
  std::string body;
  std::shared_ptr<const Identity> identity;            // nullptr: nobody, the system's authorities
  core::Duration deadline = std::chrono::seconds(30);  // for the whole exchange; 0: none (streams)
  core::Duration idle_max = std::chrono::seconds(
      0);  // no byte received for so long ends it with kUnavailable; 0: not watched
  size_t body_bytes_max =
      64 * 1024 *
      1024;  // of the answer, after decompression; more ends it with kInvalid. Streams: not bounded
  int redirects_max = 0;  // credentials never follow to another host
};

struct Response {
  int status = 0;
  Headers headers;  // names in lower case
  std::string body;

  std::string_view Header(std::string_view lower_case_name) const;  // empty where it is not
};

// HTTP client: one I/O thread, curl multi, HTTP/2 where the server has it (many requests over one
// connection). A Response of any status is a value; an Error is for what brought no answer:
// kUnavailable (resolve, connect, TLS, reset, deadline), kCancelled (stop asked), kInvalid (URL,
// body too large). Safe to call from several threads.
class Http {
 public:
  // Streams: called on the I/O thread; must not block. `head` comes once before the first bytes;
  // return false to end it.
  struct Callbacks {
    std::function<bool(const Response& head)> head;
    std::function<bool(std::string_view bytes)> bytes;
    std::function<void(core::Result<Response>)>
        end;  // always, exactly once; body empty where `bytes` is set
  };
  // Cancels its exchange when destroyed; after that no callback runs any more (except from within a
  // callback itself).
  class Exchange {
   public:
    virtual ~Exchange() = default;
  };

  Http();
  ~Http();  // ends what is under way with kCancelled

  // Sends and waits for the whole answer.
  core::Result<Response> Send(const Request& request, std::stop_token stop = {});
  // Starts and returns at once.
  [[nodiscard]] std::unique_ptr<Exchange> Start(Request request, Callbacks callbacks);

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace headgate::net
