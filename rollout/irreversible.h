#pragma once

#include <string>
#include <vector>

#include "core/object.h"
#include "core/rollout_spec.h"

namespace headgate::rollout {

// How an object behaves during a trial, beside the gated workloads and their variants.
enum class Sharing {
  kShared,        // both tracks use the one that is there; its change waits or can be taken back
  kIrreversible,  // what its change has done to data or to other objects does not come back
};

// CustomResourceDefinitions (stored objects are converted or lost), PersistentVolumeClaims and
// StatefulSets (volumes), Jobs (they run at once), Namespaces, StorageClasses.
Sharing SharingOf(const core::Value& body);

// "CustomResourceDefinition carts.shop.example.com is changed", "PersistentVolumeClaim data is
// removed": what of that kind is changed or removed from stable to candidate. New objects harm
// nothing, except Jobs, which do when they run.
std::vector<std::string> IrreversibleChanges(const core::Objects& stable,
                                             const core::Objects& candidate);

}  // namespace headgate::rollout
