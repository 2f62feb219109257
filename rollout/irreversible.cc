#include "rollout/irreversible.h"

#include <fmt/format.h>

#include <algorithm>

namespace headgate::rollout {
namespace {

const core::Object* Find(const core::Objects& objects, const core::ObjectRef& ref) {
  const auto at = std::find_if(objects.begin(), objects.end(), [&](const core::Object& object) {
    return core::RefOf(object.body) == ref;
  });
  return at == objects.end() ? nullptr : &*at;
}

// Labels and annotations carry nothing away.
core::Value Substance(const core::Value& body) {
  core::Value substance = body;
  if (core::Value* metadata = substance.Find("metadata"); metadata && metadata->AsMap()) {
    metadata->AsMap()->Erase("labels");
    metadata->AsMap()->Erase("annotations");
  }
  return substance;
}

// Hooks run when they are told to, before and after trials (argocd.argoproj.io/hook, helm.sh/hook).
bool IsHook(const core::Value& body) {
  const core::Map& annotations = body.MapAt("metadata", "annotations");
  return std::any_of(annotations.begin(), annotations.end(),
                     [](const auto& entry) { return entry.first.ends_with("/hook"); });
}

bool IsJob(const core::Value& body) { return core::IsKind(body, "batch", "Job"); }

}  // namespace

Sharing SharingOf(const core::Value& body) {
  const bool irreversible =
      core::IsKind(body, "apiextensions.k8s.io", "CustomResourceDefinition") ||
      core::IsKind(body, "", "PersistentVolumeClaim") ||
      core::IsKind(body, "", "PersistentVolume") || core::IsKind(body, "apps", "StatefulSet") ||
      IsJob(body) || core::IsKind(body, "", "Namespace") ||
      core::IsKind(body, "storage.k8s.io", "StorageClass");
  return irreversible && !IsHook(body) ? Sharing::kIrreversible : Sharing::kShared;
}

std::vector<std::string> IrreversibleChanges(const core::Objects& stable,
                                             const core::Objects& candidate) {
  std::vector<std::string> changes;
  for (const core::Object& theirs : candidate) {
    if (SharingOf(theirs.body) != Sharing::kIrreversible) continue;
    const core::ObjectRef ref = core::RefOf(theirs.body);
    const core::Object* ours = Find(stable, ref);
    if (!ours && IsJob(theirs.body)) changes.push_back(core::Show(ref) + " would run");
    if (ours && !(Substance(ours->body) == Substance(theirs.body)))
      changes.push_back(core::Show(ref) + " is changed");
  }
  for (const core::Object& ours : stable) {
    if (SharingOf(ours.body) != Sharing::kIrreversible || IsJob(ours.body)) continue;
    const core::ObjectRef ref = core::RefOf(ours.body);
    if (!Find(candidate, ref)) changes.push_back(core::Show(ref) + " is removed");
  }
  return changes;
}

}  // namespace headgate::rollout
