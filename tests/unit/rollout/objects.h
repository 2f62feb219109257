#pragma once

#include <gtest/gtest.h>

#include <string_view>

#include "core/object.h"
#include "core/rollout_spec.h"
#include "rollout/gated.h"
#include "templating/objects.h"

namespace headgate::rollout {

// The objects of a YAML text, as from file shop.yaml; a fault in it fails the test.
inline core::Objects ObjectsOf(std::string_view yaml) {
  core::Result<core::Objects> objects = templating::ParseObjects(yaml, "shop.yaml");
  EXPECT_TRUE(objects) << (objects ? "" : objects.error().text());
  return objects ? *objects : core::Objects{};
}

// The Rollout among them.
inline core::RolloutSpec RolloutOf(const core::Objects& objects) {
  core::Result<std::optional<core::RolloutSpec>> spec = FindRollout(objects);
  EXPECT_TRUE(spec) << (spec ? "" : spec.error().text());
  return spec && *spec ? **spec : core::RolloutSpec{};
}

}  // namespace headgate::rollout
