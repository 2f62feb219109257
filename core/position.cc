#include "core/position.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/hash.h"

namespace headgate::core {
namespace {

// The words of each enum, in its order.
constexpr std::array kVerdicts = {"pass", "fail", "hold", "unknown"};
constexpr std::array kTrialParts = {"Warming", "Shifting", "Observing"};
constexpr std::array kPromotingParts = {"Scaling",   "Shifting", "Updating",
                                        "Returning", "Removing", "Recording"};
constexpr std::array kRollingBackParts = {"Restoring", "Shifting", "Draining", "Removing"};
constexpr std::array kThens = {"Held", "Stable"};

template <class Enum, size_t N>
std::string_view Word(Enum value, const std::array<const char*, N>& words) {
  return words[static_cast<size_t>(value)];
}

// Reads fields of a status that we wrote ourselves; remembers the first that is wrong.
struct Reader {
  const Value& from;
  std::optional<Error> error;

  template <class Enum, size_t N>
  Enum Word(std::string_view key, const std::array<const char*, N>& words) {
    const std::string& word = from.StringAt(key);
    for (size_t i = 0; i < N; ++i) {
      if (word == words[i]) return static_cast<Enum>(i);
    }
    if (!error) error = Invalid(fmt::format("status.{}: \"{}\" is not known", key, word));
    return static_cast<Enum>(0);
  }
  Time At(std::string_view key) {
    Result<Time> time = ParseTime(from.StringAt(key));
    if (!time && !error) error = time.error().In(fmt::format("status.{}", key));
    return time ? *time : Time{};
  }
  int Percent(int64_t value) {
    if ((value < 0 || value > 100) && !error)
      error = Invalid(fmt::format("status: {} is no percentage", value));
    return static_cast<int>(value);
  }
};

double NumberAt(const Value& value, std::string_view key, double otherwise) {
  const Value* at = value.Find(key);
  if (at && at->AsInt()) return static_cast<double>(*at->AsInt());
  return at && at->AsFloat() ? *at->AsFloat() : otherwise;
}

List ToList(const std::vector<std::string>& strings) {
  return List(strings.begin(), strings.end());
}

std::vector<std::string> StringsAt(const Value& value, std::string_view key) {
  std::vector<std::string> strings;
  for (const Value& item : value.ListAt(key)) {
    if (item.AsString()) strings.push_back(*item.AsString());
  }
  return strings;
}

List ToList(const std::vector<Evidence>& evidence) {
  List list;
  for (const Evidence& e : evidence) list.push_back(ToValue(e));
  return list;
}

Evidence ParseEvidence(const Value& value) {
  Reader reader{value, {}};
  return {value.StringAt("metric"),
          reader.Word<Verdict>("verdict", kVerdicts),
          value.IntAt(0, "bad"),
          value.IntAt(0, "requests"),
          NumberAt(value, "share", 0),
          NumberAt(value, "max", 0),
          static_cast<int>(value.IntAt(0, "failures")),
          value.StringAt("why")};
}

std::vector<Evidence> EvidenceAt(const Value& value) {
  std::vector<Evidence> evidence;
  for (const Value& item : value.ListAt("evidence")) evidence.push_back(ParseEvidence(item));
  return evidence;
}

Value ToValue(const Candidate& candidate) {
  return Map{{"revision", candidate.revision},
             {"bundleHash", candidate.bundle_hash},
             {"gatedHash", candidate.gated_hash}};
}

Candidate CandidateAt(const Value& value) {
  return {value.StringAt("candidate", "revision"), value.StringAt("candidate", "bundleHash"),
          value.StringAt("candidate", "gatedHash")};
}

struct Writer {
  Map* to;

  void operator()(const Stable&) const {}
  void operator()(const Trial& trial) const {
    to->Set("part", Word(trial.part, kTrialParts));
    to->Set("step", trial.step);
    Map weight{{"wanted", trial.weight}};
    if (trial.observed_weight >= 0) weight.Set("observed", trial.observed_weight);
    to->Set("weight", std::move(weight));
    to->Set("scale", trial.scale);
    if (trial.replicas > 0) to->Set("replicas", trial.replicas);
    if (trial.routed > 0) to->Set("routed", trial.routed);
    to->Set("candidate", ToValue(trial.candidate));
    to->Set("since", ShowMicro(trial.since));
    if (trial.window_open) to->Set("windowOpen", ShowMicro(*trial.window_open));
    to->Set("observedMilliseconds", trial.observed.count());
    to->Set("noVerdictMilliseconds", trial.no_verdict.count());
    to->Set("lookedAt", ShowMicro(trial.looked_at));
    if (trial.baseline) to->Set("baseline", true);
    to->Set("paused", trial.paused);
    if (!trial.paused_why.empty()) to->Set("pausedWhy", trial.paused_why);
    to->Set("evidence", ToList(trial.evidence));
    to->Set("pods", ToList(trial.pods));
  }
  void operator()(const Promoting& promoting) const {
    to->Set("part", Word(promoting.part, kPromotingParts));
    to->Set("weight", Map{{"wanted", promoting.weight}});
    to->Set("candidate", ToValue(promoting.candidate));
    to->Set("since", ShowMicro(promoting.since));
    to->Set("pods", ToList(promoting.pods));
    if (promoting.looked_at != Time{}) to->Set("lookedAt", ShowMicro(promoting.looked_at));
    if (promoting.baseline) to->Set("baseline", true);
  }
  void operator()(const RollingBack& back) const {
    to->Set("part", Word(back.part, kRollingBackParts));
    to->Set("weight", Map{{"wanted", back.weight}});
    to->Set("candidate", ToValue(back.candidate));
    to->Set("since", ShowMicro(back.since));
    to->Set("then", Word(back.then, kThens));
    to->Set("reason", back.reason);
    to->Set("evidence", ToList(back.evidence));
    if (back.baseline) to->Set("baseline", true);
  }
  void operator()(const Held& held) const {
    to->Set("weight", Map{{"wanted", 0}});
    to->Set("candidate", ToValue(held.candidate));
    to->Set("reason", held.reason);
    to->Set("evidence", ToList(held.evidence));
    to->Set("since", ShowMicro(held.since));
  }
};

Trial ParseTrial(const Value& from, Reader* reader) {
  Trial trial;
  trial.candidate = CandidateAt(from);
  trial.step = from.IntAt(0, "step");
  trial.part = reader->Word<Trial::Part>("part", kTrialParts);
  trial.weight = reader->Percent(from.IntAt(0, "weight", "wanted"));
  trial.scale = reader->Percent(from.IntAt(0, "scale"));
  trial.replicas = static_cast<int>(std::clamp<int64_t>(from.IntAt(0, "replicas"), 0, INT32_MAX));
  trial.routed = std::max<int64_t>(0, from.IntAt(0, "routed"));
  trial.since = reader->At("since");
  if (from.Find("windowOpen")) trial.window_open = reader->At("windowOpen");
  trial.observed = Duration(from.IntAt(0, "observedMilliseconds"));
  trial.no_verdict = Duration(from.IntAt(0, "noVerdictMilliseconds"));
  trial.looked_at = reader->At("lookedAt");
  if (const Value* weight = from.Find("weight"))
    trial.observed_weight = NumberAt(*weight, "observed", -1);
  trial.baseline = from.BoolAt(false, "baseline");
  trial.paused = from.BoolAt(false, "paused");
  trial.paused_why = from.StringAt("pausedWhy");
  trial.evidence = EvidenceAt(from);
  trial.pods = StringsAt(from, "pods");
  if (trial.step < 0 && !reader->error) reader->error = Invalid("status.step is negative");
  return trial;
}

Promoting ParsePromoting(const Value& from, Reader* reader) {
  return {CandidateAt(from),
          reader->Word<Promoting::Part>("part", kPromotingParts),
          reader->Percent(from.IntAt(0, "weight", "wanted")),
          reader->At("since"),
          StringsAt(from, "pods"),
          from.Find("lookedAt") ? reader->At("lookedAt") : Time{},
          from.BoolAt(false, "baseline")};
}

RollingBack ParseRollingBack(const Value& from, Reader* reader) {
  return {CandidateAt(from),
          reader->Word<RollingBack::Part>("part", kRollingBackParts),
          reader->Percent(from.IntAt(0, "weight", "wanted")),
          reader->At("since"),
          reader->Word<RollingBack::Then>("then", kThens),
          from.StringAt("reason"),
          EvidenceAt(from),
          from.BoolAt(false, "baseline")};
}

Result<Position> ParsePosition(const Value& from, Reader* reader) {
  const std::string& phase = from.StringAt("phase");
  if (phase.empty() || phase == "Stable") return Position(Stable{});
  if (phase == "Trial") return Position(ParseTrial(from, reader));
  if (phase == "Promoting") return Position(ParsePromoting(from, reader));
  if (phase == "RollingBack") return Position(ParseRollingBack(from, reader));
  if (phase == "Held") {
    return Position(
        Held{CandidateAt(from), from.StringAt("reason"), EvidenceAt(from), reader->At("since")});
  }
  return Invalid(fmt::format("status.phase: \"{}\" is not known", phase));
}

}  // namespace

std::string_view Show(Verdict verdict) { return Word(verdict, kVerdicts); }

std::string_view PhaseOf(const Position& position) {
  constexpr std::array kPhases = {"Stable", "Trial", "Promoting", "RollingBack", "Held"};
  return kPhases[position.index()];
}

const Candidate* CandidateOf(const Position& position) {
  return std::visit(
      [](const auto& phase) -> const Candidate* {
        if constexpr (requires { phase.candidate; }) {
          return &phase.candidate;
        } else {
          return nullptr;
        }
      },
      position);
}

bool IsMoving(const Position& position) {
  return !std::holds_alternative<Stable>(position) && !std::holds_alternative<Held>(position);
}

std::string Show(const Position& position) {
  struct Shower {
    std::string operator()(const Stable&) const { return "Stable"; }
    std::string operator()(const Trial& t) const {
      return fmt::format("Trial of {}: step {}, weight {}, {}{}", Short(t.candidate.revision, 7),
                         t.step + 1, t.weight, Word(t.part, kTrialParts),
                         t.paused ? ", paused" : "");
    }
    std::string operator()(const Promoting& p) const {
      return fmt::format("Promoting {}: weight {}, {}", Short(p.candidate.revision, 7), p.weight,
                         Word(p.part, kPromotingParts));
    }
    std::string operator()(const RollingBack& b) const {
      return fmt::format("RollingBack {}: weight {}, {}, {}", Short(b.candidate.revision, 7),
                         b.weight, Word(b.part, kRollingBackParts), b.reason);
    }
    std::string operator()(const Held& h) const {
      return fmt::format("Held: {} {}", Short(h.candidate.revision, 7), h.reason);
    }
  };
  return std::visit(Shower{}, position);
}

Value ToValue(const Evidence& evidence) {
  return Map{{"metric", evidence.metric},     {"verdict", Show(evidence.verdict)},
             {"bad", evidence.bad},           {"requests", evidence.requests},
             {"share", evidence.share},       {"max", evidence.max},
             {"failures", evidence.failures}, {"why", evidence.why}};
}

Value ToValue(const RolloutStatus& status) {
  Map to{{"phase", PhaseOf(status.position)}};
  std::visit(Writer{&to}, status.position);
  List quarantine;
  for (const Quarantined& q : status.quarantine) {
    quarantine.push_back(Map{{"gatedHash", q.gated_hash},
                             {"revision", q.revision},
                             {"reason", q.reason},
                             {"since", ShowMicro(q.since)}});
  }
  to.Set("quarantine", std::move(quarantine));
  return to;
}

Result<RolloutStatus> ParseRolloutStatus(const Value& from) {
  Reader reader{from, {}};
  RolloutStatus status;
  Result<Position> position = ParsePosition(from, &reader);
  if (!position) return position.error();
  status.position = std::move(*position);
  for (const Value& item : from.ListAt("quarantine")) {
    Reader each{item, {}};
    status.quarantine.push_back({item.StringAt("gatedHash"), item.StringAt("revision"),
                                 item.StringAt("reason"), each.At("since")});
  }
  if (reader.error) return *reader.error;
  return status;
}

}  // namespace headgate::core
