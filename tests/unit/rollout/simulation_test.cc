#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>

#include "tests/unit/rollout/world.h"

// Many rollouts in a world where writes are lost, the controller crashes between any two things it
// does, pods die, Prometheus, the gateway and git go away, people push and say things. Whatever
// happens, promises hold each tick, and once the faults stop it settles. HEADGATE_SEED=N plays one
// run.
namespace headgate::rollout {
namespace {

constexpr int kRuns = 5000;
constexpr int kFaultyTicks = 40;
constexpr int kCalmTicksMax = 400;

using Chance = std::mt19937_64;

bool Happens(Chance& chance, double share) {
  return std::uniform_real_distribution<double>(0, 1)(chance) < share;
}

size_t Below(Chance& chance, size_t end) {
  return std::uniform_int_distribution<size_t>(0, end - 1)(chance);
}

Version AnyVersion(Chance& chance, int number) {
  static const Version kKinds[] = {{"", "v2"},          {"", "bad"},
                                   {"", "crash"},       {"", "good"},
                                   {"", "good", "bad"}, {"", "good", "good", "new"},
                                   {"", "heavy"},       {"", "v2", "better", "new"}};
  Version version = kKinds[Below(chance, std::size(kKinds))];
  version.revision = fmt::format("{:07d}abc", number);
  return version;
}

core::RolloutSpec AnySpec(Chance& chance) {
  core::RolloutSpec spec =
      SpecOf({core::SetWeight{10}, core::Analyze{std::chrono::seconds(15)}, core::SetWeight{50},
              core::Pause{std::chrono::seconds(10)}, core::Analyze{std::chrono::seconds(10)}});
  spec.analysis.on_hold.after = std::chrono::seconds(60);
  spec.analysis.on_unknown.after = std::chrono::seconds(60);
  if (Happens(chance, 0.3)) spec.on_new_commit = core::RolloutSpec::OnNewCommit::kQueue;
  return spec;
}

class Life {
 public:
  explicit Life(uint64_t seed)
      : chance_(seed), spec_(AnySpec(chance_)), world_(spec_, {"0000000abc"}) {}

  // "" or the promise that was broken.
  std::string Play() {
    world_.chance = &chance_;
    world_.fault_rate = 0.05;
    world_.scrape_every = std::chrono::seconds(2);
    world_.endpoint_delay = std::chrono::milliseconds(300);
    world_.Push(AnyVersion(chance_, ++commits_));
    for (int i = 0; i < kFaultyTicks && world_.Broken().empty(); ++i) {
      Disturb();
      Step(std::chrono::seconds(1 + Below(chance_, 6)));
    }
    world_.chance = nullptr;
    world_.git_up = world_.prometheus_up = world_.gateway_up = true;
    world_.suspended = false;
    for (int i = 0; i < kCalmTicksMax && world_.Broken().empty() && !Settled(); ++i) {
      const auto* trial = std::get_if<core::Trial>(&world_.status().position);
      if (trial && trial->paused) Ask("resume");
      Step(std::chrono::seconds(5));
    }
    if (world_.Broken().empty() && !Settled()) return "it does not settle; " + world_.Show();
    return world_.Broken();
  }

 private:
  void Disturb() {
    if (Happens(chance_, 0.04)) world_.Push(AnyVersion(chance_, ++commits_));
    if (Happens(chance_, 0.03)) world_.KillCanaryPods();
    if (Happens(chance_, 0.03)) world_.Restart();
    if (Happens(chance_, 0.05)) world_.prometheus_up = !world_.prometheus_up;
    if (Happens(chance_, 0.03)) world_.gateway_up = !world_.gateway_up;
    if (Happens(chance_, 0.03)) world_.git_up = !world_.git_up;
    if (Happens(chance_, 0.01)) world_.suspended = !world_.suspended;
    static const char* kVerbs[] = {"promote", "abort", "pause", "resume", "skip-step", "retry"};
    if (Happens(chance_, 0.06)) Ask(kVerbs[Below(chance_, std::size(kVerbs))]);
  }

  void Ask(const std::string& verb) {
    world_.Ask(verb);
    if (verb == "promote" || verb == "skip-step") pushed_by_people_ = true;
  }

  void Step(core::Duration time) {
    world_.Pass(time);
    const core::RolloutStatus before = world_.status();
    const std::optional<Decision> decision = world_.Tick();
    if (!decision) return;
    if (std::holds_alternative<core::Stable>(before.position)) pushed_by_people_ = false;
    CheckEvidence(before, *decision);
  }

  // A step of analysis is passed, and a candidate promoted, only by evidence or by people.
  void CheckEvidence(const core::RolloutStatus& before, const Decision& decision) {
    const auto* was = std::get_if<core::Trial>(&before.position);
    if (!was || (decision.answer && decision.answer->accepted)) return;
    const auto* is = std::get_if<core::Trial>(&decision.next.position);
    const bool promoting = std::holds_alternative<core::Promoting>(decision.next.position);
    const bool passed = promoting || (is && is->step > was->step);
    const core::Step& step = spec_.steps[static_cast<size_t>(was->step)];
    if (!passed || !std::holds_alternative<core::Analyze>(step)) return;
    if (is) {
      for (const core::Evidence& e : is->evidence) {
        if (e.verdict != core::Verdict::kPass) world_.Break("a step passed by " + e.why);
      }
      if (is->evidence.empty()) world_.Break("a step passed without evidence");
    }
    if (promoting && !pushed_by_people_ &&
        world_.stable().gated_hash != was->candidate.gated_hash && world_.CanaryIsBad())
      world_.Break("a bad candidate is promoted");
  }

  bool Settled() const {
    const core::Position& position = world_.status().position;
    const bool same = world_.wanted().gated_hash == world_.stable().gated_hash;
    if (std::holds_alternative<core::Stable>(position)) return same;
    const auto* held = std::get_if<core::Held>(&position);
    return held && held->candidate.gated_hash == world_.wanted().gated_hash && !same;
  }

  Chance chance_;
  core::RolloutSpec spec_;
  World world_;
  int commits_ = 0;
  bool pushed_by_people_ = false;
};

TEST(SimulationTest, KeepsItsPromisesWhateverHappens) {
  const char* one = std::getenv("HEADGATE_SEED");
  const char* runs = std::getenv("HEADGATE_RUNS");
  const uint64_t first = one ? std::strtoull(one, nullptr, 10) : 1;
  const uint64_t last = one ? first : runs ? std::strtoull(runs, nullptr, 10) : kRuns;
  for (uint64_t seed = first; seed <= last; ++seed) {
    const std::string broken = Life(seed).Play();
    ASSERT_EQ(broken, "") << "HEADGATE_SEED=" << seed;
  }
}

}  // namespace
}  // namespace headgate::rollout
