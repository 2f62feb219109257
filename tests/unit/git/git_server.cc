#include "tests/unit/git/git_server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <csignal>
#include <sstream>
#include <thread>

namespace headgate::test {

int RunGit(const std::filesystem::path& directory, const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {"git", "-C", directory.string(), "-c", "protocol.version=2"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return ChildProcess(command, {"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1",
                                "GIT_AUTHOR_NAME=Ann", "GIT_AUTHOR_EMAIL=ann@example.com",
                                "GIT_COMMITTER_NAME=Ann", "GIT_COMMITTER_EMAIL=ann@example.com"})
      .Wait();
}

std::filesystem::path OnlyMirror(const std::filesystem::path& mirrors) {
  const std::filesystem::path root = std::filesystem::directory_iterator(mirrors)->path();
  return std::filesystem::directory_iterator(root)->path();
}

Repository::Repository(const std::filesystem::path& bare)
    : bare_(bare), work_(bare.string() + ".work") {
  std::filesystem::create_directories(bare_);
  std::filesystem::create_directories(work_);
  EXPECT_EQ(RunGit(bare_, {"init", "-q", "--bare", "-b", "main"}), 0);
  EXPECT_EQ(Run({"init", "-q", "-b", "main"}), 0);
}

std::string Repository::Push(const std::map<std::string, std::string>& files,
                             const std::string& branch) {
  for (const auto& [path, bytes] : files) {
    if (bytes.empty()) {
      std::filesystem::remove_all(work_ / path);
    } else {
      WriteFile(work_ / path, bytes);
    }
  }
  const std::string message = "Commit " + std::to_string(++commits_);
  EXPECT_EQ(Run({"add", "-A"}), 0);
  EXPECT_EQ(Run({"commit", "-q", "--allow-empty", "-m", message}), 0);
  EXPECT_EQ(Run({"push", "-q", "-f", bare_.string(), "HEAD:refs/heads/" + branch}), 0);
  return ReadFile(bare_ / "refs/heads" / branch).substr(0, 40);
}

void Repository::BeginAnew() {
  EXPECT_EQ(Run({"checkout", "-q", "--orphan", "anew" + std::to_string(commits_)}), 0);
}

GitServer::GitServer()
    : repository_(std::make_unique<Repository>(directory_.path() / "srv/repo.git")) {
  const std::filesystem::path at = directory_.path();
  const Certificate own = authority_.Issue("server");
  WriteFile(at / "cert.pem", own.cert_pem);
  WriteFile(at / "key.pem", own.key_pem);
  WriteFile(at / "htpasswd", "user:{PLAIN}secret\n");
  fcgiwrap_ = std::make_unique<ChildProcess>(
      std::vector<std::string>{"fcgiwrap", "-s", "unix:" + (at / "socket").string()});
  for (int i = 0; i < 2000 && !std::filesystem::exists(at / "socket"); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));  // another process comes up
  }
  nginx_ = std::make_unique<ChildProcess>(NginxCommand(at, Configuration()));
  EXPECT_TRUE(WaitUntilListening(port_)) << ReadFile(at / "error.log");
}

GitServer::~GitServer() = default;

std::string GitServer::Configuration() const {
  const std::string at = directory_.path().string();
  const std::string backend =
      "fastcgi_pass unix:" + at + "/socket;\n" +
      "fastcgi_param SCRIPT_FILENAME /usr/lib/git-core/git-http-backend;\n"
      "fastcgi_param GIT_PROJECT_ROOT " +
      at +
      "/srv;\n"
      "fastcgi_param GIT_HTTP_EXPORT_ALL 1;\nfastcgi_param PATH_INFO $1;\n"
      "fastcgi_param QUERY_STRING $query_string;\n"
      "fastcgi_param REQUEST_METHOD $request_method;\n"
      "fastcgi_param CONTENT_TYPE $content_type;\n"
      "fastcgi_param CONTENT_LENGTH $content_length;\n"
      "fastcgi_param REMOTE_USER $remote_user;\nfastcgi_param REMOTE_ADDR $remote_addr;\n";
  return "listen 127.0.0.1:" + std::to_string(port_) + ";\n" +
         "listen 127.0.0.1:" + std::to_string(tls_port_) + " ssl http2;\n" + "ssl_certificate " +
         at + "/cert.pem;\nssl_certificate_key " + at + "/key.pem;\n" +
         "location ~ ^/git(/.*)$ {\n" + backend + "}\n" + "location ~ ^/v0(/.*)$ {\n" + backend +
         "fastcgi_param HTTP_GIT_PROTOCOL \"\";\n}\n" +
         "location ~ ^/auth(/.*)$ {\nauth_basic git;\nauth_basic_user_file " + at + "/htpasswd;\n" +
         backend + "}\n" +
         "location ~ ^/moved(/.*)$ { return 301 /git$1$is_args$args; }\n"
         "location ~ ^/html { default_type text/html; return 200 \"<html>Sign in</html>\"; }\n"
         "location ~ ^/busy { add_header Retry-After 7 always; return 503; }\n"
         "location ~ ^/huge { return 200 \"ffff and so on\"; }\n";
}

std::string GitServer::Url(const std::string& below) const {
  return "http://127.0.0.1:" + std::to_string(port_) + "/" + below + "/repo.git";
}

std::string GitServer::TlsUrl() const {
  return "https://127.0.0.1:" + std::to_string(tls_port_) + "/git/repo.git";
}

std::vector<std::string> GitServer::StopAndReadLog() {
  nginx_->Stop(SIGQUIT);
  std::vector<std::string> requests;
  std::istringstream log(ReadFile(directory_.path() / "access.log"));
  std::string protocol, connection, method, status, uri, rest;
  while (log >> protocol >> connection >> method >> status >> uri && std::getline(log, rest)) {
    requests.push_back(fmt::format("{} {} {}", method, status, uri.substr(0, uri.find('?'))));
  }
  return requests;
}

}  // namespace headgate::test
