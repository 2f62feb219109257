#include "reconciler/first_sync.h"

#include "core/application.h"
#include "deploy/annotations/policy.h"
#include "deploy/plan/diff.h"
#include "deploy/plan/managed.h"
#include "deploy/plan/migrate.h"

namespace headgate::reconciler {
namespace {

const core::Value* LiveWorkload(const core::Object& wanted, const deploy::LiveObjects& live) {
  if (!core::PodTemplateOf(wanted.body)) return nullptr;
  const auto at = live.find(core::RefOf(wanted.body));
  return at == live.end() ? nullptr : at->second.get();
}

bool IsOurs(const core::Value& live, const deploy::ApplySet& set) {
  return core::LabelOf(live, core::kPartOfLabel) == set.id;
}

void AppendTemplateChanges(const core::Object& wanted, const core::Value& live,
                           std::vector<std::string>* changes) {
  const core::Value* before = core::PodTemplateOf(live);
  for (const deploy::FieldDiff& field :
       deploy::DiffOnWanted(*core::PodTemplateOf(wanted.body), before ? *before : core::Value())) {
    changes->push_back(core::Show(core::RefOf(wanted.body)) + ": " + field.path);
  }
}

// What earlier tools have put into the template and git has not: it goes with the first apply.
void AppendLeftovers(const core::Object& wanted, const core::Value& live,
                     std::vector<std::string>* changes) {
  const core::Result<deploy::Policy> policy = deploy::PolicyOf(wanted.body);
  if (policy && policy->apply == deploy::ApplyMode::kMerge) return;
  if (!deploy::Migrated(live)) return;
  for (const deploy::FieldDiff& field :
       deploy::OwnedButNotWanted(wanted.body, deploy::AsMigrated(live))) {
    constexpr std::string_view kTemplate = "spec.template.";
    if (!field.path.starts_with(kTemplate)) continue;
    changes->push_back(core::Show(core::RefOf(wanted.body)) + ": " +
                       field.path.substr(kTemplate.size()) + " goes");
  }
}

}  // namespace

std::vector<std::string> AdoptionChanges(const core::Objects& wanted, const std::string& gated_hash,
                                         const deploy::LiveObjects& live,
                                         const deploy::ApplySet& set) {
  std::vector<std::string> changes;
  for (const core::Object& object : wanted) {
    const core::Value* there = LiveWorkload(object, live);
    if (!there) continue;
    const bool ours = IsOurs(*there, set);
    // What runs in the pods of a gated workload of ours; empty: it was deployed without a Rollout.
    const std::string runs = ours ? core::AnnotationOf(*there, core::kGatedHashAnnotation) : "";
    if (ours && (runs.empty() || runs == gated_hash)) continue;
    const size_t before = changes.size();
    AppendTemplateChanges(object, *there, &changes);
    if (!ours) AppendLeftovers(object, *there, &changes);
    if (ours && changes.size() == before)
      changes.push_back(core::Show(core::RefOf(object.body)) +
                        ": what its ConfigMaps and Secrets hold");
  }
  return changes;
}

bool AdoptsWorkloads(const core::Objects& wanted, const deploy::LiveObjects& live,
                     const deploy::ApplySet& set) {
  for (const core::Object& object : wanted) {
    const core::Value* there = LiveWorkload(object, live);
    if (there && !IsOurs(*there, set)) return true;
  }
  return false;
}

}  // namespace headgate::reconciler
