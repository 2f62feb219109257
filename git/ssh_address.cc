#include "git/ssh_address.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "net/url.h"

namespace headgate::git {
namespace {

constexpr std::string_view kScheme = "ssh://";
constexpr int kSshPort = 22;

bool HasOnly(std::string_view text, std::string_view others) {
  return std::all_of(text.begin(), text.end(), [&](unsigned char c) {
    return (std::isalnum(c) != 0 && c < 0x80) || others.find(static_cast<char>(c)) != others.npos;
  });
}

core::Status Check(const SshAddress& address) {
  if (address.host.empty() || address.host[0] == '-' || !HasOnly(address.host, ".-_:")) {
    return core::Invalid("an ssh URL has the name or address of a host, such as git.example.com");
  }
  if (address.user.empty() || address.user[0] == '-' || !HasOnly(address.user, ".-_+")) {
    return core::Invalid("the user of an ssh URL is of letters, digits and . _ + -");
  }
  const bool printable = std::all_of(address.path.begin(), address.path.end(),
                                     [](unsigned char c) { return c >= ' ' && c != 0x7f; });
  if (address.path.empty() || address.path == "/" || address.path[0] == '-' || !printable) {
    return core::Invalid("an ssh URL has the path of a repository behind its host");
  }
  return core::Ok();
}

// After ssh://.
core::Result<SshAddress> ParseUrlForm(std::string_view text) {
  core::Result<net::Url> url = net::ParseUrl(text);
  if (!url) return url.error();
  if (!url->password.empty()) {
    return core::Invalid("an ssh URL has no password: the key belongs in the Secret, as identity");
  }
  if (!url->query.empty()) return core::Invalid("a git URL has no ?query");
  SshAddress address;
  if (!url->user.empty()) address.user = url->user;
  address.host = url->host;
  if (address.host.starts_with('[')) address.host = address.host.substr(1, url->host.size() - 2);
  const std::string& port = url->port;
  if (!port.empty()) std::from_chars(port.data(), port.data() + port.size(), address.port);
  core::Result<std::string> path = net::PercentDecode(url->path);
  if (!path) return path.error();
  address.path = path->starts_with("/~") ? path->substr(1) : *path;
  return address;
}

SshAddress ParseScpForm(std::string_view text) {
  SshAddress address;
  const size_t colon = text.find(':');
  std::string_view host = text.substr(0, colon);
  if (const size_t at = host.rfind('@'); at != host.npos) {
    address.user = host.substr(0, at);
    host.remove_prefix(at + 1);
  }
  address.host = host;
  address.path = text.substr(colon + 1);
  return address;
}

}  // namespace

bool IsSsh(std::string_view url) {
  if (url.starts_with(kScheme)) return true;
  const size_t colon = url.find(':');
  return colon != url.npos && url.find("://") == url.npos && url.find('/') > colon;
}

core::Result<SshAddress> ParseSsh(std::string_view url) {
  core::Result<SshAddress> address =
      url.starts_with(kScheme) ? ParseUrlForm(url) : core::Result<SshAddress>(ParseScpForm(url));
  if (!address) return address;
  if (address->user.empty()) address->user = "git";
  std::transform(address->host.begin(), address->host.end(), address->host.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (core::Status fine = Check(*address); !fine) return fine.error();
  return address;
}

std::string KnownHostsName(const SshAddress& address) {
  return address.port == kSshPort ? address.host
                                  : fmt::format("[{}]:{}", address.host, address.port);
}

std::string ToText(const SshAddress& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return fmt::format("ssh://{}@{}{}{}:{}/{}", address.user, v6 ? "[" : "", address.host,
                     v6 ? "]" : "", address.port,
                     address.path.starts_with('/') ? address.path.substr(1) : "./" + address.path);
}

std::string UploadPackCommand(const SshAddress& address) {
  std::string command = "git-upload-pack '";
  for (const char c : address.path) {
    // As git quotes: ' for every shell, ! for csh.
    if (c == '\'' || c == '!') {
      command += fmt::format("'\\{}'", c);
    } else {
      command += c;
    }
  }
  return command + "'";
}

}  // namespace headgate::git
