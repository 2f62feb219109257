#include "tests/unit/git/ssh_server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/url.h"

namespace headgate::test {
namespace {

constexpr const char* kSshd = "/usr/sbin/sshd";

int Keygen(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"ssh-keygen", "-q"});
  return ChildProcess(arguments).Wait();
}

}  // namespace

SshServer::SshServer(Speaks speaks)
    : speaks_(speaks),
      repository_(std::make_unique<Repository>(directory_.path() / "it's here/repo.git")) {
  MakeKey("host");
  MakeKey("user");
  WriteFile(at_ / "authorized_keys", ReadFile(at_ / "user.pub"));
  if (getuid() == 0) std::filesystem::create_directories("/run/sshd");  // sshd wants to be empty
  Start();
}

void SshServer::MakeKey(const std::string& name, const std::string& passphrase) const {
  std::filesystem::remove(at_ / name);
  EXPECT_EQ(Keygen({"-t", "ed25519", "-N", passphrase, "-C", "a comment", "-f", at_ / name}), 0);
}

void SshServer::Start() {
  const std::string at = at_.string();
  const bool certified = std::filesystem::exists(at_ / "host-cert.pub");
  WriteFile(at_ / "sshd_config",
            fmt::format("ListenAddress 127.0.0.1:{}\nHostKey {}/host\n{}"
                        "AuthorizedKeysFile {}/authorized_keys\nStrictModes no\nUsePAM no\n"
                        "PasswordAuthentication no\nPermitRootLogin yes\nPidFile none\n{}",
                        port_, at, certified ? "HostCertificate " + at + "/host-cert.pub\n" : "",
                        at, speaks_ == Speaks::kVersion2 ? "AcceptEnv GIT_PROTOCOL\n" : ""));
  sshd_.reset();
  sshd_ = std::make_unique<ChildProcess>(
      std::vector<std::string>{kSshd, "-D", "-f", at + "/sshd_config", "-E", at + "/sshd.log"});
  EXPECT_TRUE(WaitUntilListening(port_)) << ReadFile(at_ / "sshd.log");
}

std::string SshServer::UrlOf(const std::string& path) const {
  std::string encoded;
  for (const char c : path) encoded += c == '/' ? "/" : net::PercentEncode(std::string(1, c));
  return fmt::format("ssh://{}@127.0.0.1:{}{}", getpwuid(getuid())->pw_name, port_, encoded);
}

std::string SshServer::HostName() const { return fmt::format("[127.0.0.1]:{}", port_); }

std::string SshServer::known_hosts() const { return HostName() + " " + ReadFile(at_ / "host.pub"); }

std::string SshServer::CertifyHost() {
  MakeKey("authority");
  EXPECT_EQ(Keygen({"-s", at_ / "authority", "-I", "host", "-h", "-n", HostName() + ",127.0.0.1",
                    at_ / "host.pub"}),
            0);
  Start();
  return "@cert-authority " + HostName() + " " + ReadFile(at_ / "authority.pub");
}

void SshServer::ChangeKey() {
  MakeKey("host");
  Start();
}

std::string SshServer::LockedIdentity() const {
  MakeKey("locked", "secret words");
  return ReadFile(at_ / "locked");
}

std::string SshServer::OtherIdentity() const {
  MakeKey("other");
  return ReadFile(at_ / "other");
}

std::string SshServer::Hashed(const std::string& known_hosts) const {
  WriteFile(at_ / "plain", known_hosts);
  EXPECT_EQ(Keygen({"-H", "-f", at_ / "plain"}), 0);
  return ReadFile(at_ / "plain");
}

}  // namespace headgate::test
