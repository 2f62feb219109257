#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "git/protocol.h"
#include "git/spool.h"

namespace headgate::git {

struct TransportLimits {
  core::Duration listing_deadline, fetch_deadline;
  bool public_addresses_only = false;  // no server on this machine or in private networks
  bool one_origin = false;  // redirects to another host, port or scheme are refused, not followed
};

// A way to a repository on another machine, with one set of credentials. Safe to call from several
// threads. Errors as Mirrors has them.
class Transport {
 public:
  virtual ~Transport() = default;

  // The references that begin with one of the prefixes (with version 0 the server sends all).
  virtual core::Result<References> List(const std::vector<std::string>& prefixes,
                                        std::stop_token stop) = 0;
  // The pack of one commit.
  virtual core::Status Fetch(const std::string& want, const std::vector<std::string>& haves,
                             Spool& pack, std::stop_token stop) = 0;
};

}  // namespace headgate::git
