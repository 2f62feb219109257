#include "tests/unit/net/child_process.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

namespace headgate::test {
namespace {

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& arguments,
                           const std::vector<std::string>& extra_environment) {
  std::vector<char*> texts;
  for (const std::string& argument : arguments)
    texts.push_back(const_cast<char*>(argument.c_str()));
  texts.push_back(nullptr);
  std::vector<char*> environment;
  for (const std::string& text : extra_environment) {
    environment.push_back(const_cast<char*>(text.c_str()));
  }
  for (char** at = environ; *at != nullptr; ++at) environment.push_back(*at);
  environment.push_back(nullptr);
  pid_ = fork();
  if (pid_ != 0) return;
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  execvpe(texts[0], texts.data(), environment.data());
  _exit(127);
}

ChildProcess::~ChildProcess() { Stop(SIGTERM); }

void ChildProcess::Stop(int signal) {
  if (pid_ <= 0) return;
  kill(pid_, signal);
  Wait();
}

int ChildProcess::Wait() {
  int status = 0;
  if (pid_ <= 0 || waitpid(pid_, &status, 0) != pid_) return -1;
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TemporaryDirectory::TemporaryDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "headgate-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) abort();
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void WriteFile(const std::filesystem::path& path, const std::string& bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

int FreePort() {
  const int socket_fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  const bool bound = bind(socket_fd, raw, size) == 0 && getsockname(socket_fd, raw, &size) == 0;
  close(socket_fd);
  return bound ? ntohs(address.sin_port) : 0;
}

bool WaitUntilListening(int port) {
  for (int attempt = 0; attempt < 2000; ++attempt) {
    const int socket_fd = socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address = Loopback(port);
    const int failed =
        connect(socket_fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    close(socket_fd);
    if (failed == 0) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));  // another process comes up
  }
  return false;
}

std::vector<std::string> NginxCommand(const std::filesystem::path& directory,
                                      const std::string& server_block) {
  const std::string at = directory.string();
  // A master and a worker: alone, nginx ends at once whatever the signal. As root the worker stays
  // root, for the files are the test's.
  const std::string user = geteuid() == 0 ? "user root;\n" : "";
  std::string config = user + "daemon off; worker_processes 1; pid " + at + "/nginx.pid;\n" +
                       "error_log " + at + "/error.log;\nevents {}\nhttp {\n" +
                       "log_format test '$server_protocol $connection $request_method "
                       "$status $request_uri $http_git_protocol';\n" +
                       "access_log " + at + "/access.log test;\n";
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    config += std::string(kind) + "_temp_path " + at + "/" + kind + ";\n";
  }
  WriteFile(directory / "nginx.conf", config + "server {\n" + server_block + "}\n}\n");
  return {"nginx", "-e", at + "/error.log", "-p", at, "-c", at + "/nginx.conf"};
}

}  // namespace headgate::test
