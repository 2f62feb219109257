#include "reconciler/first_sync.h"

#include "core/application.h"
#include "deploy/plan/diff.h"

namespace headgate::reconciler {
namespace {

// The live workload that `wanted` would take over; nullptr where there is none that is somebody
// else's.
const core::Value* Foreign(const core::Object& wanted, const deploy::LiveObjects& live,
                           const deploy::ApplySet& set) {
  if (!core::PodTemplateOf(wanted.body)) return nullptr;
  const auto at = live.find(core::RefOf(wanted.body));
  if (at == live.end() || !at->second) return nullptr;
  return core::LabelOf(*at->second, core::kPartOfLabel) == set.id ? nullptr : at->second.get();
}

}  // namespace

std::vector<std::string> AdoptionChanges(const core::Objects& wanted,
                                         const deploy::LiveObjects& live,
                                         const deploy::ApplySet& set) {
  std::vector<std::string> changes;
  for (const core::Object& object : wanted) {
    const core::Value* there = Foreign(object, live, set);
    if (!there) continue;
    const core::Value* before = core::PodTemplateOf(*there);
    for (const deploy::FieldDiff& field : deploy::DiffOnWanted(*core::PodTemplateOf(object.body),
                                                               before ? *before : core::Value())) {
      changes.push_back(core::Show(core::RefOf(object.body)) + ": " + field.path);
    }
  }
  return changes;
}

bool AdoptsWorkloads(const core::Objects& wanted, const deploy::LiveObjects& live,
                     const deploy::ApplySet& set) {
  for (const core::Object& object : wanted) {
    if (Foreign(object, live, set)) return true;
  }
  return false;
}

}  // namespace headgate::reconciler
