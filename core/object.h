#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/value.h"

namespace headgate::core {

// Which Kubernetes object: what is unique in a cluster. The version is no part of it: apps/v1 and
// apps/v1beta1 name the same Deployment.
struct ObjectRef {
  std::string group;  // "" for the core group
  std::string kind;
  std::string namespace_name;  // "" for what is cluster-scoped, or not yet placed
  std::string name;

  friend auto operator<=>(const ObjectRef&, const ObjectRef&) = default;
};

std::string Show(const ObjectRef& ref);  // "Deployment shop/web"; "ClusterRole admin";
                                         // "Rollout.headgate.dev shop/shop"

// A wanted object with where it was written, or a live one as the API server returned it.
struct Object {
  Value body;
  std::string file;  // path in the source tree; "" for live ones

  friend bool operator==(const Object&, const Object&) = default;
};
using Objects = std::vector<Object>;

// "apps/v1" -> {"apps", "v1"}; "v1" -> {"", "v1"}.
struct GroupVersion {
  std::string group;
  std::string version;
};
GroupVersion ParseApiVersion(std::string_view api_version);

// Of a body; empty fields where it does not say.
ObjectRef RefOf(const Value& body);
const std::string& NameOf(const Value& body);
const std::string& NamespaceOf(const Value& body);
const std::string& LabelOf(const Value& body, std::string_view label);
const std::string& AnnotationOf(const Value& body, std::string_view annotation);
bool IsKind(const Value& body, std::string_view group, std::string_view kind);

void SetLabel(Value* body, std::string_view label, std::string_view value);
void SetAnnotation(Value* body, std::string_view annotation, std::string_view value);

// The pod template of a workload (Deployment, StatefulSet, DaemonSet, ReplicaSet, Job; CronJob's
// inside its job template), a Pod itself; nullptr for other kinds.
const Value* PodTemplateOf(const Value& body);
Value* PodTemplateOf(Value* body);

// Whether it has an apiVersion, a kind and a name of the forms that Kubernetes takes; kInvalid says
// which is wrong.
Status CheckObject(const Value& body);

// "deploy/web.yaml:12" for messages; the file alone where the line is not known.
std::string Where(const Object& object, const Value& at);
std::string Where(const Object& object);

}  // namespace headgate::core
