#include "deploy/hooks.h"

#include <gtest/gtest.h>

#include <map>

#include "core/json.h"
#include "tests/unit/deploy/parsed.h"

namespace headgate::deploy {
namespace {

constexpr const char* kPre = "'argocd.argoproj.io/hook':'PreSync'";
constexpr const char* kSucceeded = "'argocd.argoproj.io/hook-delete-policy':'HookSucceeded'";
constexpr const char* kDone = "'conditions':[{'type':'Complete','status':'True'}]";
constexpr const char* kFailed =
    "'conditions':[{'type':'Failed','status':'True','reason':'BackoffLimitExceeded','message':"
    "'Job has reached the specified backoff limit'}]";

core::Value Job(const std::string& name, const std::string& annotations,
                const std::string& status = "", const std::string& kind = "batch/v1 Job") {
  const size_t blank = kind.find(' ');
  return Parsed("{'apiVersion':'" + kind.substr(0, blank) + "','kind':'" + kind.substr(blank + 1) +
                "','metadata':{'name':'" + name + "','namespace':'shop','annotations':{" +
                annotations + "}},'status':{" + status + "}}");
}

// A cluster that holds what is put into it.
struct World {
  core::Objects bundle;
  HookRun run{
      .bundle = "0123456789abcdef0123", .first = false, .attempt = 0, .finished = {}, .failed = ""};
  std::map<core::ObjectRef, std::shared_ptr<const core::Value>> live;

  void Put(core::Value body) {
    const core::ObjectRef ref = core::RefOf(body);
    live[ref] = std::make_shared<const core::Value>(std::move(body));
  }
  std::string Next(HookPhase phase = HookPhase::kPre, std::optional<int> wave_max = {}) {
    const HookMoves moves = NextHookMoves(bundle, phase, run, wave_max, [&](const auto& ref) {
      const auto found = live.find(ref);
      return found == live.end() ? nullptr : found->second;
    });
    std::string text;
    for (const auto& item : moves.remove) text += "-" + item.ref.name + " ";
    for (const auto& object : moves.create) text += "+" + core::NameOf(object.body) + " ";
    for (const auto& key : moves.finished) text += "done[" + key + "] ";
    if (!moves.failed.empty()) text += "failed[" + moves.failed + "] ";
    if (!moves.waiting.empty()) text += "waits[" + moves.waiting + "]";
    return moves.done() ? "done" : text;
  }
  std::string Of() const { return "'headgate.dev/hook-run':'" + run.Tag() + "'"; }
};

TEST(HooksTest, CreatesWaitsAndFinishes) {
  World world;
  world.bundle = {{Job("migrate", kPre), ""}, {Job("web", ""), ""}};
  EXPECT_EQ(world.Next(), "+migrate waits[Pre hook Job shop/migrate: begins]");
  world.Put(Job("migrate", world.Of()));
  EXPECT_EQ(world.Next(), "waits[Pre hook Job shop/migrate: 0 of 1 pod completed]");
  world.Put(Job("migrate", world.Of(), kDone));
  EXPECT_EQ(world.Next(), "done[Pre Job shop/migrate] ");
  world.run.finished = {"Pre Job shop/migrate"};
  EXPECT_EQ(world.Next(), "done");
  world.live.clear();  // somebody has tidied up
  EXPECT_EQ(world.Next(), "done");
}

TEST(HooksTest, SaysWhatFailedAndStops) {
  World world;
  world.bundle = {{Job("migrate", kPre), ""},
                  {Job("later", std::string(kPre) + ",'argocd.argoproj.io/sync-wave':'1'"), ""}};
  world.Put(Job("migrate", world.Of(), kFailed));
  EXPECT_EQ(world.Next(),
            "failed[Pre hook Job shop/migrate failed: BackoffLimitExceeded: Job has reached "
            "the specified backoff limit] ");
}

TEST(HooksTest, RunsAgainAfterAFailureWhenAsked) {
  World world;
  world.bundle = {{Job("migrate", kPre), ""}};
  world.Put(Job("migrate", world.Of(), kFailed));
  world.run.failed = "Pre hook ...";
  world.run.TryAgain();
  EXPECT_EQ(world.Next(), "-migrate waits[Pre hook Job shop/migrate: an earlier one is deleted]");
}

TEST(HooksTest, RemovesWhatAnEarlierBundleLeft) {
  World world;
  world.bundle = {{Job("migrate", kPre), ""}};
  world.Put(Job("migrate", "'headgate.dev/hook-run':'another-0'", kDone));
  EXPECT_EQ(world.Next(), "-migrate waits[Pre hook Job shop/migrate: an earlier one is deleted]");
}

TEST(HooksTest, GoesByWeightAndRunsEqualOnesTogether) {
  World world;
  const std::string late = std::string(kPre) + ",'argocd.argoproj.io/sync-wave':'2'";
  world.bundle = {{Job("z", late), ""}, {Job("b", kPre), ""}, {Job("a", kPre), ""}};
  EXPECT_EQ(world.Next(), "+a +b waits[Pre hook Job shop/a: begins]");
  EXPECT_EQ(world.Next(HookPhase::kPre, -1), "done");  // only those up to a wave
}

TEST(HooksTest, RunsHelmsOneByOne) {
  World world;
  const char* helm = "'helm.sh/hook':'pre-upgrade'";
  world.bundle = {
      {Job("b", helm), ""}, {Job("settings", helm, "", "v1 ConfigMap"), ""}, {Job("a", helm), ""}};
  EXPECT_EQ(world.Next(), "+settings waits[Pre hook ConfigMap shop/settings: begins]");
  world.Put(Job("settings", world.Of(), "", "v1 ConfigMap"));
  EXPECT_EQ(world.Next(),
            "+a done[Pre ConfigMap shop/settings] waits[Pre hook Job shop/a: begins]");
}

TEST(HooksTest, TellsInstallFromUpgrade) {
  World world;
  world.bundle = {{Job("seed", "'helm.sh/hook':'pre-install'"), ""},
                  {Job("migrate", "'helm.sh/hook':'pre-upgrade'"), ""}};
  EXPECT_EQ(world.Next(), "+migrate waits[Pre hook Job shop/migrate: begins]");
  world.run.first = true;
  EXPECT_EQ(world.Next(), "+seed waits[Pre hook Job shop/seed: begins]");
}

TEST(HooksTest, DeletesWhatItsPolicySays) {
  World world;
  world.bundle = {{Job("migrate", std::string(kPre) + "," + kSucceeded), ""}};
  world.Put(Job("migrate", world.Of(), kDone));
  EXPECT_EQ(world.Next(), "-migrate done[Pre Job shop/migrate] ");
  world.run.finished = {"Pre Job shop/migrate"};
  EXPECT_EQ(world.Next(), "-migrate ");  // the first try was lost
}

TEST(HooksTest, WaitsForPods) {
  World world;
  world.bundle = {{Job("check", "'argocd.argoproj.io/hook':'PostSync'", "", "v1 Pod"), ""}};
  world.Put(Job("check", world.Of(), "'phase':'Running'", "v1 Pod"));
  EXPECT_EQ(world.Next(HookPhase::kPost).substr(0, 36), "waits[Post hook Pod shop/check: Runn");
  world.Put(Job("check", world.Of(), "'phase':'Failed'", "v1 Pod"));
  EXPECT_EQ(world.Next(HookPhase::kPost).substr(0, 40), "failed[Post hook Pod shop/check failed: ");
  world.Put(Job("check", world.Of(), "'phase':'Succeeded'", "v1 Pod"));
  EXPECT_EQ(world.Next(HookPhase::kPost), "done[Post Pod shop/check] ");
}

TEST(HooksTest, TakesNoFailedFailHookForAFailure) {
  World world;
  world.bundle = {{Job("tell", "'argocd.argoproj.io/hook':'SyncFail'"), ""}};
  world.Put(Job("tell", world.Of(), kFailed));
  EXPECT_EQ(world.Next(HookPhase::kFail), "done[Fail Job shop/tell] ");
}

TEST(HooksTest, AreNoPartOfWhatIsDeployed) {
  const core::Objects bundle = {{Job("web", ""), ""},
                                {Job("migrate", kPre), ""},
                                {Job("test", "'helm.sh/hook':'test'"), ""},
                                {Job("crd", "'helm.sh/hook':'crd-install'"), ""}};
  std::string names;
  for (const core::Object& object : WithoutHooks(bundle)) names += core::NameOf(object.body) + " ";
  EXPECT_EQ(names, "web crd ");
  EXPECT_TRUE(HasHooks(bundle));
}

TEST(HooksTest, StandOnTheirNamespacesAndKinds) {
  const core::Objects bundle = {
      {Parsed("{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'shop'}}"), ""},
      {Parsed("{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'other'}}"), ""},
      {Job("migrate", kPre), ""}};
  const core::Objects ground = GroundOf(HooksOf(bundle, HookPhase::kPre, false), bundle);
  ASSERT_EQ(ground.size(), 1u);
  EXPECT_EQ(core::NameOf(ground[0].body), "shop");
}

TEST(HooksTest, AreRememberedAsAValue) {
  HookRun run{
      .bundle = "abc", .first = true, .attempt = 2, .finished = {"Pre Job s/j"}, .failed = "why"};
  EXPECT_EQ(HookRunFrom(ToValue(run)), run);
  EXPECT_EQ(HookRunFrom(core::Value("nonsense")), HookRun());
}

}  // namespace
}  // namespace headgate::deploy
