#include <fmt/format.h>

#include "core/json.h"
#include "rollout/recording.h"
#include "rollout/recording_answers.h"

namespace headgate::rollout {
namespace {

using core::Value;

constexpr size_t kShownMax = 200;  // characters of a value in a disagreement

std::string Shown(const Value* value) {
  if (!value) return "nothing";
  std::string text = core::ToCanonicalJson(*value);
  if (text.size() > kShownMax) text = text.substr(0, kShownMax) + "...";
  return text;
}

// The first place where two trees differ: "next.step: recorded 2, decided 1"; "" where none does.
std::string Difference(const Value* recorded, const Value* decided, const std::string& at) {
  if (recorded && decided && *recorded == *decided) return "";
  if (recorded && decided && recorded->AsMap() && decided->AsMap()) {
    for (const auto* side : {recorded->AsMap(), decided->AsMap()}) {
      for (const auto& [key, value] : *side) {
        std::string found =
            Difference(recorded->Find(key), decided->Find(key), at.empty() ? key : at + "." + key);
        if (!found.empty()) return found;
      }
    }
  }
  const bool lists = recorded && decided && recorded->AsList() && decided->AsList() &&
                     recorded->AsList()->size() == decided->AsList()->size();
  for (size_t i = 0; lists && i < recorded->AsList()->size(); ++i) {
    std::string found = Difference(&(*recorded->AsList())[i], &(*decided->AsList())[i],
                                   fmt::format("{}[{}]", at, i));
    if (!found.empty()) return found;
  }
  return fmt::format("{}: recorded {}, decided {}", at, Shown(recorded), Shown(decided));
}

// Numbers as they come back from text, so that 1.0 and 1 are one.
Value ThroughText(const Value& value) {
  core::Result<Value> back = core::ParseJson(core::ToJson(value));
  return back ? std::move(*back) : Value();
}

class Replayer {
 public:
  core::Status Line(const Value& line) {
    if (const Value* rollout = line.Find("rollout")) {
      core::Result<core::RolloutSpec> spec = core::ParseRolloutSpec({*rollout, "recording"});
      if (!spec) return spec.error();
      spec_ = std::move(*spec);
      return core::Ok();
    }
    const Value* status = line.Find("status");
    const Value* seen = line.Find("seen");
    const Value* decision = line.Find("decision");
    if (!status || !seen || !decision) return core::Invalid("is no decision");
    if (!spec_) return core::Invalid("comes before the Rollout that it was decided by");
    return Decided(line, *status, *seen, *decision);
  }

  const Replayed& result() const { return result_; }

 private:
  core::Status Decided(const Value& line, const Value& status, const Value& look,
                       const Value& recorded) {
    core::Result<core::RolloutStatus> before = core::ParseRolloutStatus(status);
    if (!before) return before.error();
    core::Result<Observation> seen = ParseObservation(look);
    if (!seen) return seen.error();
    if (line.BoolAt(false, "gap")) {
      if (result_.decisions > 0) ++result_.gaps;
    } else if (!last_ || !(*last_ == *before)) {
      Disagree(
          line, *seen,
          last_ ? Difference(&last_value_, &status, "status") : "it has no decision before it");
    }
    if (const Value* metrics = look.Find("metrics")) {
      core::Result<Answers> answers = ParseAnswers(*metrics, answers_);
      if (!answers) return answers.error();
      answers_ = *answers;
      seen->metrics = std::move(*answers);
    }
    const rollout::Decision decision = Decide(*spec_, *before, *seen);
    const Value decided = ThroughText(ToValue(decision));
    if (!(decided == recorded)) Disagree(line, *seen, Difference(&recorded, &decided, ""));
    if (result_.decisions++ == 0) result_.from = seen->now;
    result_.to = seen->now;
    last_ = decision.next;
    last_value_ = ThroughText(core::ToValue(decision.next));
    return core::Ok();
  }

  void Disagree(const Value& line, const Observation& seen, const std::string& what) {
    if (!result_.disagreement.empty()) return;
    result_.disagreement =
        fmt::format("decision {} ({}): {}", line.IntAt(0, "n"), core::ShowMicro(seen.now), what);
  }

  std::optional<core::RolloutSpec> spec_;
  std::optional<core::RolloutStatus> last_;
  Value last_value_;
  Answers answers_;
  Replayed result_;
};

}  // namespace

core::Value ToValue(const Decision& decision) {
  core::List events;
  for (const Event& event : decision.events)
    events.push_back(core::Map{
        {"reason", event.reason}, {"message", event.message}, {"warning", event.warning}});
  core::Map value{{"next", core::ToValue(decision.next)},
                  {"events", std::move(events)},
                  {"why", decision.why},
                  {"lookAgain", int64_t{decision.look_again.count()}}};
  if (decision.answer) value.Set("answer", core::ToValue(*decision.answer));
  return value;
}

core::Result<Replayed> Replay(std::string_view recording) {
  Replayer replayer;
  int64_t number = 0;
  while (!recording.empty()) {
    const size_t end = recording.find('\n');
    const std::string_view text = recording.substr(0, end);
    recording.remove_prefix(end == recording.npos ? recording.size() : end + 1);
    ++number;
    if (text.empty()) continue;
    const core::Result<Value> line = core::ParseJson(text);
    if (!line) return core::Invalid(fmt::format("recording: line {} is no JSON", number));
    if (core::Status read = replayer.Line(*line); !read)
      return read.error().In(fmt::format("recording: line {}", number));
  }
  if (replayer.result().decisions == 0) return core::Invalid("recording: it has no decision");
  return replayer.result();
}

}  // namespace headgate::rollout
