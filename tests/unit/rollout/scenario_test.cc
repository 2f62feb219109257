#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/unit/rollout/world.h"

// Transcripts: tests/scenarios/rollout/*.txt. Commands, "----", what happened, an empty line. What
// begins with # is for readers. UPDATE_GOLDEN=1 writes what happened.
namespace headgate::rollout {
namespace {

std::vector<core::Step> ParseSteps(std::istream& words) {
  std::vector<core::Step> steps;
  std::string word;
  while (words >> word) {
    std::string argument;
    if (word == "weight") {
      words >> argument;
      steps.push_back(core::SetWeight{std::stoi(argument)});
    } else if (word == "analyze") {
      words >> argument;
      steps.push_back(core::Analyze{*core::ParseDuration(argument)});
    } else if (word == "pause") {
      words >> argument;
      steps.push_back(core::Pause{*core::ParseDuration(argument)});
    } else if (word == "stop") {
      steps.emplace_back(core::Pause{});
    } else if (word == "scale" || word == "replicas") {
      words >> argument;
      steps.emplace_back(core::SetCanaryScale{
          word == "scale" ? core::SetCanaryScale::By::kWeight : core::SetCanaryScale::By::kReplicas,
          std::stoi(argument)});
    } else if (word == "header" || word == "header-away") {
      core::SetHeaderRoute route;
      words >> route.name;
      if (word == "header") route.match = {{"X-Beta", core::HeaderMatch::How::kExact, "yes"}};
      steps.emplace_back(std::move(route));
    } else if (word == "mirror") {
      words >> argument;
      steps.emplace_back(core::SetMirror{std::stoi(argument)});
    } else if (word == "gate" || word == "gate-or-back" || word == "gate-for") {
      core::Gate gate;
      gate.name = "freeze";
      if (word == "gate-or-back") gate.on_refusal = core::Gate::OnRefusal::kRollback;
      if (word == "gate-for") {
        words >> argument;
        gate.deadline = *core::ParseDuration(argument);
      }
      steps.emplace_back(std::move(gate));
    } else if (word == "baseline" || word == "baseline-away") {
      steps.emplace_back(core::SetBaseline{word == "baseline"});
    } else if (word == "job") {
      steps.emplace_back(core::Job{"smoke", core::Value()});
    } else {
      EXPECT_EQ(word, "approve");
      steps.push_back(core::Approve{});
    }
  }
  return steps;
}

// A story: the world it plays in, and what was seen.
class Story {
 public:
  std::string Play(const std::string& command) {
    std::istringstream words(command);
    std::string verb;
    words >> verb;
    if (verb == "steps") {
      spec_ = SpecOf(ParseSteps(words));
    } else if (verb == "policy") {
      SetPolicy(words);
    } else if (verb == "queue") {
      spec_.on_new_commit = core::RolloutSpec::OnNewCommit::kQueue;
    } else {
      return Act(verb, words);
    }
    return "";
  }
  World& world() {
    if (!world_) world_.emplace(spec_, Version{"1111111aaaa"});
    return *world_;
  }

 private:
  void SetPolicy(std::istream& words) {
    std::string which, after, action;
    words >> which >> after >> action;
    core::Policy& policy = which == "hold" ? spec_.analysis.on_hold : spec_.analysis.on_unknown;
    policy.after = *core::ParseDuration(after);
    policy.action = action == "pause"      ? core::Policy::Action::kPause
                    : action == "rollback" ? core::Policy::Action::kRollback
                                           : core::Policy::Action::kContinue;
  }

  std::string Act(const std::string& verb, std::istream& words) {
    std::string first, second;
    words >> first;
    if (verb == "push") {  // push REVISION image=... config=... note=...
      Version version{first};
      while (words >> second) {
        const std::string value = second.substr(second.find('=') + 1);
        (second.starts_with("image")    ? version.image
         : second.starts_with("config") ? version.config
                                        : version.note) = value;
      }
      world().Push(version);
    } else if (verb == "run") {
      return Run(*core::ParseDuration(first));
    } else if (verb == "down") {  // the controller is away for so long
      world().Pass(*core::ParseDuration(first));
      world().Restart();
    } else if (verb == "ask") {
      words >> second;
      world().Ask(first, second);
    } else if (verb == "kill") {
      world().KillCanaryPods();
    } else if (verb == "webhook") {  // what it answers from now on; 0: nothing
      world().gate_answer = std::stoi(first);
    } else if (verb == "jobs") {  // jobs fail, jobs succeed
      world().job_fails = first == "fail";
    } else if (verb == "rate") {
      world().rate = std::stod(first);
    } else if (verb == "endpoints") {  // so long after a pod is ready
      world().endpoint_delay = *core::ParseDuration(first);
    } else {
      Switch(verb, first == "up" || first == "on");
    }
    return "";
  }

  void Switch(const std::string& what, bool on) {
    bool* found = what == "git"          ? &world().git_up
                  : what == "prometheus" ? &world().prometheus_up
                  : what == "gateway"    ? &world().gateway_up
                  : what == "suspend"    ? &world().suspended
                                         : nullptr;
    ASSERT_NE(found, nullptr) << "no such command: " << what;
    *found = on;
  }

  std::string Run(core::Duration time) {
    std::string seen;
    const core::Time end = world().now() + time;
    std::string why;
    while (world().now() < end) {
      world().Pass(std::chrono::seconds(1));
      const std::optional<Decision> decision = world().Tick();
      EXPECT_TRUE(decision);
      const auto at =
          std::chrono::duration_cast<std::chrono::seconds>(world().now() - core::HandClock::kStart);
      for (const Event& event : decision->events)
        seen += fmt::format("{}s {}{}: {}\n", at.count(), event.warning ? "!" : "", event.reason,
                            event.message);
      if (decision->answer) seen += fmt::format("{}s {}\n", at.count(), decision->answer->message);
      EXPECT_EQ(world().Broken(), "");
      why = decision->why;
    }
    return seen + world().Show() + "\n" + why + "\n";
  }

  core::RolloutSpec spec_ = SpecOf({core::SetWeight{10}, core::Analyze{std::chrono::seconds(20)}});
  std::optional<World> world_;
};

// The transcript as it should read.
std::string Replay(std::istream& script) {
  Story story;
  std::string written, happened, line;
  bool answers = false;
  while (std::getline(script, line)) {
    if (answers && !line.empty()) continue;
    if (answers) {
      answers = false;
      happened.clear();
    }
    written += line + "\n";
    if (line == "----") {
      written += happened;
      answers = true;
    } else if (!line.empty() && line[0] != '#') {
      happened += story.Play(line);
    }
    if (answers) written += "";
  }
  return written;
}

class ScenarioTest : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(ScenarioTest, GoesAsWritten) {
  std::ifstream file(GetParam());
  std::stringstream want;
  want << file.rdbuf();
  std::istringstream script(want.str());
  const std::string happened = Replay(script);
  const char* update = std::getenv("UPDATE_GOLDEN");
  if (update && std::string(update) == "1") {
    std::ofstream(GetParam()) << happened;
  } else {
    EXPECT_EQ(happened, want.str());
  }
}

std::vector<std::filesystem::path> Scripts() {
  std::vector<std::filesystem::path> scripts;
  for (const auto& entry : std::filesystem::directory_iterator(HEADGATE_SCENARIOS))
    scripts.push_back(entry.path());
  std::sort(scripts.begin(), scripts.end());
  return scripts;
}

INSTANTIATE_TEST_SUITE_P(Rollout, ScenarioTest, testing::ValuesIn(Scripts()),
                         [](const auto& test) { return test.param.stem().string(); });

}  // namespace
}  // namespace headgate::rollout
