#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/object.h"
#include "core/result.h"
#include "core/rollout_spec.h"
#include "rollout/decide.h"
#include "rollout/observation.h"

namespace headgate::rollout {

// The decisions of one rollout with all that they were made of, as text that `Replay` decides anew:
// JSON lines. A line is either {"rollout": the Rollout that governs from here on} or one decision:
//   {"n": 17, "gap": true, "status": ..., "seen": ..., "decision": ...}
// `gap`: what came before is not in the text (a restart, a bound). Of the provider's answers a line
// has what the line before did not have: samples of a series that both have are named by their
// place in the earlier one.

inline constexpr size_t kRecordingBytesMax = 2 * 1024 * 1024;  // then it begins anew
inline constexpr size_t kRecordingAnswersMax = 256 * 1024;     // of one line; larger: not recorded

class Recorder {
 public:
  // Adds a decision, unless it was made of nothing new and came to nothing: then the next one says
  // the same. `rollout` is the object that `spec` was read from. Whether it was added.
  bool Add(const core::Object& rollout, const core::RolloutSpec& spec,
           const core::RolloutStatus& status, const Observation& seen, const Decision& decision);

  const std::string& text() const { return text_; }
  // For the next trial.
  void Clear() { *this = Recorder(); }

 private:
  std::string text_;
  std::optional<core::RolloutSpec> spec_;
  std::optional<core::RolloutStatus> last_;       // what the last decision came to
  std::vector<analysis::MetricAnswers> answers_;  // the last ones
  int64_t count_ = 0;
};

struct Replayed {
  int64_t decisions = 0;
  int64_t gaps = 0;
  core::Time from{}, to{};
  std::string disagreement;  // the first: "decision 17 (…): next.step: recorded 2, decided 1"; ""
};

// Decides each line of a recording anew with today's code, and compares bit for bit; a status that
// is not what the line before came to is a disagreement, too, unless a gap is said. kInvalid names
// the line that is no recording.
core::Result<Replayed> Replay(std::string_view recording);

core::Value ToValue(const Decision& decision);

// One observation as a tree and back, without the provider's answers.
core::Value ToValue(const Observation& seen);
core::Result<Observation> ParseObservation(const core::Value& value);

}  // namespace headgate::rollout
