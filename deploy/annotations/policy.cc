#include "deploy/annotations/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "core/application.h"
#include "deploy/annotations/words.h"

namespace headgate::deploy {
namespace {

using Words = std::vector<std::string>;

core::Error Wrong(std::string_view annotation, std::string_view value, std::string_view expected) {
  return core::Invalid(
      fmt::format("annotation {}: {} was expected, not \"{}\"", annotation, expected, value));
}

// A meaning of one word of an annotation.
struct Meaning {
  std::string_view word;
  void (*set)(Policy*);
};

template <size_t n>
const Meaning* Find(const Meaning (&meanings)[n], std::string_view word) {
  const auto* found = std::find_if(std::begin(meanings), std::end(meanings),
                                   [&](const Meaning& each) { return each.word == word; });
  return found == std::end(meanings) ? nullptr : found;
}

Hook& HookOf(Policy* policy) {
  if (!policy->hook) policy->hook.emplace();
  return *policy->hook;
}
template <HookPhase phase>
void RunAt(Policy* policy) {
  HookOf(policy).phases[phase] = {true, true};
}
template <HookPhase phase>
void RunFirst(Policy* policy) {
  HookOf(policy).phases[phase].first = true;
}
template <HookPhase phase>
void RunLater(Policy* policy) {
  HookOf(policy).phases[phase].later = true;
}
template <ApplyMode mode>
void ApplyAs(Policy* policy) {
  policy->apply = mode;
}
void LeaveOut(Policy* policy) { policy->left_out = true; }
void Nothing(Policy*) {}

constexpr Meaning kApplyModes[] = {
    {"Override", ApplyAs<ApplyMode::kOverride>},
    {"Merge", ApplyAs<ApplyMode::kMerge>},
    {"IfNotPresent", ApplyAs<ApplyMode::kIfNotPresent>},
    {"Ignore", ApplyAs<ApplyMode::kIgnore>},
    {"Replace", ApplyAs<ApplyMode::kReplace>},
    {"Recreate", ApplyAs<ApplyMode::kRecreate>},
};

constexpr Meaning kArgoSyncOptions[] = {
    {"Prune=false", [](Policy* p) { p->prune = MayPrune::kNo; }},
    {"Prune=confirm", [](Policy* p) { p->prune = MayPrune::kConfirmed; }},
    {"Delete=false", [](Policy* p) { p->delete_with_application = MayPrune::kNo; }},
    {"Delete=confirm", [](Policy* p) { p->delete_with_application = MayPrune::kConfirmed; }},
    {"Replace=true", ApplyAs<ApplyMode::kReplace>},
    {"Force=true", ApplyAs<ApplyMode::kRecreate>},
    {"PruneLast=true", [](Policy* p) { p->prune_last = true; }},
};

constexpr Meaning kArgoHooks[] = {
    {"PreSync", RunAt<HookPhase::kPre>},
    {"Sync", RunAt<HookPhase::kSync>},
    {"PostSync", RunAt<HookPhase::kPost>},
    {"SyncFail", RunAt<HookPhase::kFail>},
    {"PreDelete", RunAt<HookPhase::kPreDelete>},
    {"PostDelete", RunAt<HookPhase::kPostDelete>},
    {"Skip", LeaveOut},
};

constexpr Meaning kHelmHooks[] = {
    {"pre-install", RunFirst<HookPhase::kPre>},
    {"pre-upgrade", RunLater<HookPhase::kPre>},
    {"post-install", RunFirst<HookPhase::kPost>},
    {"post-upgrade", RunLater<HookPhase::kPost>},
    {"pre-delete", RunAt<HookPhase::kPreDelete>},
    {"post-delete", RunAt<HookPhase::kPostDelete>},
    {"pre-rollback", LeaveOut},  // only that: a rollback runs no hooks
    {"post-rollback", LeaveOut},
    {"test", LeaveOut},
    {"test-success", LeaveOut},
    {"test-failure", LeaveOut},
    {"crd-install", Nothing},  // Helm 2: an ordinary object, and definitions come first anyway
};

constexpr Meaning kFluxSsa[] = {
    {"Override", Nothing},
    {"Merge", ApplyAs<ApplyMode::kMerge>},
    {"IfNotPresent", ApplyAs<ApplyMode::kIfNotPresent>},
    {"Ignore", ApplyAs<ApplyMode::kIgnore>},
};

core::Result<int> ParseNumber(std::string_view annotation, const std::string& text) {
  int number = 0;
  const std::string trimmed = Trimmed(text);
  const char* begin = trimmed.data() + (trimmed.starts_with('+') ? 1 : 0);
  const char* end = trimmed.data() + trimmed.size();
  const auto [rest, error] = std::from_chars(begin, end, number);
  if (error != std::errc() || rest != end) return Wrong(annotation, text, "a whole number");
  return number;
}

core::Status ReadWave(const core::Value& body, Policy* policy) {
  for (const char* annotation : {"argocd.argoproj.io/sync-wave", "helm.sh/hook-weight"}) {
    const std::string& text = core::AnnotationOf(body, annotation);
    if (text.empty() || policy->wave) continue;
    core::Result<int> wave = ParseNumber(annotation, text);
    if (!wave) return wave.error();
    policy->wave = *wave;
  }
  return core::Ok();
}

void ReadDeletion(const Words& words, Policy* policy) {
  if (!policy->hook || words.empty()) return;
  const auto says = [&](std::string_view argo, std::string_view helm) {
    return std::any_of(words.begin(), words.end(),
                       [&](const std::string& word) { return word == argo || word == helm; });
  };
  policy->hook->delete_before = says("BeforeHookCreation", "before-hook-creation");
  policy->hook->delete_when_done = says("HookSucceeded", "hook-succeeded");
  policy->hook->delete_when_failed = says("HookFailed", "hook-failed");
}

// Argo CD's where there is one, else Helm's: as Argo CD reads charts.
core::Status ReadHook(const core::Value& body, Policy* policy) {
  constexpr const char* kArgo = "argocd.argoproj.io/hook";
  constexpr const char* kHelm = "helm.sh/hook";
  const Words argo = SplitWords(core::AnnotationOf(body, kArgo));
  const Words helm = SplitWords(core::AnnotationOf(body, kHelm));
  for (const std::string& word : argo) {
    const Meaning* meaning = Find(kArgoHooks, word);
    if (!meaning) {
      return Wrong(kArgo, word, "PreSync, Sync, PostSync, SyncFail, PreDelete, PostDelete or Skip");
    }
    meaning->set(policy);
  }
  if (argo.empty()) {
    for (const std::string& word : helm) {
      const Meaning* meaning = Find(kHelmHooks, word);
      if (!meaning) {
        return Wrong(kHelm, word,
                     "pre- or post- with install, upgrade, delete or rollback, or test");
      }
      meaning->set(policy);
    }
    if (policy->hook) policy->hook->one_by_one = true;
  }
  if (policy->hook && argo.empty()) policy->left_out = false;  // "pre-upgrade,pre-rollback"
  ReadDeletion(SplitWords(core::AnnotationOf(body, argo.empty() ? "helm.sh/hook-delete-policy"
                                                                : "argocd.argoproj.io/"
                                                                  "hook-delete-policy")),
               policy);
  return core::Ok();
}

core::Status ReadFlux(const core::Value& body, Policy* policy) {
  constexpr const char* kSsa = "kustomize.toolkit.fluxcd.io/ssa";
  const std::string& ssa = core::AnnotationOf(body, kSsa);
  if (!ssa.empty()) {
    const Meaning* meaning = Find(kFluxSsa, ssa);
    if (!meaning) return Wrong(kSsa, ssa, "Override, Merge, IfNotPresent or Ignore");
    meaning->set(policy);
  }
  if (IsWord(core::AnnotationOf(body, "kustomize.toolkit.fluxcd.io/force"), "enabled")) {
    policy->apply = ApplyMode::kRecreate;
  }
  if (IsWord(core::AnnotationOf(body, "kustomize.toolkit.fluxcd.io/prune"), "disabled")) {
    policy->prune = policy->delete_with_application = MayPrune::kNo;
  }
  if (IsWord(core::AnnotationOf(body, "kustomize.toolkit.fluxcd.io/reconcile"), "disabled")) {
    policy->apply = ApplyMode::kIgnore;
    policy->prune = policy->delete_with_application = MayPrune::kNo;
  }
  return core::Ok();
}

// Whoever asks for two things gets the more careful one first, and Headgate's own word last.
core::Status ReadOwn(const core::Value& body, Policy* policy) {
  if (core::AnnotationOf(body, core::kPruneAnnotation) == "disabled") {
    policy->prune = policy->delete_with_application = MayPrune::kNo;
  }
  const std::string& apply = core::AnnotationOf(body, kApplyAnnotation);
  if (apply.empty()) return core::Ok();
  const Meaning* meaning = Find(kApplyModes, apply);
  if (!meaning) {
    return Wrong(kApplyAnnotation, apply,
                 "Override, Merge, IfNotPresent, Ignore, Replace or Recreate");
  }
  meaning->set(policy);
  return core::Ok();
}

void ReadOptions(const core::Value& body, Policy* policy) {
  for (const std::string& word :
       SplitWords(core::AnnotationOf(body, "argocd.argoproj.io/sync-options"))) {
    if (const Meaning* meaning = Find(kArgoSyncOptions, word)) meaning->set(policy);
  }
  for (const std::string& word :
       SplitWords(core::AnnotationOf(body, "argocd.argoproj.io/compare-options"))) {
    if (word == "IgnoreExtraneous") policy->ignore_extraneous = true;
  }
  if (IsWord(core::AnnotationOf(body, "helm.sh/resource-policy"), "keep")) {
    policy->prune = policy->delete_with_application = MayPrune::kNo;
  }
}

// Most objects do not.
bool SaysAnything(const core::Value& body) {
  constexpr std::string_view kPrefixes[] = {"argocd.argoproj.io/", "helm.sh/",
                                            "kustomize.toolkit.fluxcd.io/", "kapp.k14s.io/"};
  for (const core::Map::Entry& entry : body.MapAt("metadata", "annotations")) {
    const std::string_view key = entry.first;
    if (key == kApplyAnnotation || key == core::kPruneAnnotation || key == kDependsOnAnnotation)
      return true;
    if (std::any_of(std::begin(kPrefixes), std::end(kPrefixes),
                    [&](std::string_view prefix) { return key.starts_with(prefix); }))
      return true;
  }
  return false;
}

core::Status ReadOrder(const core::Value& body, Policy* policy) {
  core::Result<std::vector<core::ObjectRef>> depends =
      ParseDependsOn(core::AnnotationOf(body, kDependsOnAnnotation));
  if (!depends) return depends.error().In(fmt::format("annotation {}", kDependsOnAnnotation));
  policy->depends_on = std::move(*depends);
  return ReadKapp(body, &policy->groups, &policy->after, &policy->before);
}

}  // namespace

std::string_view Show(ApplyMode mode) {
  return kApplyModes[static_cast<size_t>(mode)].word;  // the table has the enum's order
}

std::string_view Show(HookPhase phase) {
  switch (phase) {
    case HookPhase::kPre:
      return "Pre";
    case HookPhase::kSync:
      return "Sync";
    case HookPhase::kPost:
      return "Post";
    case HookPhase::kFail:
      return "Fail";
    case HookPhase::kPreDelete:
      return "PreDelete";
    case HookPhase::kPostDelete:
      return "PostDelete";
  }
  return "?";
}

bool Hook::RunsAt(HookPhase phase, bool first_deployment) const {
  const auto at = phases.find(phase);
  if (at == phases.end()) return false;
  return first_deployment ? at->second.first : at->second.later;
}

core::Result<Policy> PolicyOf(const core::Value& body) {
  Policy policy;
  if (!SaysAnything(body)) return policy;
  ReadOptions(body, &policy);
  for (const auto read : {ReadWave, ReadHook, ReadFlux, ReadOwn, ReadOrder}) {
    if (core::Status done = read(body, &policy); !done) {
      return done.error().In(core::Show(core::RefOf(body)));
    }
  }
  return policy;
}

bool MayBeHook(const core::Value& body) {
  return !core::AnnotationOf(body, "argocd.argoproj.io/hook").empty() ||
         !core::AnnotationOf(body, "helm.sh/hook").empty();
}

MayPrune MayPruneLive(const core::Value& live) {
  const core::Result<Policy> policy = PolicyOf(live);
  return policy ? policy->prune : MayPrune::kNo;
}

MayPrune MayDeleteLive(const core::Value& live) {
  const core::Result<Policy> policy = PolicyOf(live);
  return policy ? policy->delete_with_application : MayPrune::kNo;
}

bool IsLeftAlone(const core::Value& live) {
  return core::AnnotationOf(live, kApplyAnnotation) == "Ignore" ||
         IsWord(core::AnnotationOf(live, "kustomize.toolkit.fluxcd.io/reconcile"), "disabled");
}

}  // namespace headgate::deploy
