#pragma once

#include <string>

#include "git/mirrors.h"
#include "git/ssh_address.h"
#include "git/transport.h"

namespace headgate::git {

// A repository behind ssh. OpenSSH's client runs as a child process of ours for each listing and
// each fetch, with nothing of the machine's or the user's configuration: it has the key and the
// known hosts of the Secret (both in memory), asks nobody, forwards nothing and runs nothing here.
// A host that is not in known_hosts, or has another key there, is refused with the line that would
// let it in.
class SmartSsh : public Transport {
 public:
  SmartSsh(SshAddress address, const Credentials& credentials, TransportLimits limits)
      : address_(std::move(address)),
        identity_(credentials.identity),
        known_hosts_(credentials.known_hosts),
        limits_(limits) {}

  core::Result<References> List(const std::vector<std::string>& prefixes,
                                std::stop_token stop) override;
  core::Status Fetch(const std::string& want, const std::vector<std::string>& haves, Spool& pack,
                     std::stop_token stop) override;

 private:
  const SshAddress address_;
  const std::string identity_, known_hosts_;
  const TransportLimits limits_;
};

}  // namespace headgate::git
