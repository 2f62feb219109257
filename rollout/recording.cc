#include "rollout/recording.h"

#include "core/json.h"
#include "rollout/recording_answers.h"

namespace headgate::rollout {

bool Recorder::Add(const core::Object& rollout, const core::RolloutSpec& spec,
                   const core::RolloutStatus& status, const Observation& seen,
                   const Decision& decision) {
  const bool idle = decision.next == status && decision.events.empty() && !decision.answer &&
                    !seen.metrics && !seen.gate;
  if (idle && last_ && *last_ == status) return false;
  if (text_.size() > kRecordingBytesMax) {
    const int64_t count = count_;
    Clear();
    count_ = count;
  }
  if (!spec_ || !(*spec_ == spec)) {
    text_ += core::ToJson(core::Map{{"rollout", rollout.body}}) + "\n";
    spec_ = spec;
  }
  core::Map line{{"n", ++count_}};
  if (!last_ || !(*last_ == status)) line.Set("gap", true);
  core::Value look = ToValue(seen);
  if (seen.metrics) {
    look.MakeMap().Set("metrics", ToValue(*seen.metrics, answers_));
    answers_ = *seen.metrics;
  }
  line.Set("status", core::ToValue(status));
  line.Set("seen", std::move(look));
  line.Set("decision", ToValue(decision));
  const std::string text = core::ToJson(line);
  if (text.size() > kRecordingAnswersMax) {
    last_.reset();  // the next one says that something is missing
    answers_.clear();
    return false;
  }
  text_ += text + "\n";
  last_ = decision.next;
  return true;
}

}  // namespace headgate::rollout
