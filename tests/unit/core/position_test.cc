#include "core/position.h"

#include <gtest/gtest.h>

#include "core/bundle.h"
#include "core/json.h"
#include "core/request.h"

namespace headgate::core {
namespace {

const Candidate kCandidate{"3f2a91c0000", "b1", "g1"};
const Time kAt = HandClock::kStart + std::chrono::milliseconds(1500);
const Evidence kEvidence{
    "error-rate", Verdict::kFail, 102, 412, 0.2476, 0.1, 1, "error-rate 24.8 % > 10 % (n=412)"};

Trial FullTrial() {
  Trial trial;
  trial.candidate = kCandidate;
  trial.step = 1;
  trial.part = Trial::Part::kObserving;
  trial.weight = trial.scale = 2;
  trial.since = trial.looked_at = kAt;
  trial.window_open = kAt;
  trial.observed = std::chrono::seconds(42);
  trial.no_verdict = std::chrono::seconds(7);
  trial.observed_weight = 1.9;
  trial.paused = true;
  trial.paused_why = "by alice";
  trial.evidence = {kEvidence};
  trial.pods = {"web-canary-x1"};
  return trial;
}

const Position kPositions[] = {Stable{},
                               FullTrial(),
                               Trial{.candidate = kCandidate},
                               Promoting{kCandidate, Promoting::Part::kUpdating, 100, kAt, {"p"}},
                               RollingBack{kCandidate,
                                           RollingBack::Part::kDraining,
                                           0,
                                           kAt,
                                           RollingBack::Then::kStable,
                                           "superseded",
                                           {kEvidence}},
                               Held{kCandidate, "failed its canary at 2 %", {kEvidence}, kAt}};

TEST(RolloutStatus, ReadsBackWhatItWrote) {
  for (const Position& position : kPositions) {
    const RolloutStatus status{position, {{"g0", "r0", "aborted by bob", kAt}}};
    const Result<Value> json = ParseJson(ToJson(ToValue(status)));  // as it travels
    ASSERT_TRUE(json.ok());
    const Result<RolloutStatus> back = ParseRolloutStatus(*json);
    ASSERT_TRUE(back.ok()) << back.error().text();
    EXPECT_EQ(*back, status) << Show(position);
  }
}

TEST(RolloutStatus, WithoutAPhaseIsStable) {
  const Result<RolloutStatus> status = ParseRolloutStatus(Value());
  ASSERT_TRUE(status.ok());
  EXPECT_EQ(*status, RolloutStatus{});
}

TEST(RolloutStatus, RefusesWhatItDidNotWrite) {
  for (
      const char* text :
      {R"({"phase":"Dancing"})", R"({"phase":"Trial","part":"Observing"})",
       R"({"phase":"Trial","part":"Asleep","since":"2026-01-01T00:00:00Z"})",
       R"({"phase":"Promoting","part":"Scaling","since":"2026-01-01T00:00:00Z","weight":{"wanted":101}})"}) {
    EXPECT_FALSE(ParseRolloutStatus(*ParseJson(text)).ok()) << text;
  }
}

TEST(BundleRecord, ReadsBackWhatItWroteAndSeesTampering) {
  BundleRecord record;
  record.number = 4;
  record.bundle =
      MakeBundle("8be01d2", {{*ParseJson(R"({"kind":"A","metadata":{"name":"a"}})"), "a.yaml"}});
  record.gated_hash = "g";
  record.content_named = true;
  record.at = kAt;
  record.by = "promotion";
  Value value = ToValue(record);
  const Result<BundleRecord> back = ParseBundleRecord(value);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->bundle.hash, record.bundle.hash);
  EXPECT_EQ(ToValue(*back), ToValue(record));

  value.AsMap()->Find("objects")->AsList()->at(0).MakeMap().Set("kind", "B");
  EXPECT_FALSE(ParseBundleRecord(value).ok());
}

TEST(Request, ReadsBackWhatItWrote) {
  const Request request{"id1", "promote", "3f2a91c", "1", "alice"};
  EXPECT_EQ(*ParseRequest(ToText(request)), request);
  EXPECT_FALSE(ParseRequest("{}").ok());
  EXPECT_FALSE(ParseRequest("promote!").ok());
}

}  // namespace
}  // namespace headgate::core
