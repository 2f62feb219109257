#pragma once

#include <cstddef>
#include <string>

#include "core/result.h"

namespace headgate::templating::helm {

struct WebRequest {
  std::string url;          // https
  std::string accept = {};  // "" for anything
  std::string bearer = {};  // a token that a registry gave; "" for the caller's own credentials
  size_t bytes_max = 0;     // of the answer; more is kInvalid
  // Whose credentials; "": those of the host of `url`. A registry may name another one for tokens.
  std::string credentials_of = {};
  bool may_redirect = true;  // at most a few times, to https only, and without credentials
};

struct WebAnswer {
  int status = 0;
  std::string body = {};
  std::string authenticate = {};  // WWW-Authenticate
  std::string link = {};          // Link
  std::string digest = {};        // Docker-Content-Digest
};

// Reads from servers. Adds the credentials that it has for a URL's host, if any, and never to
// another. An answer of any status is a value.
class Web {
 public:
  virtual ~Web() = default;
  virtual core::Result<WebAnswer> Get(const WebRequest& request) = 0;
};

}  // namespace headgate::templating::helm
