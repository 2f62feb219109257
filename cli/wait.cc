#include <fmt/format.h>

#include <thread>

#include "cli/commands.h"
#include "cli/session.h"
#include "core/application.h"

namespace headgate::cli {
namespace {

constexpr core::Duration kLookPause = std::chrono::milliseconds(300);

// What is waited for: "ready", "held", "deleted", "revision=3f2a91c", "release=41".
struct Goal {
  std::string word, value;
};

core::Result<Goal> GoalOf(const std::string& text) {
  const size_t equals = text.find('=');
  const Goal goal{text.substr(0, equals),
                  equals == std::string::npos ? "" : text.substr(equals + 1)};
  const bool valued = goal.word == "revision" || goal.word == "release";
  const bool plain = goal.word == "ready" || goal.word == "held" || goal.word == "deleted";
  if ((valued && !goal.value.empty()) || (plain && equals == std::string::npos)) return goal;
  return core::Invalid(fmt::format(
      "--for {}: ready, held, deleted, revision=COMMIT or release=NUMBER expected", text));
}

struct Conditions {
  bool current = false;  // about the present generation of the Application
  bool ready = false, stalled = false;
  std::string reason;
};

Conditions ConditionsOf(const core::Value& application) {
  Conditions read;
  read.current = application.IntAt(0, "status", "observedGeneration") ==
                 application.IntAt(0, "metadata", "generation");
  for (const core::Value& condition : application.ListAt("status", "conditions")) {
    const bool on = condition.StringAt("status") == "True";
    const std::string& type = condition.StringAt("type");
    if (type == "Ready") {
      read.ready = on;
      read.reason = condition.StringAt("reason");
    }
    if (type == "Stalled") read.stalled = on;
  }
  return read;
}

bool IsReached(const Goal& goal, const core::Value& application, const Conditions& seen) {
  if (!seen.current) return false;
  const core::Value* release = application.Find("status", "release");
  if (goal.word == "held") return seen.reason == "Held";
  if (goal.word == "ready") return seen.ready;
  if (!release || !seen.ready) return false;
  if (goal.word == "revision") return release->StringAt("revision").starts_with(goal.value);
  return std::to_string(release->IntAt(0, "number")) == goal.value;
}

// Whether waiting longer will not bring it: somebody must do something first. What an earlier
// commit ended in says nothing about the one that is waited for.
bool IsVain(const Goal& goal, const core::Value& application, const Conditions& seen) {
  if (goal.word == "revision" &&
      !application.StringAt("status", "revision").starts_with(goal.value)) {
    return false;
  }
  return seen.current && seen.stalled && goal.word != "deleted";
}

}  // namespace

core::Status Wait(const WaitOptions& options) {
  core::Result<Goal> goal = GoalOf(options.goal);
  if (!goal) return goal.error();
  core::Result<std::unique_ptr<Session>> session = Session::Open(options.cluster);
  if (!session) return session.error();
  const core::RealClock clock;
  const core::BootTime until = clock.SinceBoot() + options.timeout;
  std::string said;
  while (true) {
    core::Result<core::Value> live = (*session)->Application(options.application);
    if (!live && live.error().fault() == core::Fault::kNotFound && goal->word == "deleted") {
      return core::Ok();
    }
    if (!live) return live.error();
    const std::string& summary = live->StringAt("status", "summary");
    if (summary != said) fmt::print("{}\n", summary);
    std::fflush(stdout);
    said = summary;
    const Conditions seen = ConditionsOf(*live);
    if (IsReached(*goal, *live, seen)) return core::Ok();
    if (IsVain(*goal, *live, seen)) return core::Invalid(summary);
    if (Interrupted().stop_requested()) return core::Cancelled("interrupted");
    if (clock.SinceBoot() > until) {
      return core::Unavailable(fmt::format("{} is not {} after {}: {}", options.application,
                                           options.goal, core::Show(options.timeout), summary));
    }
    std::this_thread::sleep_for(kLookPause);
  }
}

}  // namespace headgate::cli
