#include "rollout/needs.h"

#include <algorithm>
#include <string>

#include "core/application.h"
#include "rollout/config.h"
#include "rollout/selectors.h"
#include "rollout/variants.h"

namespace headgate::rollout {
namespace {

using core::Value;

// Kind and name of what pods name by themselves, in the workload's own namespace.
using Named = std::set<std::pair<std::string, std::string>>;

Named NamedBy(const Value& workload) {
  Named named;
  const Value* pods = core::PodTemplateOf(workload);
  if (!pods) return named;
  Value scratch = *pods;
  ForEachConfig(&scratch,
                [&](std::string_view kind, std::string* name) { named.emplace(kind, *name); });
  for (const Value& secret : pods->ListAt("spec", "imagePullSecrets"))
    named.emplace("Secret", secret.StringAt("name"));
  for (const Value& volume : pods->ListAt("spec", "volumes"))
    named.emplace("PersistentVolumeClaim", volume.StringAt("persistentVolumeClaim", "claimName"));
  named.emplace("ServiceAccount", pods->StringAt("spec", "serviceAccountName"));
  named.emplace("PriorityClass", pods->StringAt("spec", "priorityClassName"));
  named.emplace("RuntimeClass", pods->StringAt("spec", "runtimeClassName"));
  return named;
}

bool ScalesOrSelects(const Value& body, const Value& workload) {
  if (body.StringAt("kind") == "HorizontalPodAutoscaler")
    return body.StringAt("spec", "scaleTargetRef", "kind") == workload.StringAt("kind") &&
           body.StringAt("spec", "scaleTargetRef", "name") == core::NameOf(workload);
  if (core::IsKind(body, "networking.k8s.io", "NetworkPolicy")) {
    const Value* selector = body.Find("spec", "podSelector");
    return selector && Selects(*selector, PodLabelsOf(workload));
  }
  return SelectsPods(body, PodLabelsOf(workload));
}

bool IsNeededBy(const Value& body, const Value& workload, const Named& named) {
  if (!SamePlace(core::NamespaceOf(body), core::NamespaceOf(workload))) return false;
  return named.contains({body.StringAt("kind"), core::NameOf(body)}) ||
         ScalesOrSelects(body, workload);
}

// Bindings of the accounts, and the roles that they bind.
void AddRights(const core::Objects& bundle, const std::set<std::string>& accounts,
               std::set<core::ObjectRef>* needs) {
  Named roles;
  for (const core::Object& object : bundle) {
    const core::List& subjects = object.body.ListAt("subjects");
    const bool binds = std::any_of(subjects.begin(), subjects.end(), [&](const Value& subject) {
      return subject.StringAt("kind") == "ServiceAccount" &&
             accounts.contains(subject.StringAt("name"));
    });
    if (!binds || !object.body.StringAt("kind").ends_with("RoleBinding")) continue;
    needs->insert(core::RefOf(object.body));
    roles.emplace(object.body.StringAt("roleRef", "kind"), object.body.StringAt("roleRef", "name"));
  }
  for (const core::Object& object : bundle) {
    if (roles.contains({object.body.StringAt("kind"), core::NameOf(object.body)}))
      needs->insert(core::RefOf(object.body));
  }
}

}  // namespace

std::set<core::ObjectRef> NeedsOf(const core::Objects& bundle, const core::RolloutSpec& spec) {
  std::set<core::ObjectRef> needs;
  std::set<std::string> accounts;
  for (const core::Object* workload : GatedOf(bundle, spec)) {
    const Named named = NamedBy(workload->body);
    for (const auto& [kind, name] : named) {
      if (kind == "ServiceAccount" && !name.empty()) accounts.insert(name);
    }
    for (const core::Object& object : bundle) {
      if (IsNeededBy(object.body, workload->body, named)) needs.insert(core::RefOf(object.body));
    }
  }
  const routers::Router& router = routers::RouterFor(spec.traffic);
  const routers::Variants services = ServicesOf(bundle, spec);
  for (const core::Object& object : bundle) {
    const bool route =
        routers::IsRoute(object.body, spec) || router.IsNeeded(object.body, services);
    if (route || core::IsKind(object.body, core::kGroup, "Rollout"))
      needs.insert(core::RefOf(object.body));
  }
  AddRights(bundle, accounts, &needs);
  return needs;
}

}  // namespace headgate::rollout
