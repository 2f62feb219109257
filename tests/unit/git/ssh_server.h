#pragma once

#include <memory>
#include <string>

#include "tests/unit/git/git_server.h"
#include "tests/unit/net/child_process.h"

namespace headgate::test {

// OpenSSH's server on a free port of loopback, with a repository. It lets in who runs the test with
// the key identity().
class SshServer {
 public:
  enum class Speaks { kVersion2, kVersion0 };
  explicit SshServer(Speaks speaks = Speaks::kVersion2);

  Repository& repository() { return *repository_; }
  std::string Url() const { return UrlOf(repository_->bare().string()); }
  std::string UrlOf(const std::string& path) const;
  std::string identity() const { return ReadFile(at_ / "user"); }
  // Of the host's key, as the server's owner publishes it: "[127.0.0.1]:2222 ssh-ed25519 AAAA…".
  std::string known_hosts() const;
  std::string HostName() const;
  // With the host's key signed by an authority: the line that trusts it.
  std::string CertifyHost();
  // Another host key from now on.
  void ChangeKey();
  // A new key with a passphrase.
  std::string LockedIdentity() const;
  std::string OtherIdentity() const;
  // ssh-keygen -H over a text.
  std::string Hashed(const std::string& known_hosts) const;

 private:
  void Start();
  void MakeKey(const std::string& name, const std::string& passphrase = "") const;

  const TemporaryDirectory directory_;
  const std::filesystem::path at_ = directory_.path();
  const Speaks speaks_;
  const int port_ = FreePort();
  std::unique_ptr<Repository> repository_;
  std::unique_ptr<ChildProcess> sshd_;
};

}  // namespace headgate::test
