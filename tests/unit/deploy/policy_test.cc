#include "deploy/annotations/policy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "tests/unit/deploy/parsed.h"

namespace headgate::deploy {
namespace {

// A policy as one line: only what is not the default.
std::string Shown(const core::Result<Policy>& read) {
  if (!read) return "error: " + read.error().text();
  const Policy& policy = *read;
  std::string text;
  const auto add = [&](const std::string& word) { text += (text.empty() ? "" : " ") + word; };
  if (policy.apply != ApplyMode::kOverride) add(std::string(Show(policy.apply)));
  if (policy.left_out) add("left-out");
  if (policy.wave) add(fmt::format("wave={}", *policy.wave));
  if (policy.hook) {
    for (const auto& [phase, when] : policy.hook->phases) {
      add(fmt::format("{}{}", Show(phase),
                      when.first && when.later ? ""
                      : when.first             ? "/first"
                                               : "/later"));
    }
    add(fmt::format("delete={}{}{}", policy.hook->delete_before ? "b" : "",
                    policy.hook->delete_when_done ? "d" : "",
                    policy.hook->delete_when_failed ? "f" : ""));
  }
  const char* kMayPrune[] = {"", "confirmed", "no"};
  if (policy.prune != MayPrune::kYes)
    add(fmt::format("prune={}", kMayPrune[static_cast<int>(policy.prune)]));
  if (policy.delete_with_application != MayPrune::kYes)
    add(fmt::format("delete-with={}", kMayPrune[static_cast<int>(policy.delete_with_application)]));
  if (policy.prune_last) add("prune-last");
  if (policy.ignore_extraneous) add("ignore-extraneous");
  for (const core::ObjectRef& ref : policy.depends_on) add("needs[" + core::Show(ref) + "]");
  if (!policy.groups.empty()) add(fmt::format("in={}", fmt::join(policy.groups, ",")));
  if (!policy.after.empty()) add(fmt::format("after={}", fmt::join(policy.after, ",")));
  if (!policy.before.empty()) add(fmt::format("before={}", fmt::join(policy.before, ",")));
  return text;
}

struct Case {
  const char* name;
  const char* annotations;
  const char* want;
};

const Case kCases[] = {
    {"Nothing", "'a':'b'", ""},
    {"OwnApply", "'headgate.dev/apply':'IfNotPresent'", "IfNotPresent"},
    {"OwnApplyWrong", "'headgate.dev/apply':'Always'",
     "error: ConfigMap shop/c: annotation headgate.dev/apply: Override, Merge, IfNotPresent, "
     "Ignore, Replace or Recreate was expected, not \"Always\""},
    {"OwnPrune", "'headgate.dev/prune':'disabled'", "prune=no delete-with=no"},
    {"ArgoOptions",
     "'argocd.argoproj.io/sync-options':'Prune=false, Replace=true,ServerSideApply=true'",
     "Replace prune=no"},
    {"ArgoForce", "'argocd.argoproj.io/sync-options':'Force=true,PruneLast=true'",
     "Recreate prune-last"},
    {"ArgoConfirm", "'argocd.argoproj.io/sync-options':'Prune=confirm,Delete=confirm'",
     "prune=confirmed delete-with=confirmed"},
    {"ArgoDelete", "'argocd.argoproj.io/sync-options':'Delete=false'", "delete-with=no"},
    {"ArgoExtraneous", "'argocd.argoproj.io/compare-options':'IgnoreExtraneous'",
     "ignore-extraneous"},
    {"Wave", "'argocd.argoproj.io/sync-wave':'-5'", "wave=-5"},
    {"WavePlus", "'argocd.argoproj.io/sync-wave':'+3'", "wave=3"},
    {"WaveWrong", "'argocd.argoproj.io/sync-wave':'first'",
     "error: ConfigMap shop/c: annotation argocd.argoproj.io/sync-wave: a whole number was "
     "expected, not \"first\""},
    {"WaveTooLarge", "'argocd.argoproj.io/sync-wave':'99999999999'",
     "error: ConfigMap shop/c: annotation argocd.argoproj.io/sync-wave: a whole number was "
     "expected, not \"99999999999\""},
    {"ArgoHook", "'argocd.argoproj.io/hook':'PreSync,PostSync'", "Pre Post delete=b"},
    {"ArgoHookDeletion",
     "'argocd.argoproj.io/hook':'SyncFail','argocd.argoproj.io/"
     "hook-delete-policy':'HookSucceeded,HookFailed'",
     "Fail delete=df"},
    {"ArgoSkip", "'argocd.argoproj.io/hook':'Skip'", "left-out"},
    {"ArgoHookWrong", "'argocd.argoproj.io/hook':'BeforeSync'",
     "error: ConfigMap shop/c: annotation argocd.argoproj.io/hook: PreSync, Sync, PostSync, "
     "SyncFail, PreDelete, PostDelete or Skip was expected, not \"BeforeSync\""},
    {"HelmHook",
     "'helm.sh/hook':'pre-install,pre-upgrade','helm.sh/hook-weight':'-1',"
     "'helm.sh/hook-delete-policy':'before-hook-creation,hook-succeeded'",
     "wave=-1 Pre delete=bd"},
    {"HelmInstallOnly", "'helm.sh/hook':'post-install'", "Post/first delete=b"},
    {"HelmUpgradeOnly", "'helm.sh/hook':'pre-upgrade, post-delete'",
     "Pre/later PostDelete delete=b"},
    {"HelmTest", "'helm.sh/hook':'test'", "left-out"},
    {"HelmRollback", "'helm.sh/hook':'pre-rollback'", "left-out"},
    {"HelmRollbackToo", "'helm.sh/hook':'pre-upgrade,pre-rollback'", "Pre/later delete=b"},
    {"HelmCrdInstall", "'helm.sh/hook':'crd-install'", ""},
    {"HelmWrong", "'helm.sh/hook':'before-install'",
     "error: ConfigMap shop/c: annotation helm.sh/hook: pre- or post- with install, upgrade, "
     "delete or rollback, or test was expected, not \"before-install\""},
    {"ArgoBeforeHelm", "'helm.sh/hook':'pre-install','argocd.argoproj.io/hook':'PostSync'",
     "Post delete=b"},
    {"HelmKeep", "'helm.sh/resource-policy':'keep'", "prune=no delete-with=no"},
    {"FluxMerge", "'kustomize.toolkit.fluxcd.io/ssa':'Merge'", "Merge"},
    {"FluxSsaWrong", "'kustomize.toolkit.fluxcd.io/ssa':'Never'",
     "error: ConfigMap shop/c: annotation kustomize.toolkit.fluxcd.io/ssa: Override, Merge, "
     "IfNotPresent or Ignore was expected, not \"Never\""},
    {"FluxForce", "'kustomize.toolkit.fluxcd.io/force':'Enabled'", "Recreate"},
    {"FluxPrune", "'kustomize.toolkit.fluxcd.io/prune':'Disabled'", "prune=no delete-with=no"},
    {"FluxReconcile", "'kustomize.toolkit.fluxcd.io/reconcile':'disabled'",
     "Ignore prune=no delete-with=no"},
    {"OwnWordIsLast",
     "'headgate.dev/apply':'Override','argocd.argoproj.io/sync-options':'Replace=true'", ""},
    {"DependsOn",
     "'config.kubernetes.io/depends-on':'apps/namespaces/shop/Deployment/"
     "db,/namespaces/shop/Pod/p, rbac.authorization.k8s.io/ClusterRole/admin'",
     "needs[Deployment shop/db] needs[Pod shop/p] "
     "needs[ClusterRole admin]"},
    {"DependsOnWrong", "'config.kubernetes.io/depends-on':'Deployment/db'",
     "error: ConfigMap shop/c: annotation config.kubernetes.io/depends-on: "
     "GROUP/namespaces/NAMESPACE/KIND/NAME or GROUP/KIND/NAME was expected, not "
     "\"Deployment/db\""},
    {"Kapp",
     "'kapp.k14s.io/change-group':'a/db','kapp.k14s.io/change-group.2':'a/all',"
     "'kapp.k14s.io/change-rule':'upsert after upserting a/ns','kapp.k14s.io/"
     "change-rule.1':'upsert before upserting a/web','kapp.k14s.io/change-rule.2':'delete after "
     "deleting a/web'",
     "in=a/db,a/all after=a/ns before=a/web"},
    {"KappWrong", "'kapp.k14s.io/change-rule':'after a/db'",
     "error: ConfigMap shop/c: annotation kapp.k14s.io/change-rule: \"upsert after upserting "
     "GROUP\" or the like was expected, not \"after a/db\""},
};

class PolicyTest : public testing::TestWithParam<Case> {};
TEST_P(PolicyTest, ReadsAnnotations) {
  const core::Value body =
      Parsed(std::string("{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'c','namespace':"
                         "'shop','annotations':{") +
             GetParam().annotations + "}}}");
  std::string got = Shown(PolicyOf(body));
  std::string want = GetParam().want;
  EXPECT_EQ(got, want);
}
INSTANTIATE_TEST_SUITE_P(Annotations, PolicyTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace headgate::deploy
