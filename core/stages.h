#pragma once

#include <string>
#include <vector>

#include "core/object.h"

namespace headgate::core {

// One step of bringing the cluster to what Compose demands. A stage is applied whole; the next one
// only when what it waits for has come true. Waiting blocks nobody: the next tick composes and
// looks again.
struct Stage {
  enum class Wait {
    kNothing,
    kReady,  // every workload of the stage is healthy at its present generation
  };
  std::string name;  // for people: "variants", "traffic", "the rest"
  Objects objects;
  Wait wait = Wait::kNothing;
};

// Together the stages hold all that should be there. What the inventory has beside them is pruned
// after the last.
using Stages = std::vector<Stage>;

}  // namespace headgate::core
