#include <fmt/format.h>

#include <fstream>
#include <iostream>

#include "cli/commands.h"
#include "cli/session.h"
#include "deploy/recordings.h"
#include "rollout/recording.h"

namespace headgate::cli {
namespace {

constexpr size_t kFileBytesMax = 64 * 1024 * 1024;

core::Result<std::string> ReadInput(const std::string& name) {
  std::ifstream file;
  if (name != "-") file.open(name, std::ios::binary);
  if (name != "-" && !file) return core::Invalid("cannot open " + name);
  std::istream& from = name == "-" ? std::cin : file;
  std::string text;
  for (char buffer[65536]; from.read(buffer, sizeof buffer), from.gcount() > 0;) {
    text.append(buffer, static_cast<size_t>(from.gcount()));
    if (text.size() > kFileBytesMax)
      return core::Invalid(fmt::format("{} has more than {} MiB", name, kFileBytesMax >> 20));
  }
  return text;
}

core::Result<std::string> RecordingOf(const ReplayOptions& options) {
  if (!options.file.empty()) return ReadInput(options.file);
  core::Result<std::unique_ptr<Session>> session = Session::Open(options.cluster);
  if (!session) return session.error();
  core::Result<core::Value> application = (*session)->Application(options.application);
  if (!application) return application.error();
  core::Result<std::string> text =
      deploy::Recordings((*session)->client(), *application).Read(options.release, Interrupted());
  if (text || text.error().fault() != core::Fault::kNotFound) return text;
  // A trial that was promoted is that release's.
  const int64_t stable = application->IntAt(0, "status", "release", "number");
  if (options.release == 0 && stable > 0) {
    text = deploy::Recordings((*session)->client(), *application).Read(stable, Interrupted());
    if (text || text.error().fault() != core::Fault::kNotFound) return text;
  }
  return core::Invalid(fmt::format(
      "{} has no recording{}; only what was on trial has one, and ten releases are kept",
      core::NameOf(*application),
      options.release > 0 ? fmt::format(" of release {}", options.release) : ""));
}

core::Value ToValue(const rollout::Replayed& replayed) {
  return core::Map{
      {"decisions", replayed.decisions},         {"gaps", replayed.gaps},
      {"from", core::ShowMicro(replayed.from)},  {"to", core::ShowMicro(replayed.to)},
      {"agrees", replayed.disagreement.empty()}, {"disagreement", replayed.disagreement}};
}

}  // namespace

core::Result<int> ReplayRollout(const ReplayOptions& options) {
  const core::Result<std::string> text = RecordingOf(options);
  if (!text) return text.error();
  if (options.print) {
    fmt::print("{}", *text);
    return kDone;
  }
  const core::Result<rollout::Replayed> replayed = rollout::Replay(*text);
  if (!replayed) return replayed.error();
  const bool agrees = replayed->disagreement.empty();
  if (options.output != Output::kTable) {
    fmt::print("{}", ShowObject(ToValue(*replayed), options.output));
  } else {
    fmt::print("{} decisions from {} to {}{}: {}\n", replayed->decisions,
               core::Show(replayed->from), core::Show(replayed->to),
               replayed->gaps > 0 ? fmt::format(", {} gaps", replayed->gaps) : "",
               agrees ? "each is made again, bit for bit" : replayed->disagreement);
  }
  return agrees ? kDone : kFailed;
}

}  // namespace headgate::cli
