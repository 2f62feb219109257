#include "rollout/recording.h"

#include <gtest/gtest.h>

#include <functional>

#include "core/json.h"
#include "rollout/recording_answers.h"
#include "rollout/simulation/world.h"
#include "tests/unit/rollout/objects.h"

// A simulated rollout is recorded as the daemon does it, decided anew, tampered with.
namespace headgate::rollout {
namespace {

constexpr const char* kRollout = R"(
apiVersion: headgate.dev/v1alpha1
kind: Rollout
metadata: {name: shop}
spec:
  workloads: [{kind: Deployment, name: web}]
  canary:
    steps:
    - setWeight: 10
    - gate: {name: freeze, url: "http://gates.ops/"}
    - analyze: {duration: 2m}
    - job: {name: smoke, spec: {template: {spec: {containers: [{name: a}]}}}}
    - setWeight: 50
    - pause: {duration: 1m}
  traffic: {gatewayAPI: {httpRoute: web}}
  analysis:
    interval: 15s
    metrics:
    - {name: error-rate, bad: 'r{code="500"}', total: r, max: 10%, failureLimit: 1}
    - {name: compared, bad: 'r{code="500"}', total: r, compare: {tolerate: {times: 1.5}}}
)";

// Plays a rollout as the simulator does, and records it as the daemon does: the status is what text
// made of it.
struct Recorded {
  std::string text;
  core::RolloutStatus end;
  int64_t looks = 0;
};
Recorded Play(double canary_bad, const std::string& fault = "") {
  const core::Objects objects = ObjectsOf(kRollout);
  const core::RolloutSpec spec = RolloutOf(objects);
  simulation::Truth truth;
  truth.canary_bad = canary_bad;
  if (!fault.empty()) truth.faults = {*simulation::ParseFault(fault)};
  simulation::World world(spec, truth);
  world.Pass(spec.analysis.interval);
  Recorder recorder;
  Recorded played;
  bool started = false;
  for (; played.looks < 5000; ++played.looks) {
    Observation seen = world.Observe(played.end);
    const Decision decision = Decide(spec, played.end, seen);
    recorder.Add(objects.front(), spec, played.end, seen, decision);
    world.TakeBack(std::move(seen));
    played.end =
        *core::ParseRolloutStatus(*core::ParseJson(core::ToJson(core::ToValue(decision.next))));
    world.Apply(played.end);
    const bool moving = core::IsMoving(played.end.position);
    if (started && !moving) break;
    started = started || moving;
    world.Pass(std::clamp<core::Duration>(decision.look_again, std::chrono::milliseconds(200),
                                          spec.analysis.interval));
  }
  played.text = recorder.text();
  return played;
}

TEST(Recording, IsDecidedAnewBitForBit) {
  const struct {
    double canary_bad;
    const char* fault;
    const char* phase;
  } kCases[] = {{0.01, "", "Stable"},
                {0.3, "", "Held"},
                {0.01, "prometheus@1m+2m", "Stable"},
                {0.01, "gate@0s+1m", "Stable"},
                {0.01, "job@0s+1h", "Held"},
                {0.01, "crash@1m+1h", "Held"}};
  for (const auto& c : kCases) {
    const Recorded played = Play(c.canary_bad, c.fault);
    EXPECT_EQ(core::PhaseOf(played.end.position), c.phase) << c.fault;
    const core::Result<Replayed> replayed = Replay(played.text);
    ASSERT_TRUE(replayed) << replayed.error().text();
    EXPECT_EQ(replayed->disagreement, "") << c.fault;
    EXPECT_EQ(replayed->gaps, 0);
    EXPECT_GT(replayed->decisions, 10);
    EXPECT_LT(replayed->decisions, played.looks);  // looks that saw nothing new are left out
  }
}

std::string Tampered(const std::string& text, const std::string& what, const std::string& by,
                     size_t nth = 0) {
  size_t at = text.find(what);
  while (nth-- > 0 && at != text.npos) at = text.find(what, at + 1);
  EXPECT_NE(at, text.npos) << what;
  std::string other = text;
  return at == text.npos ? text : other.replace(at, what.size(), by);
}

TEST(Recording, DisagreesWhereItWasTamperedWith) {
  const Recorded bad = Play(0.3);
  const Recorded good = Play(0.01);
  const struct {
    const char* name;
    std::string text;
    const char* says;
  } kCases[] = {
      {"a weight that was decided",
       Tampered(good.text, R"("weight":{"wanted":10)", R"("weight":{"wanted":11)", 1),
       "weight.wanted"},
      {"a verdict", Tampered(bad.text, R"("verdict":"fail")", R"("verdict":"pass")"), "verdict"},
      {"why it was held", Tampered(bad.text, "failed its canary", "was aborted by eve"), "eve"},
      {"what git asked for",
       Tampered(good.text, R"("wanted":{"revision":"new-one")", R"("wanted":{"revision":"other")"),
       "recorded"},
      {"the gate's answer", Tampered(good.text, R"("gate":{"says":0)", R"("gate":{"says":1)"),
       "recorded"},
      {"the job's end", Tampered(good.text, R"("job":{"state":2)", R"("job":{"state":3)"),
       "recorded"},
      {"the clock",
       Tampered(good.text, R"("lookedAt":"2026-01-01T00:01)", R"("lookedAt":"2026-01-01T00:02)", 2),
       "lookedAt"},
  };
  for (const auto& c : kCases) {
    const core::Result<Replayed> replayed = Replay(c.text);
    ASSERT_TRUE(replayed) << c.name << ": " << replayed.error().text();
    EXPECT_NE(replayed->disagreement, "") << c.name;
    EXPECT_NE(replayed->disagreement.find(c.says), std::string::npos)
        << c.name << ": " << replayed->disagreement;
  }
}

// The lines of a recording, without the nth.
std::string WithoutLine(const std::string& text, size_t nth) {
  size_t from = 0;
  while (nth-- > 0) from = text.find('\n', from) + 1;
  std::string other = text;
  return other.erase(from, text.find('\n', from) + 1 - from);
}

TEST(Recording, DisagreesWhereADecisionWasTakenOut) {
  const core::Result<Replayed> replayed = Replay(WithoutLine(Play(0.01).text, 4));
  ASSERT_TRUE(replayed);
  EXPECT_NE(replayed->disagreement.find("status"), std::string::npos) << replayed->disagreement;
}

TEST(Recording, DisagreesWhereASampleWasChanged) {
  const std::string text = Play(0.3).text;
  // One count of a canary's pod makes another evidence.
  const size_t pod = text.find(R"(["pod","web-canary)");
  const size_t more = text.find("\"more\":[", pod);
  ASSERT_NE(more, text.npos);
  std::string other = text;
  other.insert(text.rfind(',', text.find(']', more)) + 1, "9");  // the last one is larger
  const core::Result<Replayed> replayed = Replay(other);
  ASSERT_TRUE(replayed) << replayed.error().text();
  EXPECT_NE(replayed->disagreement, "");
}

TEST(Recording, SaysWhatIsNoRecording) {
  const std::string good = Play(0.01).text;
  const struct {
    std::string text;
    const char* want;
  } kCases[] = {
      {"", "it has no decision"},
      {"{", "line 1 is no JSON"},
      {"{}\n", "line 1: is no decision"},
      {WithoutLine(good, 0), "line 1: comes before the Rollout"},
      {Tampered(good, R"("status":{"phase":"Trial")", R"("status":{"phase":"Tribal")"), "Tribal"},
      {Tampered(good, R"("says":0)", R"("says":7)"), "seen.gate.says"},
      {Tampered(good, R"("of":0)", R"("of":999)"), "answers cannot be read"}};
  for (const auto& c : kCases) {
    const core::Result<Replayed> replayed = Replay(c.text);
    ASSERT_FALSE(replayed) << c.want;
    EXPECT_NE(replayed.error().text().find(c.want), std::string::npos) << replayed.error().text();
  }
}

TEST(Recording, ToldItselfNothingTwice) {
  const Recorded played = Play(0.01);
  const auto lines = std::count(played.text.begin(), played.text.end(), '\n');
  // A window's samples come again with each look at it; the text has each of them once.
  EXPECT_LT(played.text.size() / static_cast<size_t>(lines), 8000);
}

TEST(RecordedAnswers, ComeBackAsTheyWere) {
  const auto at = [](int64_t t) { return core::Time(std::chrono::seconds(t)); };
  const Answers before{{"m",
                        std::vector<analysis::Series>{{{{"pod", "a"}}, {{at(1), 1}, {at(2), 2.5}}},
                                                      {{{"pod", "b"}}, {{at(1), 0.1}}}},
                        core::Unavailable("away")}};
  const Answers kAnswers[] = {
      before,
      {},
      {{"m", std::vector<analysis::Series>{}, std::vector<analysis::Series>{}}},
      {{"m",
        std::vector<analysis::Series>{{{{"pod", "b"}}, {}},
                                      {{{"pod", "a"}}, {{at(2), 2.5}, {at(3), 1e300}}},
                                      {{{"pod", "c"}}, {{at(2), -0.0}, {at(3), 1.0 / 3}}}},
        core::Invalid("refused")}},
      {{"other", std::vector<analysis::Series>{{{{"pod", "a"}}, {{at(2), 3}}}},
        core::Unavailable("x")}}};
  for (const Answers& answers : kAnswers) {
    const core::Result<core::Value> text = core::ParseJson(core::ToJson(ToValue(answers, before)));
    ASSERT_TRUE(text);
    const core::Result<Answers> back = ParseAnswers(*text, before);
    ASSERT_TRUE(back) << back.error().text();
    ASSERT_EQ(back->size(), answers.size());
    for (size_t i = 0; i < answers.size(); ++i) {
      for (const auto part : {&analysis::MetricAnswers::bad, &analysis::MetricAnswers::total}) {
        const auto& want = answers[i].*part;
        const auto& got = (*back)[i].*part;
        ASSERT_EQ(got.ok(), want.ok());
        if (!want) {
          EXPECT_EQ(got.error(), want.error());
          continue;
        }
        ASSERT_EQ(got->size(), want->size());
        for (size_t s = 0; s < want->size(); ++s) {
          EXPECT_EQ((*got)[s].labels, (*want)[s].labels);
          EXPECT_EQ((*got)[s].samples, (*want)[s].samples);
        }
      }
    }
  }
}

}  // namespace
}  // namespace headgate::rollout
