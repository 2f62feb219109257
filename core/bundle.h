#pragma once

#include <cstdint>
#include <string>

#include "core/clock.h"
#include "core/object.h"
#include "core/result.h"

namespace headgate::core {

// The rendered resources of one application at one revision, in the renderer's order.
struct Bundle {
  std::string revision;  // commit id
  std::string hash;      // of the objects' content; 64 hexadecimal digits
  Objects objects;
};

// Fills in the hash. Files and positions do not count.
Bundle MakeBundle(std::string revision, Objects objects);

// What is kept of a bundle in the cluster: a release (number from 1), or the candidate on trial
// (number 0).
struct BundleRecord {
  int64_t number = 0;
  Bundle bundle;
  std::string gated_hash;  // of what a trial is about; "" without a Rollout
  bool content_named =
      false;  // its gated pods use the content-named copies of their ConfigMaps and Secrets
  Time at{};
  std::string by;  // "first deployment", "adoption", "promotion", "rollback by alice"
};

Value ToValue(const BundleRecord& record);
Result<BundleRecord> ParseBundleRecord(
    const Value& value);  // kInvalid also where the hash is not that of the objects

}  // namespace headgate::core
