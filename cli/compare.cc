#include "cli/compare.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

extern char** environ;

namespace headgate::cli {
namespace {

constexpr size_t kOutputBytesMax = size_t{256} * 1024 * 1024;

// What a program prints; its standard error goes where ours goes.
core::Result<std::string> OutputOf(const std::vector<std::string>& command) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return core::Internal(std::strerror(errno));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  posix_spawn_file_actions_addclose(&actions, ends[1]);
  std::vector<char*> arguments;
  for (const std::string& each : command) arguments.push_back(const_cast<char*>(each.c_str()));
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int failed =
      posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (failed != 0) {
    close(ends[0]);
    return core::NotFound(fmt::format("cannot run {}: {}", command[0], std::strerror(failed)));
  }
  std::string output;
  std::array<char, 65536> part;
  for (ssize_t got = 0; output.size() <= kOutputBytesMax;) {
    got = read(ends[0], part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    output.append(part.data(), static_cast<size_t>(got));
  }
  close(ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return core::Invalid(fmt::format("{} failed where Headgate does not", fmt::join(command, " ")));
  }
  return output;
}

std::string_view TakeLine(std::string_view* text) {
  const size_t end = text->find('\n');
  const std::string_view line = text->substr(0, end);
  text->remove_prefix(end == std::string_view::npos ? text->size() : end + 1);
  return line;
}

}  // namespace

core::Status Compare(const std::vector<std::string>& command, const std::string& ours) {
  const core::Result<std::string> theirs = OutputOf(command);
  if (!theirs) return theirs.error();
  if (*theirs == ours) return core::Ok();
  std::string_view left = ours, right = *theirs;
  size_t document = 1;
  for (size_t number = 1;; ++number) {
    const bool ended = left.empty(), other_ended = right.empty();
    const std::string_view a = TakeLine(&left), b = TakeLine(&right);
    if (a == b && !ended && !other_ended) {
      document += a == "---";
      continue;
    }
    return core::Conflict(fmt::format(
        "line {}, in document {}, differs:\n  headgate:  {}\n  {}: {}", number, document,
        ended ? "(nothing more)" : a, command[0], other_ended ? "(nothing more)" : b));
  }
}

}  // namespace headgate::cli
