#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/object.h"
#include "core/value.h"
#include "deploy/kube/client.h"

namespace headgate::deploy {

// What a CustomResourceDefinition among the wanted objects says. Pure.

bool IsDefinition(const core::Value& body);
// {group, kind} that it defines, as the group and kind of a ref without name.
core::ObjectRef DefinedBy(const core::Value& definition);
// The types that it serves: one for each served version.
std::vector<Type> ServedBy(const core::Value& definition);
// The definition of this type among `objects`; nullptr where there is none.
const core::Value* DefinitionOf(const Type& type, const core::Objects& objects);

}  // namespace headgate::deploy
