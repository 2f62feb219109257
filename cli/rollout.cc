#include <fmt/format.h>
#include <unistd.h>

#include <thread>

#include "cli/commands.h"
#include "cli/rollout_view.h"
#include "cli/session.h"

namespace headgate::cli {
namespace {

constexpr core::Duration kRedraw = std::chrono::milliseconds(500);
constexpr std::string_view kHome = "\x1b[H";       // cursor to the top
constexpr std::string_view kClear = "\x1b[2J";     // the whole screen
constexpr std::string_view kClearLine = "\x1b[K";  // to the end of the line
constexpr std::string_view kClearBelow = "\x1b[J";

core::Result<std::string> View(const Session& session, const RolloutStatusOptions& options) {
  core::Result<core::Value> application = session.Application(options.application);
  if (!application) return application.error();
  core::Result<std::optional<core::Value>> rollout = session.RolloutOf(*application);
  if (!rollout) return rollout.error();
  if (!*rollout) return core::Invalid(core::NameOf(*application) + " has no Rollout");
  if (options.output != Output::kTable) return ShowObject(**rollout, options.output);
  return ShowRollout(*application, **rollout, core::RealClock().Now());
}

// Over what was drawn before, line by line, so that nothing flickers.
void Redraw(const std::string& view) {
  std::string text(kHome);
  for (const char c : view) {
    if (c == '\n') text += kClearLine;
    text += c;
  }
  text += kClearBelow;
  fmt::print("{}", text);
  std::fflush(stdout);
}

}  // namespace

core::Status RolloutStatus(const RolloutStatusOptions& options) {
  core::Result<std::unique_ptr<Session>> session = Session::Open(options.cluster);
  if (!session) return session.error();
  const bool terminal = isatty(STDOUT_FILENO) != 0;
  std::string last;
  if (options.watch && terminal) fmt::print("{}", kClear);
  do {
    core::Result<std::string> view = View(**session, options);
    if (!view && (!options.watch || view.error().fault() != core::Fault::kUnavailable))
      return view.error();
    const std::string text = view ? *view : last + "\n" + view.error().text() + "\n";
    if (options.watch && terminal) {
      Redraw(text);
    } else if (text != last) {
      fmt::print("{}", text);
      std::fflush(stdout);
    }
    last = text;
    if (options.watch) std::this_thread::sleep_for(kRedraw);
  } while (options.watch && !Interrupted().stop_requested());
  return core::Ok();
}

}  // namespace headgate::cli
