#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace headgate::test {

// A program that runs beside the test, until the end of this object's life or of the test.
class ChildProcess {
 public:
  // arguments[0] is found in PATH; `extra_environment` as NAME=value.
  explicit ChildProcess(const std::vector<std::string>& arguments,
                        const std::vector<std::string>& extra_environment = {});
  ~ChildProcess();  // SIGTERM, then waits for it
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Its exit code; -1 for a signal.
  int Wait();

  // Signals it and waits for its end.
  void Stop(int signal);

 private:
  pid_t pid_ = -1;
};

// A directory that is gone with this object.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

void WriteFile(const std::filesystem::path& path, const std::string& bytes);
std::string ReadFile(const std::filesystem::path& path);  // "" where there is none

// A TCP port of 127.0.0.1 that nobody listens on.
int FreePort();
// False where nobody listens within ten seconds.
bool WaitUntilListening(int port);

// nginx with one `server` block of the given text, which holds `listen`; its files are in
// `directory`. SIGQUIT lets it finish and log what is under way, SIGTERM does not.
std::vector<std::string> NginxCommand(const std::filesystem::path& directory,
                                      const std::string& server_block);

}  // namespace headgate::test
