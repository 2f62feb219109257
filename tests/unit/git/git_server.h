#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "tests/unit/net/certificates.h"
#include "tests/unit/net/child_process.h"

namespace headgate::test {

// Runs git with a configuration of its own; its exit code.
int RunGit(const std::filesystem::path& directory, const std::vector<std::string>& arguments);

// The repository of the one mirror below the directory of a Mirrors.
std::filesystem::path OnlyMirror(const std::filesystem::path& mirrors);

// A bare repository with a work tree beside it, through which commits are made.
class Repository {
 public:
  explicit Repository(const std::filesystem::path& bare);

  const std::filesystem::path& bare() const { return bare_; }
  std::string Url() const { return "file://" + bare_.string(); }
  // Writes the files ("" removes one), commits, pushes to the branch by force. The new commit's id.
  std::string Push(const std::map<std::string, std::string>& files,
                   const std::string& branch = "main");
  // Git in the work tree.
  int Run(const std::vector<std::string>& arguments) const { return RunGit(work_, arguments); }
  std::filesystem::path work() const { return work_; }
  // The next commit has no parent.
  void BeginAnew();

 private:
  const std::filesystem::path bare_, work_;
  int commits_ = 0;
};

// git http-backend behind nginx, on a free port of loopback. Below /git/ it speaks version 2, below
// /v0/ only version 0, below /auth/ it wants user:secret; /moved/ redirects to /git/, /html/
// answers with a page, /huge/ with a packet that is too long.
class GitServer {
 public:
  GitServer();
  ~GitServer();

  Repository& repository() { return *repository_; }
  std::string Url(const std::string& below = "git") const;
  std::string TlsUrl() const;
  std::string ca_pem() const { return authority_.ca_pem(); }
  // Ends it; the requests that it saw, one a line: "POST 200 /git/repo.git/git-upload-pack".
  std::vector<std::string> StopAndReadLog();

 private:
  std::string Configuration() const;

  const TemporaryDirectory directory_;
  const Authority authority_{"Test authority"};
  const int port_ = FreePort(), tls_port_ = FreePort();
  std::unique_ptr<Repository> repository_;
  std::unique_ptr<ChildProcess> fcgiwrap_, nginx_;
};

}  // namespace headgate::test
