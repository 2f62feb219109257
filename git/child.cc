#include "git/child.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>

namespace headgate::git {
namespace {

constexpr size_t kWordsBytesMax = 16 * 1024;
constexpr size_t kReadBytes = 64 * 1024;

void Close(int& descriptor) {
  if (descriptor >= 0) close(descriptor);
  descriptor = -1;
}

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// The program in a session of its own (no terminal to ask a person at), without our signal mask.
int Spawn(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
          int talk, int words, pid_t* pid) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&actions, talk, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, talk, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, words, STDERR_FILENO);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  const int failed = posix_spawnp(pid, argv[0].c_str(), &actions, &attributes,
                                  Pointers(argv).data(), Pointers(environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return failed;
}

}  // namespace

Child::Child(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
             core::Duration deadline, std::stop_token stop)
    : until_(std::chrono::steady_clock::now() + deadline), stop_(std::move(stop)) {
  int talk[2] = {-1, -1}, words[2] = {-1, -1};
  stopped_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  int failed = 0;
  if (stopped_ < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, talk) != 0 ||
      pipe2(words, O_CLOEXEC) != 0) {
    failed = errno;
  } else {
    failed = Spawn(argv, environment, talk[1], words[1], &pid_);
  }
  Close(talk[1]);
  Close(words[1]);
  talk_ = talk[0];
  words_from_ = words[0];
  if (failed == ENOENT) {
    started_ = core::Unavailable(argv[0] + " is not installed on the machine that runs headgate");
  } else if (failed != 0) {
    started_ = core::Unavailable("cannot start " + argv[0] + ": " + std::strerror(failed));
  } else {
    fcntl(talk_, F_SETFL, O_NONBLOCK);
    fcntl(words_from_, F_SETFL, O_NONBLOCK);
  }
}

Child::~Child() {
  End();
  Close(talk_);
  Close(words_from_);
  Close(stopped_);
}

void Child::End() {
  if (pid_ <= 0) return;
  kill(-pid_, SIGKILL);  // its session leads its process group
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

// Until the conversation can go on; meanwhile standard error is emptied, so that it never blocks.
core::Status Child::WaitFor(short events) {
  const std::stop_callback wake(stop_, [this] { eventfd_write(stopped_, 1); });
  while (true) {
    if (stop_.stop_requested()) return core::Cancelled("stopped while talking to the server");
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until_ - std::chrono::steady_clock::now());
    if (left.count() <= 0) return core::Unavailable("the deadline passed");
    pollfd polled[] = {{talk_, events, 0}, {stopped_, POLLIN, 0}, {words_from_, POLLIN, 0}};
    const int ready = poll(polled, 3, static_cast<int>(left.count()) + 1);
    if (ready < 0 && errno != EINTR) return core::Unavailable(std::strerror(errno));
    if (ready > 0 && polled[2].revents != 0) ReadWords();
    if (ready > 0 && polled[0].revents != 0) return core::Ok();
  }
}

core::Status Child::Write(std::string_view bytes) {
  if (!started_) return started_;
  while (!bytes.empty()) {
    const ssize_t sent = send(talk_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
    } else if (errno == EAGAIN) {
      if (core::Status waited = WaitFor(POLLOUT); !waited) return waited;
    } else if (errno == EPIPE || errno == ECONNRESET) {
      return core::Ok();  // what it ended with is read
    } else if (errno != EINTR) {
      return core::Unavailable(std::strerror(errno));
    }
  }
  return core::Ok();
}

void Child::EndInput() { shutdown(talk_, SHUT_WR); }

core::Result<std::string> Child::Read() {
  if (!started_) return started_.error();
  std::string bytes(kReadBytes, '\0');
  while (true) {
    const ssize_t got = recv(talk_, bytes.data(), bytes.size(), 0);
    if (got >= 0) {
      bytes.resize(static_cast<size_t>(got));
      return bytes;
    }
    if (errno == ECONNRESET) return std::string();
    if (errno == EAGAIN) {
      if (core::Status waited = WaitFor(POLLIN); !waited) return waited.error();
    } else if (errno != EINTR) {
      return core::Unavailable(std::strerror(errno));
    }
  }
}

void Child::ReadWords() {
  char bytes[4096];
  while (words_from_ >= 0) {
    const ssize_t got = read(words_from_, bytes, sizeof bytes);
    if (got > 0) {
      words_.append(bytes, std::min(static_cast<size_t>(got), kWordsBytesMax - words_.size()));
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
      Close(words_from_);
    } else if (errno == EAGAIN) {
      return;
    }
  }
}

const std::string& Child::Words() {
  while (words_from_ >= 0 && started_.ok()) {
    pollfd polled{words_from_, POLLIN, 0};
    const auto left = until_ - std::chrono::steady_clock::now();
    if (left.count() <= 0 || stop_.stop_requested()) break;
    // A program that lives on without a word is not waited for: the end of its output was seen.
    constexpr int kLastWordsMs = 200;
    if (poll(&polled, 1, kLastWordsMs) <= 0) break;
    ReadWords();
  }
  return words_;
}

}  // namespace headgate::git
