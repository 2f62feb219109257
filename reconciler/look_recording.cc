// The part of a look that keeps a rollout's decisions for `headgate replay`.
#include "deploy/lease.h"
#include "deploy/recordings.h"
#include "reconciler/look.h"

namespace headgate::reconciler {
namespace {

constexpr core::Duration kWriteEvery = std::chrono::seconds(30);  // while nothing ends

// The object that `spec` was read from.
const core::Object* SourceOf(const core::Objects& objects, const core::RolloutSpec& spec) {
  for (const core::Object& object : objects) {
    if (!core::IsKind(object.body, core::kGroup, "Rollout")) continue;
    const core::Result<core::RolloutSpec> read = core::ParseRolloutSpec(object);
    if (read && *read == spec) return &object;
  }
  return nullptr;
}

}  // namespace

// What was seen and decided, once it is acted on: the candidate's requests wait for nothing here.
void Look::AddNoted() {
  if (!noted_ || !seen_) return;
  const auto& [spec, before, decision] = *noted_;
  const bool moved = core::IsMoving(decision.next.position);
  const bool begins = !core::IsMoving(before.position) && moved;
  if (begins) memory_->recorder.Clear();
  if (!moved && !core::IsMoving(before.position)) return;
  const SharedRecord candidate = memory_->releases.candidate();
  const core::Object* source = SourceOf(base_->bundle.objects, spec);
  if (!source && candidate) source = SourceOf(candidate->bundle.objects, spec);
  if (!source && wanted_) source = SourceOf(wanted_->bundle.objects, spec);
  if (!source) return;
  memory_->recording_waits =
      memory_->recorder.Add(*source, spec, before, *seen_, decision) || memory_->recording_waits;
}

// A recording that cannot be written is told of and tried again; nothing waits for it.
void Look::KeepRecording() {
  AddNoted();
  if (!memory_->recording_waits || !spec_) return;
  const bool over = !core::IsMoving(rollout_.position);
  const core::BootTime now = parts_.clock->SinceBoot();
  if (!over && memory_->recording_written && now - *memory_->recording_written < kWriteEvery)
    return;
  memory_->recording_written = now;
  const deploy::Recordings recordings(parts_.client, *live_);
  const int64_t number = over ? memory_->recording_release : 0;
  core::Status written = parts_.lease->CheckMayWrite();
  if (written) written = recordings.Write(number, memory_->recorder.text(), stop_);
  if (written && number > 0) {
    const auto kept = static_cast<int64_t>(deploy::kRecordsKept);
    written = recordings.Delete(0, stop_);
    if (written && number > kept) written = recordings.Delete(number - kept, stop_);
  }
  if (!written) return Say(*live_, {"RecordingFailed", written.error().text(), true});
  memory_->recording_waits = false;
  if (!over) return;
  memory_->recording_release = 0;
  memory_->recorder.Clear();
}

}  // namespace headgate::reconciler
