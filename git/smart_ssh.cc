#include "git/smart_ssh.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "core/hash.h"
#include "git/child.h"
#include "git/ssh_command.h"

namespace headgate::git {
namespace {

constexpr size_t kAdvertisementBytesMax = 64 * 1024 * 1024;  // version 0 lists everything
constexpr std::chrono::seconds kKeyOfferDeadline{10};
constexpr size_t kKeyLineBytesMax = 4096;

bool Has(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

// The last line with something in it: ssh and git say what is wrong there.
std::string LastLine(std::string_view words) {
  while (!words.empty() && words.back() <= ' ') words.remove_suffix(1);
  const size_t line = words.rfind('\n');
  return Printable(line == words.npos ? words : words.substr(line + 1));
}

// Of a private key in OpenSSH's form (PROTOCOL.key of its sources: a magic, then the name of the
// cipher) or in PEM. ssh itself passes over such a key without a word.
bool HasPassphrase(std::string_view key) {
  constexpr std::string_view kBegin = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
  const size_t begin = key.find(kBegin);
  if (begin == key.npos) return Has(key, "ENCRYPTED");
  constexpr size_t kHeadBase64 = 40;
  constexpr std::string_view kMagic("openssh-key-v1\0", 15), kNoCipher("\0\0\0\4none", 8);
  const core::Result<std::string> head =
      core::FromBase64(key.substr(begin + kBegin.size(), kHeadBase64));
  return head && head->starts_with(kMagic) && !head->substr(kMagic.size()).starts_with(kNoCipher);
}

std::vector<std::string> Environment() {
  std::vector<std::string> environment = {"GIT_PROTOCOL=version=2", "LC_ALL=C"};
  if (const char* path = getenv("PATH"); path != nullptr) {
    environment.push_back(std::string("PATH=") + path);
  }
  return environment;
}

// The line for known_hosts with the key that the host offers now; "" where it offers none.
std::string OfferedKey(const SshAddress& address, const std::string& connect_to,
                       std::stop_token stop) {
  const MemoryFile learned("");
  Child ssh(SshCommand(address, connect_to, {"", learned.path(), true}, "true"), Environment(),
            kKeyOfferDeadline, std::move(stop));
  ssh.EndInput();
  while (true) {
    const core::Result<std::string> bytes = ssh.Read();
    if (!bytes || bytes->empty()) break;
  }
  std::string line = learned.Read();
  line.resize(std::min({line.size(), line.find('\n'), kKeyLineBytesMax}));
  const bool printable =
      std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c <= '~'; });
  return printable ? line : "";
}

core::Error UntrustedHost(const SshAddress& address, const std::string& connect_to, bool changed,
                          std::stop_token stop) {
  const std::string offered = OfferedKey(address, connect_to, std::move(stop));
  const std::string line = offered.empty() ? "" : ": " + offered;
  return core::Unavailable(
      changed
          ? fmt::format("the host key of {} is not the one in known_hosts of the Secret: somebody "
                        "may be in between. Only if its owner confirms that the key was changed, "
                        "replace the line there{}",
                        KnownHostsName(address), line)
          : fmt::format("known_hosts of the Secret has no key of {}; compare the key with what "
                        "its owner publishes, then add the line{}",
                        KnownHostsName(address), line));
}

// A conversation with git-upload-pack, and what is wrong where it ends without an answer.
class Session {
 public:
  Session(const SshAddress& address, const std::string& identity, const std::string& known_hosts,
          std::string connect_to, core::Duration deadline, const std::stop_token& stop)
      : address_(address),
        connect_to_(std::move(connect_to)),
        stop_(stop),
        // A key whose last line has no end is taken for none.
        identity_(identity.empty() || identity.ends_with('\n') ? identity : identity + "\n"),
        known_hosts_(known_hosts),
        locked_(HasPassphrase(identity)),
        ssh_(SshCommand(address_, connect_to_,
                        {identity.empty() ? "" : identity_.path(), known_hosts_.path(), false},
                        UploadPackCommand(address_)),
             Environment(), deadline, stop) {}

  // What the server says of itself first, until the first flush.
  core::Result<Advertisement> Advertised() {
    PacketReader packets;
    std::string text;
    while (true) {
      core::Result<std::string> bytes = ssh_.Read();
      if (!bytes) return bytes.error();
      if (bytes->empty()) return WhyEnded();
      if (text.size() + bytes->size() > kAdvertisementBytesMax) {
        return core::Unavailable("the server lists more than 64 MiB of references");
      }
      packets.Append(*bytes);
      text += *bytes;
      core::Result<bool> whole = HasFlush(packets);
      if (!whole) return whole.error();
      if (*whole && text == kFlush) return Advertisement{};  // version 0, an empty repository
      if (*whole) return ParseAdvertisement(text);
    }
  }

  core::Status Ask(std::string_view request) {
    core::Status written = ssh_.Write(request);
    if (written) ssh_.EndInput();
    return written;
  }

  core::Result<std::string> Read() { return ssh_.Read(); }

  core::Error WhyEnded() {
    const std::string& words = ssh_.Words();
    const std::string line = LastLine(words);
    if (Has(words, "REVOKED HOST KEY")) {
      return core::Unavailable(fmt::format(
          "the host key of {} is marked as @revoked in known_hosts", KnownHostsName(address_)));
    }
    if (Has(words, "Host key verification failed")) {
      return UntrustedHost(address_, connect_to_, Has(words, "IDENTIFICATION HAS CHANGED"), stop_);
    }
    if (Has(words, "Permission denied") && locked_) {
      return core::Forbidden(
          "identity of the Secret has a passphrase; a key without one is needed");
    }
    if (Has(words, "Load key \"/proc/")) {
      return core::Forbidden(
          "identity of the Secret is no private key that can be read: it must be whole, in "
          "OpenSSH's or PEM form");
    }
    if (Has(words, "Permission denied")) {
      return core::Forbidden(fmt::format(
          "{} does not let {} in with this key; check identity in the Secret, and that its public "
          "half may read the repository",
          address_.host, address_.user));
    }
    if (Has(words, "does not appear to be a git repository") || Has(words, "not found") ||
        Has(words, "no such repository") || Has(words, "does not exist")) {
      return core::NotFound("the server says: " + line);
    }
    return core::Unavailable(line.empty() ? "the server ended the connection without a word"
                                          : "ssh says: " + line);
  }

 private:
  static core::Result<bool> HasFlush(PacketReader& packets) {
    while (true) {
      core::Result<std::optional<Packet>> packet = packets.Next();
      if (!packet) return packet.error();
      if (!*packet) return false;
      if ((*packet)->kind == Packet::Kind::kFlush) return true;
    }
  }

  const SshAddress& address_;
  const std::string connect_to_;
  const std::stop_token stop_;
  const MemoryFile identity_, known_hosts_;
  const bool locked_;
  Child ssh_;
};

core::Result<std::string> ConnectTo(const SshAddress& address, bool public_addresses_only) {
  return public_addresses_only ? PublicAddress(address) : core::Result<std::string>(address.host);
}

}  // namespace

core::Result<References> SmartSsh::List(const std::vector<std::string>& prefixes,
                                        std::stop_token stop) {
  const core::Result<std::string> connect_to = ConnectTo(address_, limits_.public_addresses_only);
  if (!connect_to) return connect_to.error();
  Session session(address_, identity_, known_hosts_, *connect_to, limits_.listing_deadline, stop);
  core::Result<Advertisement> server = session.Advertised();
  if (!server) return server.error();
  if (server->version != 2) return std::move(server->references);
  if (core::Status asked = session.Ask(ListRequest(prefixes)); !asked) return asked.error();
  std::string listing;
  while (true) {
    const core::Result<std::string> bytes = session.Read();
    if (!bytes) return bytes.error();
    if (bytes->empty()) break;
    if (listing.size() + bytes->size() > kAdvertisementBytesMax) {
      return core::Unavailable("the server lists more than 64 MiB of references");
    }
    listing += *bytes;
  }
  if (listing.empty()) return session.WhyEnded();
  return ParseListing(listing);
}

core::Status SmartSsh::Fetch(const std::string& want, const std::vector<std::string>& haves,
                             Spool& pack, std::stop_token stop) {
  const core::Result<std::string> connect_to = ConnectTo(address_, limits_.public_addresses_only);
  if (!connect_to) return connect_to.error();
  Session session(address_, identity_, known_hosts_, *connect_to, limits_.fetch_deadline, stop);
  core::Result<Advertisement> server = session.Advertised();
  if (!server) return server.error();
  if (core::Status asked = session.Ask(FetchRequest(*server, want, haves)); !asked) return asked;
  PackReader reader;
  while (true) {
    const core::Result<std::string> bytes = session.Read();
    if (!bytes) return bytes.error();
    if (bytes->empty()) return reader.Finish();
    core::Status taken =
        reader.Take(*bytes, [&pack](std::string_view part) { return pack.Append(part); });
    if (!taken) return taken;
  }
}

}  // namespace headgate::git
