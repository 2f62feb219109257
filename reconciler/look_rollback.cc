// The part of a look that goes back to an earlier release, and stays there until git says something
// else.
#include <fmt/format.h>

#include <charconv>

#include "core/hash.h"
#include "reconciler/look.h"

namespace headgate::reconciler {

core::Value ToValue(const RolledBack& rolled_back) {
  core::List holds;
  for (const std::string& hash : rolled_back.holds) holds.push_back(hash);
  return core::Map{{"release", rolled_back.release},
                   {"revision", rolled_back.revision},
                   {"by", rolled_back.by},
                   {"holds", std::move(holds)}};
}

std::optional<RolledBack> RolledBackFrom(const core::Value* value) {
  if (!value || !value->is_map()) return std::nullopt;
  RolledBack rolled_back{
      value->IntAt(0, "release"), value->StringAt("revision"), value->StringAt("by"), {}};
  for (const core::Value& hash : value->ListAt("holds")) {
    if (hash.AsString()) rolled_back.holds.insert(*hash.AsString());
  }
  return rolled_back;
}

// A person's request. Records and status are enough for it: git may be away.
void Look::HearRollback() {
  if (!request_ || request_->verb != "rollback") return;
  const SharedRecord stable = memory_->releases.stable();
  if (!stable) return Answer(false, "refused: nothing was released yet");
  if (app_.suspend) return Answer(false, "refused: it is suspended; unsuspend it first");
  if (memory_->releases.candidate()) {
    return Answer(false,
                  "refused: a trial is under way, and it leaves stable as it was; end it "
                  "with: headgate abort " +
                      core::FullName(app_));
  }
  const std::string& about = request_->revision;
  if (!about.empty() && !stable->bundle.revision.starts_with(about)) {
    return Answer(false, fmt::format("refused: it was said about {}, but release {} ({}) is stable "
                                     "now; look again",
                                     core::Short(about, 7), stable->number,
                                     core::Short(stable->bundle.revision, 7)));
  }
  int64_t number = 0;
  const std::string& text = request_->step;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (bad != std::errc() || end != text.data() + text.size() || number < 1) {
    return Answer(false, fmt::format("refused: \"{}\" is no number of a release", text));
  }
  if (number == stable->number) {
    return Answer(false, fmt::format("refused: release {} is what is stable", number));
  }
  core::Result<core::BundleRecord> record = memory_->releases.Read(number, stop_);
  if (!record) {
    return Answer(false, fmt::format("refused: release {}: {}", number, record.error().text()));
  }
  RolledBack rolled_back{number, record->bundle.revision, request_->by, {stable->bundle.hash}};
  if (wanted_) rolled_back.holds.insert(wanted_->bundle.hash);
  if (memory_->rolled_back) rolled_back.holds.merge(std::set(memory_->rolled_back->holds));
  rolled_back.holds.erase(record->bundle.hash);
  if (core::Status done = RollBackTo(std::move(*record), std::move(rolled_back)); !done) {
    return Trouble(Trouble::kRolloutFailed, done.error());
  }
}

// What is held is written before what is stable changes, so that no crash lets git undo it.
core::Status Look::RollBackTo(core::BundleRecord record, RolledBack rolled_back) {
  const std::string by =
      fmt::format("rollback to release {} by {}", rolled_back.release, rolled_back.by);
  const std::string said = fmt::format("rolling back to release {} ({})", rolled_back.release,
                                       core::Short(rolled_back.revision, 7));
  core::Value status = memory_->status;  // all else as it was
  status.MakeMap().Set("rollback", ToValue(rolled_back));
  if (core::Status written = WriteStatus(std::move(status)); !written) return written;
  memory_->rolled_back = std::move(rolled_back);
  const bool content_named = record.content_named;
  if (core::Status released = Release(std::move(record), by, content_named); !released)
    return released;
  Answer(true, said);
  return core::Ok();
}

// What git says counts again once it renders to something else.
void Look::HoldRolledBack() {
  std::optional<RolledBack>& rolled_back = memory_->rolled_back;
  if (rolled_back && wanted_) {
    if (rolled_back->holds.contains(wanted_->bundle.hash)) {
      wanted_ = nullptr;
    } else {
      rolled_back.reset();
    }
  }
  report_.rolled_back = rolled_back;
}

}  // namespace headgate::reconciler
