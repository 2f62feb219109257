#pragma once

#include <optional>
#include <vector>

#include "core/object.h"
#include "core/result.h"

namespace headgate::deploy {

// Objects that do not wait for each other's health. The next batch is begun when all of this one
// are healthy.
struct Batch {
  std::optional<int> wave;  // nothing: namespaces and definitions that come before all waves
  core::Objects objects;    // in order of classes
};

// Prepared objects by their annotations: waves in rising order (argocd.argoproj.io/sync-wave; 0
// where nothing is said), and within a wave what depends on others
// (config.kubernetes.io/depends-on, kapp's change-rule) after them. Namespaces and
// CustomResourceDefinitions without a wave come first. One batch where nobody says anything. Pure.
//
// What an object depends on and is not among `objects` does not count here (see CheckOrder).
// kInvalid prints a cycle, "a -> b -> a", or names what waits for a later wave.
core::Result<std::vector<Batch>> InBatches(const core::Objects& prepared);

// For a whole bundle: also kInvalid where depends-on names an object that the bundle does not have.
core::Status CheckOrder(const core::Objects& prepared);

}  // namespace headgate::deploy
