#pragma once

#include <cstdint>

#include "core/result.h"
#include "templating/kustomize/schema.h"
#include "templating/yaml/node.h"

// Strategic merge as kustomize does it (kyaml's merge2), which is not quite as Kubernetes does:
//
// - `$patch: delete`, `replace` and `merge` are obeyed in mappings, as an item of a merged list,
// and
//   in its items (where replace leaves the item as it is); at the root only delete has an effect.
// - `$retainKeys`, `$setElementOrder/...` and `$deleteFromPrimitiveList/...` are fields like
// others.
// - Lists are merged only where the schema of the kind says so; others are replaced. Items of the
//   patch come first. Where an item lacks the keys of its list, items are lost, as there.
// - A scalar keeps the style of what it replaces, so a number over a quoted text is a text.
// - Everything in the body that is merged at all is tidied by the way: fields without a value
//   ("key:") go, those that are null stay.
namespace headgate::templating::kustomize {

enum class MergeOutcome : uint8_t { kMerged, kDeleted };

// Merges a patch into a body. Nodes of the patch become part of the body: clone it before if it is
// for several. Linear in both sizes, but for lists in which items have no keys or the same ones:
// these are bounded. kInvalid: "line 7: spec.ports: a list expected, found a mapping"; the body is
// half merged then.
core::Result<MergeOutcome> MergePatch(const Schema& schema, yaml::Node* patch, yaml::Node* body,
                                      yaml::Arena* arena);

}  // namespace headgate::templating::kustomize
