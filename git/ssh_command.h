#pragma once

#include <netinet/in.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "git/ssh_address.h"

namespace headgate::git {

// A file in memory that only this user can open, by its path, while the object lives.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes);
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const;
  std::string Read() const;

 private:
  int descriptor_;
};

struct SshFiles {
  std::string identity;     // path of the private key; "" for none
  std::string known_hosts;  // path
  bool learns = false;      // writes the key that the host offers there, instead of comparing it
};

// The host's address where it may be connected to, in numbers. kInvalid: it is on this
// machine or in a private network; kUnavailable: no such name.
core::Result<std::string> PublicAddress(const SshAddress& address);

// ssh with each option that could take something from this machine or do something on it said.
// `connect_to`: an address in numbers, or the host.
std::vector<std::string> SshCommand(const SshAddress& address, const std::string& connect_to,
                                    const SshFiles& files, const std::string& remote_command);

}  // namespace headgate::git
