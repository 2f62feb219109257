#include "deploy/jq_paths.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>

#include "core/json.h"

extern "C" {
#include <jq.h>  // has no extern "C" of its own
}

namespace headgate::deploy {
namespace {

constexpr size_t kOutputBytesMax = 1024 * 1024;
constexpr size_t kPathsMax = 10'000;

// The first thing that jq has to say of an expression, for people.
struct Complaint {
  std::string text;
};

void Hear(void* data, jv message) {
  auto* complaint = static_cast<Complaint*>(data);
  if (complaint->text.empty() && jv_get_kind(message) == JV_KIND_STRING) {
    complaint->text = jv_string_value(message);
  }
  jv_free(message);
}

// In the child: {"paths": [[...]]} or {"error": "..."}.
std::string Evaluate(const std::vector<std::string>& expressions, const std::string& input) {
  std::string out;
  size_t count = 0;
  for (const std::string& expression : expressions) {
    jq_state* jq = jq_init();
    if (!jq) return R"({"error": "no memory"})";
    Complaint complaint;
    jq_set_error_cb(jq, Hear, &complaint);
    // The line's end closes a comment at the end of the expression.
    if (!jq_compile(jq, ("path(" + expression + "\n)").c_str())) {
      return core::ToJson(core::Map{{"error", expression + ": " + complaint.text}});
    }
    jq_start(jq, jv_parse_sized(input.data(), static_cast<int>(input.size())), 0);
    for (jv path = jq_next(jq); jv_is_valid(path); path = jq_next(jq)) {
      if (++count > kPathsMax) return R"({"error": "selects too many places"})";
      jv text = jv_dump_string(path, 0);
      out += (out.empty() ? "" : ",") + std::string(jv_string_value(text));
      jv_free(text);
    }
    jq_teardown(&jq);
  }
  return "{\"paths\":[" + out + "]}";
}

size_t OwnAddressSpace() {
  size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

[[noreturn]] void Child(int out, size_t address_space_max,
                        const std::vector<std::string>& expressions, const std::string& input) {
  const auto limit = [](__rlimit_resource what, rlim_t most) {
    const rlimit both = {most, most};
    setrlimit(what, &both);
  };
  limit(RLIMIT_AS, address_space_max);
  limit(RLIMIT_CPU, 2);
  limit(RLIMIT_NOFILE, 0);  // what is open stays so, but nothing can be opened
  limit(RLIMIT_NPROC, 0);
  limit(RLIMIT_CORE, 0);
  static char* nothing[] = {nullptr};
  environ = nothing;  // not clearenv(): jq reads the list itself
  const std::string said = Evaluate(expressions, input);
  for (size_t done = 0; done < said.size();) {
    const ssize_t n = write(out, said.data() + done, said.size() - done);
    if (n <= 0) _exit(1);
    done += static_cast<size_t>(n);
  }
  _exit(0);
}

// What the child says, until it ends; kInvalid where it goes over a bound.
core::Result<std::string> ReadAll(int in, const core::RealClock& clock) {
  const core::BootTime until = clock.SinceBoot() + kJqTimeMax;
  std::string said;
  char buffer[16 * 1024];
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - clock.SinceBoot());
    pollfd wait = {in, POLLIN, 0};
    if (left.count() <= 0 || poll(&wait, 1, static_cast<int>(left.count())) <= 0) {
      return core::Invalid("takes longer than " + core::Show(kJqTimeMax));
    }
    const ssize_t n = read(in, buffer, sizeof buffer);
    if (n == 0) return said;
    if (n < 0) return core::Internal("cannot read what jq says");
    said.append(buffer, static_cast<size_t>(n));
    if (said.size() > kOutputBytesMax) return core::Invalid("selects too many places");
  }
}

core::Result<std::string> InChild(const std::vector<std::string>& expressions,
                                  const std::string& input) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return core::Unavailable("no pipe for jq");
  const size_t address_space_max = OwnAddressSpace() + kJqMemoryBytesMax;
  const core::RealClock clock;
  const pid_t child = fork();
  if (child == 0) Child(ends[1], address_space_max, expressions, input);
  close(ends[1]);
  if (child < 0) {
    close(ends[0]);
    return core::Unavailable("no process for jq");
  }
  core::Result<std::string> said = ReadAll(ends[0], clock);
  close(ends[0]);
  if (!said) kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (said && (!WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
    return core::Invalid("needs too much memory or time");
  }
  return said;
}

FieldPath PathFrom(const core::Value& value) {
  FieldPath path;
  for (const core::Value& step : value.AsList() ? *value.AsList() : core::List()) {
    if (step.AsString()) {
      path.emplace_back(*step.AsString());
    } else if (step.AsInt() && *step.AsInt() >= 0) {
      path.emplace_back(static_cast<size_t>(*step.AsInt()));
    } else {
      return {};  // slices of lists
    }
  }
  return path;
}

}  // namespace

core::Result<std::vector<FieldPath>> JqPaths(const std::vector<std::string>& expressions,
                                             const core::Value& input) {
  if (expressions.empty()) return std::vector<FieldPath>();
  for (const std::string& expression : expressions) {
    if (expression.size() > kJqExpressionBytesMax) {
      return core::Invalid(
          fmt::format("jq expression of more than {} bytes", kJqExpressionBytesMax));
    }
  }
  const core::Result<std::string> said = InChild(expressions, core::ToJson(input));
  if (!said) return said.error().In("jq: " + expressions.front());
  const core::Result<core::Value> answer = core::ParseJson(*said);
  if (!answer) return answer.error().In("jq");
  if (const std::string& error = answer->StringAt("error"); !error.empty()) {
    return core::Invalid("jq: " + error);
  }
  std::vector<FieldPath> paths;
  for (const core::Value& each : answer->ListAt("paths")) {
    FieldPath path = PathFrom(each);
    if (!path.empty()) paths.push_back(std::move(path));
  }
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  return paths;
}

}  // namespace headgate::deploy
