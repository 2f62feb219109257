#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/object.h"
#include "core/result.h"
#include "core/value.h"

namespace headgate::deploy {

// How values of annotations are written.

std::string Trimmed(std::string_view text);
// "a, b" -> {"a", "b"}; empty ones are passed over.
std::vector<std::string> SplitWords(std::string_view text);
// Without regard to case, as Flux reads them.
bool IsWord(std::string_view text, std::string_view word);

// kpt's list of objects: "apps/namespaces/shop/Deployment/db, /namespaces/shop/Pod/p,
// rbac.authorization.k8s.io/ClusterRole/admin". Source: cli-utils, pkg/object/dependson.
core::Result<std::vector<core::ObjectRef>> ParseDependsOn(std::string_view text);

// kapp's change-group and change-rule annotations, also those with a suffix behind a dot. Rules
// about upserting count: "upsert after upserting GROUP". Those about deleting are passed over,
// since pruning goes in the reverse order anyway.
core::Status ReadKapp(const core::Value& body, std::vector<std::string>* groups,
                      std::vector<std::string>* after, std::vector<std::string>* before);

}  // namespace headgate::deploy
