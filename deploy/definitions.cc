#include "deploy/definitions.h"

namespace headgate::deploy {

bool IsDefinition(const core::Value& body) {
  return core::IsKind(body, "apiextensions.k8s.io", "CustomResourceDefinition");
}

core::ObjectRef DefinedBy(const core::Value& definition) {
  return {definition.StringAt("spec", "group"), definition.StringAt("spec", "names", "kind"), "",
          ""};
}

std::vector<Type> ServedBy(const core::Value& definition) {
  const core::ObjectRef defined = DefinedBy(definition);
  std::vector<Type> types;
  for (const core::Value& version : definition.ListAt("spec", "versions")) {
    if (!version.BoolAt(false, "served")) continue;
    types.push_back({defined.group + "/" + version.StringAt("name"), defined.kind});
  }
  return types;
}

const core::Value* DefinitionOf(const Type& type, const core::Objects& objects) {
  const std::string group = core::ParseApiVersion(type.api_version).group;
  for (const core::Object& object : objects) {
    if (!IsDefinition(object.body)) continue;
    const core::ObjectRef defined = DefinedBy(object.body);
    if (defined.group == group && defined.kind == type.kind) return &object.body;
  }
  return nullptr;
}

}  // namespace headgate::deploy
