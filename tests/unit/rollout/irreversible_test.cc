#include "rollout/irreversible.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "rollout/decide.h"
#include "tests/unit/rollout/objects.h"

namespace headgate::rollout {
namespace {

struct Case {
  const char* name;
  const char* stable;
  const char* candidate;
  const char* want;
};
const Case kCases[] = {
    {"LeavesWhatIsEqual", "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: a}}",
     "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: a, labels: {b: c}}}", ""},
    {"LeavesOtherKinds", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: b}}",
     "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: c}}", ""},
    {"NamesAChange", "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: a}}",
     "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: a}, spec: {x: 1}}",
     "PersistentVolumeClaim a is changed"},
    {"NamesWhatIsRemoved", "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: a}}",
     "{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}",
     "PersistentVolumeClaim a is removed"},
    {"LetsNewOnesCome", "{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}",
     "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: a}}", ""},
    {"NamesANewJob", "{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}",
     "{apiVersion: batch/v1, kind: Job, metadata: {name: migrate}}", "Job migrate would run"},
    {"LeavesHooks", "{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}",
     "{apiVersion: batch/v1, kind: Job, metadata: {name: m, annotations: {helm.sh/hook: "
     "pre-upgrade}}}",
     ""},
    {"LetsAJobGo", "{apiVersion: batch/v1, kind: Job, metadata: {name: migrate}}",
     "{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}", ""},
};
class IrreversibleTest : public testing::TestWithParam<Case> {};
TEST_P(IrreversibleTest, SaysWhatDoesNotComeBack) {
  const auto changes =
      IrreversibleChanges(ObjectsOf(GetParam().stable), ObjectsOf(GetParam().candidate));
  EXPECT_EQ(fmt::format("{}", fmt::join(changes, ", ")), GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(Rollout, IrreversibleTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

// Held and said once; tried when another commit with the same pods has taken it out.
TEST(IrreversibleTest, HoldsACandidateUntilItIsTakenOut) {
  core::RolloutSpec spec;
  spec.workloads = {{"Deployment", "web"}};
  spec.steps = {core::SetWeight{10}};
  core::RolloutStatus status;
  Observation seen;
  seen.now = core::HandClock::kStart;
  seen.stable_gated_hash = "s";
  seen.wanted = core::Candidate{"1111111", "b1", "c"};
  seen.irreversible = "PersistentVolumeClaim data is changed";
  Decision held = Decide(spec, status, seen);
  EXPECT_EQ(core::PhaseOf(held.next.position), "Held");
  EXPECT_NE(held.why.find("(PersistentVolumeClaim data is changed); take that out"),
            std::string::npos)
      << held.why;
  EXPECT_EQ(held.events.size(), 1u);
  EXPECT_TRUE(held.next.quarantine.empty());
  Decision again = Decide(spec, held.next, seen);
  EXPECT_EQ(again.next, held.next);
  EXPECT_TRUE(again.events.empty());
  seen.irreversible.clear();
  seen.wanted = core::Candidate{"2222222", "b2", "c"};
  EXPECT_EQ(core::PhaseOf(Decide(spec, held.next, seen).next.position), "Trial");
}

}  // namespace
}  // namespace headgate::rollout
