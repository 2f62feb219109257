#include "git/ssh_command.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>

#include "net/addresses.h"

namespace headgate::git {
namespace {

constexpr size_t kFileBytesMax = 1024 * 1024;
constexpr int kConnectSeconds = 10, kAliveSeconds = 15, kAliveMissedMax = 4;

}  // namespace

MemoryFile::MemoryFile(std::string_view bytes)
    : descriptor_(memfd_create("headgate", MFD_CLOEXEC)) {
  fchmod(descriptor_, S_IRUSR | S_IWUSR);
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor_, bytes.data(), bytes.size());
    if (written <= 0) break;  // ssh finds no key then, and says so
    bytes.remove_prefix(static_cast<size_t>(written));
  }
}

MemoryFile::~MemoryFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::string MemoryFile::path() const {
  return fmt::format("/proc/{}/fd/{}", getpid(), descriptor_);
}

std::string MemoryFile::Read() const {
  std::string bytes(kFileBytesMax, '\0');
  const ssize_t got = pread(descriptor_, bytes.data(), bytes.size(), 0);
  bytes.resize(got > 0 ? static_cast<size_t>(got) : 0);
  return bytes;
}

core::Result<std::string> PublicAddress(const SshAddress& address) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  const int failed = getaddrinfo(address.host.c_str(), nullptr, &hints, &found);
  if (failed != 0) {
    return core::Unavailable(
        fmt::format("cannot resolve {}: {}", address.host, gai_strerror(failed)));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> all(found, freeaddrinfo);
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    if (net::IsPrivate(each->ai_addr)) {
      return core::Invalid(fmt::format(
          "the address of {} is of this machine or a private network; the daemon reaches those "
          "only with --allow-private-addresses",
          address.host));
    }
  }
  char text[NI_MAXHOST] = {};
  if (getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof text, nullptr, 0,
                  NI_NUMERICHOST) != 0) {
    return core::Unavailable("cannot resolve " + address.host);
  }
  return std::string(text);
}

std::vector<std::string> SshCommand(const SshAddress& address, const std::string& connect_to,
                                    const SshFiles& files, const std::string& remote_command) {
  std::vector<std::string> command = {"ssh", "-F",        "none", "-T",
                                      "-a",  "-x",        "-p",   std::to_string(address.port),
                                      "-l",  address.user};
  std::vector<std::string> options = {
      "BatchMode=yes",
      "Hostname=" + connect_to,
      "HostKeyAlias=" + KnownHostsName(address),
      std::string("StrictHostKeyChecking=") + (files.learns ? "accept-new" : "yes"),
      "UserKnownHostsFile=" + files.known_hosts,
      "GlobalKnownHostsFile=none",
      "UpdateHostKeys=no",
      "HashKnownHosts=no",
      "VerifyHostKeyDNS=no",
      "CheckHostIP=no",
      "IdentityAgent=none",
      "IdentitiesOnly=yes",
      "IdentityFile=" + (files.identity.empty() ? "none" : files.identity),
      std::string("PreferredAuthentications=") + (files.identity.empty() ? "none" : "publickey"),
      "ClearAllForwardings=yes",
      "ControlMaster=no",
      "ControlPath=none",
      "ProxyCommand=none",
      "PermitLocalCommand=no",
      "EscapeChar=none",
      "LogLevel=ERROR",
      "SendEnv=GIT_PROTOCOL",
      fmt::format("ConnectTimeout={}", kConnectSeconds),
      fmt::format("ServerAliveInterval={}", kAliveSeconds),
      fmt::format("ServerAliveCountMax={}", kAliveMissedMax)};
  for (std::string& option : options) {
    command.emplace_back("-o");
    command.push_back(std::move(option));
  }
  command.insert(command.end(), {"--", address.host, remote_command});
  return command;
}

}  // namespace headgate::git
