#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/object.h"
#include "core/result.h"
#include "core/value.h"

namespace headgate::deploy {

// On everything that we deploy, beside the label core::kPartOfLabel.
inline constexpr std::string_view kApplicationAnnotation = "headgate.dev/application";

// "applyset-<base64url(sha256("<name>.<namespace>.<kind>.<group>"))>-v1": the id of the set whose
// parent object is `parent`.
std::string ApplySetId(const core::ObjectRef& parent);

// Which set objects belong to.
struct ApplySet {
  std::string id;           // value of core::kPartOfLabel
  std::string application;  // "ns/name", value of kApplicationAnnotation
};
ApplySet ApplySetOf(const core::ObjectRef& application);  // the Application itself is the parent

// What was applied, so that it can be pruned later.
struct InventoryItem {
  core::ObjectRef ref;
  std::string version;  // "v1"; with ref.group the apiVersion to ask the server with

  friend auto operator<=>(const InventoryItem&, const InventoryItem&) = default;
};
using Inventory = std::vector<InventoryItem>;  // sorted, without doubles

Inventory InventoryOf(const core::Objects& placed);
// What either holds.
Inventory Union(const Inventory& a, const Inventory& b);
std::string ApiVersionOf(const InventoryItem& item);

// For an object's status: a list of {group, kind, namespace, name, version}.
core::Value ToValue(const Inventory& inventory);
core::Result<Inventory> InventoryFrom(const core::Value& list);

}  // namespace headgate::deploy
