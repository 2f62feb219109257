#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace headgate::git {

// A repository behind ssh: ssh://[user@]host[:port]/path, where a path that begins with /~ is in a
// home directory, or as scp writes it, [user@]host:path.
struct SshAddress {
  std::string user;  // "git" where none is named
  std::string host;  // lower case; of an IPv6 address without brackets
  int port = 22;
  std::string path;  // as the server gets it
};

// Whether it is meant for ssh at all.
bool IsSsh(std::string_view url);

// kInvalid: what could be taken for an option of a program, control characters, a password.
core::Result<SshAddress> ParseSsh(std::string_view url);

// How known_hosts names the host: "git.example.com", or "[git.example.com]:2222".
std::string KnownHostsName(const SshAddress& address);

// The same for every way to write it; with the user, since homes differ.
std::string ToText(const SshAddress& address);

// For the remote shell: git-upload-pack 'path'.
std::string UploadPackCommand(const SshAddress& address);

}  // namespace headgate::git
