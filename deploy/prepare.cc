// Deployer::Prepare: objects as they are sent.
#include <fmt/format.h>

#include <set>

#include "core/application.h"
#include "core/hash.h"
#include "deploy/annotations/policy.h"
#include "deploy/apply.h"
#include "deploy/definitions.h"
#include "deploy/order.h"

namespace headgate::deploy {
namespace {

core::Error At(const core::Object& object, const core::Error& error) {
  const std::string where = core::Where(object);
  return where.empty() ? error : error.In(where);
}

// stringData is write-only: the server could not tell later which keys were ours.
void EncodeStringData(core::Value* secret) {
  core::Value* plain = secret->Find("stringData");
  if (!plain) return;
  const core::Value taken = std::move(*plain);
  secret->AsMap()->Erase("stringData");
  if (!taken.AsMap()) return;
  core::Map& data = (*secret->AsMap())["data"].MakeMap();
  for (const core::Map::Entry& entry : *taken.AsMap()) {
    if (entry.second.AsString()) data.Set(entry.first, core::ToBase64(*entry.second.AsString()));
  }
}

// Whether objects of this type have a namespace.
core::Result<bool> IsNamespaced(const Type& type, const core::Objects& objects,
                                const Client& client, std::stop_token stop) {
  if (const core::Value* definition = DefinitionOf(type, objects)) {
    return definition->StringAt("spec", "scope") != "Cluster";
  }
  const core::Result<Resource> resource = client.ResourceFor(type, stop);
  if (!resource) return resource.error();
  return resource->namespaced;
}

void Place(core::Value* body, bool namespaced, const std::string& namespace_name) {
  core::Map& metadata = body->MakeMap()["metadata"].MakeMap();
  if (!namespaced) {
    metadata.Erase("namespace");
  } else if (core::NamespaceOf(*body).empty()) {
    metadata.Set("namespace", namespace_name);
  }
}

// Hooks may leave their name to the server; ours comes from what they are, so that each is found
// again and the same hook has the same name.
void NameHook(core::Value* body) {
  const std::string prefix = body->StringAt("metadata", "generateName");
  if (prefix.empty() || !core::NameOf(*body).empty() || !MayBeHook(*body)) return;
  const std::string hash = core::ContentHash(*body);
  core::Map& metadata = body->MakeMap()["metadata"].MakeMap();
  metadata.Erase("generateName");
  metadata.Set("name", prefix + std::string(core::Short(hash, 10)));
}

void MarkAsOurs(core::Value* body, const ApplySet& set) {
  if (!set.id.empty()) core::SetLabel(body, core::kPartOfLabel, set.id);
  if (!set.application.empty()) {
    core::SetAnnotation(body, kApplicationAnnotation, set.application);
  }
}

}  // namespace

core::Result<core::Objects> Deployer::Prepare(core::Objects objects, const ApplyOptions& options,
                                              std::stop_token stop) const {
  const std::string& namespace_name =
      options.namespace_name.empty() ? client_.cluster().namespace_name : options.namespace_name;
  std::set<core::ObjectRef> seen;
  for (core::Object& object : objects) {
    NameHook(&object.body);
    if (core::Status checked = core::CheckObject(object.body); !checked) {
      return At(object, checked.error());
    }
    const core::Result<bool> namespaced = IsNamespaced(TypeOf(object.body), objects, client_, stop);
    if (!namespaced) {
      return At(object, namespaced.error().In(core::Show(core::RefOf(object.body))));
    }
    Place(&object.body, *namespaced, namespace_name);
    object.body.AsMap()->Erase("status");
    if (core::IsKind(object.body, "", "Secret")) EncodeStringData(&object.body);
    MarkAsOurs(&object.body, options.set);
    const core::ObjectRef ref = core::RefOf(object.body);
    if (!seen.insert(ref).second) {
      return At(object, core::Invalid(core::Show(ref) + " is there twice"));
    }
  }
  return InOrder(std::move(objects));
}

}  // namespace headgate::deploy
