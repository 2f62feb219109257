#include "templating/kustomize_first/transform.h"

#include <fmt/format.h>

#include <algorithm>

#include "templating/kustomize_first/field_spec.h"

namespace headgate::templating {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Setter SetString(const std::string& text) {
  return [text](core::Value* value) -> core::Status {
    if (value->is_map() || value->is_list()) return core::Invalid("a string expected");
    const core::Mark mark = value->mark();
    *value = text;
    value->set_mark(mark);
    return core::Ok();
  };
}

Setter SetPairs(const Pairs& pairs) {
  return [&pairs](core::Value* value) -> core::Status {
    if (!value->is_map()) return core::Invalid("a mapping expected");
    for (const auto& [key, text] : pairs) value->AsMap()->Set(key, text);
    return core::Ok();
  };
}

// Source: kustomize's built-in configuration "namespace".
const FieldSpecs& NamespaceFields() {
  static const FieldSpecs specs{
      {"spec/service/namespace", "apiregistration.k8s.io", "", "APIService", true},
      {"spec/conversion/webhook/clientConfig/service/namespace", "apiextensions.k8s.io", "",
       "CustomResourceDefinition"}};
  return specs;
}

// The service account "default" of a (cluster) role binding moves with the namespace.
void MoveDefaultSubjects(const std::string& name, core::Value* body) {
  core::Value* subjects = body->Find("subjects");
  if (!subjects || !subjects->is_list()) return;
  for (core::Value& subject : subjects->MakeList()) {
    if (subject.StringAt("name") == "default") subject.MakeMap().Set("namespace", name);
  }
}

core::Status Move(const std::string& name, core::Value* body) {
  const Id id = IdOf(*body);
  if (!IsClusterScoped(id)) SetNamespace(body, name);
  if (id.kind == "RoleBinding" || id.kind == "ClusterRoleBinding") MoveDefaultSubjects(name, body);
  if (id.kind == "Namespace" && id.group.empty() && id.version == "v1") SetName(body, name);
  return Apply(NamespaceFields(), Made::kScalar, SetString(name), body);
}

bool KeepsName(const Id& id) {
  return id.kind == "CustomResourceDefinition" || id.kind == "Namespace" ||
         (id.kind == "APIService" && id.group == "apiregistration.k8s.io");
}

// Where labels and annotations of pods are made, per kind. Source: kustomize's built-in
// configurations "commonLabels", "templateLabels" and "commonAnnotations".
FieldSpecs TemplateFields(const std::string& field) {
  const std::string plain = "spec/template/metadata/" + field;
  return {{"metadata/" + field, "", "", "", true},
          {plain, "", "v1", "ReplicationController", true},
          {plain, "", "", "Deployment", true},
          {plain, "", "", "ReplicaSet", true},
          {plain, "", "", "DaemonSet", true},
          {plain, field == "labels" ? "apps" : "", "", "StatefulSet", true},
          {plain, "batch", "", "Job", true},
          {"spec/jobTemplate/metadata/" + field, "batch", "", "CronJob", true},
          {"spec/jobTemplate/spec/template/metadata/" + field, "batch", "", "CronJob", true}};
}

const FieldSpec kClaimLabels{"spec/volumeClaimTemplates[]/metadata/labels", "apps", "",
                             "StatefulSet", true};

// Source: kustomize's built-in configuration "commonLabels".
FieldSpecs SelectorFields() {
  FieldSpecs specs = TemplateFields("labels");
  specs.push_back(kClaimLabels);
  specs.push_back({"spec/selector", "", "v1", "Service", true});
  specs.push_back({"spec/selector", "", "v1", "ReplicationController", true});
  specs.push_back({"spec/selector/matchLabels", "", "", "Deployment", true});
  specs.push_back({"spec/selector/matchLabels", "", "", "ReplicaSet", true});
  specs.push_back({"spec/selector/matchLabels", "", "", "DaemonSet", true});
  specs.push_back({"spec/selector/matchLabels", "apps", "", "StatefulSet", true});
  specs.push_back({"spec/selector/matchLabels", "batch", "", "Job"});
  specs.push_back({"spec/jobTemplate/spec/selector/matchLabels", "batch", "", "CronJob"});
  specs.push_back({"spec/selector/matchLabels", "policy", "", "PodDisruptionBudget"});
  for (const char* path :
       {"spec/podSelector/matchLabels", "spec/ingress/from/podSelector/matchLabels",
        "spec/egress/to/podSelector/matchLabels"}) {
    specs.push_back({path, "networking.k8s.io", "", "NetworkPolicy"});
  }
  for (const char* kind : {"Deployment", "StatefulSet"}) {
    for (const char* path :
         {"affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/"
          "labelSelector/matchLabels",
          "affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/"
          "matchLabels",
          "affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/"
          "podAffinityTerm/labelSelector/matchLabels",
          "affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/"
          "matchLabels",
          "topologySpreadConstraints/labelSelector/matchLabels"}) {
      specs.push_back({std::string("spec/template/spec/") + path, "apps", "", kind});
    }
  }
  return specs;
}

// The fields of one entry of `labels`.
FieldSpecs LabelFields(const core::Value& entry) {
  FieldSpecs specs;
  if (entry.BoolAt(false, "includeSelectors")) {
    specs = SelectorFields();
  } else {
    specs.push_back({"metadata/labels", "", "", "", true});
    if (entry.BoolAt(false, "includeTemplates")) {
      specs = TemplateFields("labels");
      specs.push_back(kClaimLabels);
    }
  }
  for (const core::Value& field : entry.ListAt("fields")) {
    specs.push_back({field.StringAt("path"), field.StringAt("group"), field.StringAt("version"),
                     field.StringAt("kind"), field.BoolAt(false, "create")});
  }
  return specs;
}

core::Status SetEverywhere(const Kustomization& kustomization, const core::Value& entry,
                           std::string_view field, const FieldSpecs& specs, const Pairs& pairs,
                           Resources* all) {
  for (Resource& resource : *all) {
    core::Status set = Apply(specs, Made::kMap, SetPairs(pairs), &resource.object.body);
    if (set) continue;
    return set.error().In(core::Where(resource.object)).In(kustomization.Place(entry, field));
  }
  return core::Ok();
}

}  // namespace

core::Status SetNamespaces(const Kustomization& kustomization, Resources* all) {
  const std::string& name = kustomization.body.StringAt("namespace");
  if (name.empty()) return core::Ok();
  const core::Value& at = *kustomization.body.Find("namespace");
  for (Resource& resource : *all) {
    StorePreviousId(&resource);
    core::Status moved = Move(name, &resource.object.body);
    if (!moved) return moved.error().In(kustomization.Place(at, "namespace"));
    const Id id = IdOf(resource.object.body);
    for (const Resource& other : *all) {
      if (&other == &resource || core::NameOf(other.object.body) != id.name ||
          !SameId(IdOf(other.object.body), id)) {
        continue;
      }
      return kustomization.At(
          at, "namespace",
          fmt::format("{} and {} become the same {}", core::Where(resource.object),
                      core::Where(other.object), Show(id)));
    }
  }
  return core::Ok();
}

core::Status AddPrefixAndSuffix(const Kustomization& kustomization, Resources* all) {
  const std::string& prefix = kustomization.body.StringAt("namePrefix");
  const std::string& suffix = kustomization.body.StringAt("nameSuffix");
  for (Resource& resource : *all) {
    if (KeepsName(OriginalId(resource))) continue;
    core::Value& body = resource.object.body;
    if (!prefix.empty()) {
      StorePreviousId(&resource);
      resource.prefixes.push_back(prefix);
      SetName(&body, prefix + core::NameOf(body));
    }
    if (!suffix.empty()) {
      StorePreviousId(&resource);
      resource.suffixes.push_back(suffix);
      SetName(&body, core::NameOf(body) + suffix);
    }
  }
  return core::Ok();
}

core::Status AddLabels(const Kustomization& kustomization, Resources* all) {
  for (const core::Value& entry : kustomization.body.ListAt("labels")) {
    const Pairs pairs = SortedStrings(entry.Find("pairs"));
    if (pairs.empty()) continue;
    core::Status set =
        SetEverywhere(kustomization, entry, "labels", LabelFields(entry), pairs, all);
    if (!set) return set;
  }
  const core::Value* common = kustomization.body.Find("commonLabels");
  const Pairs pairs = SortedStrings(common);
  if (pairs.empty()) return core::Ok();
  return SetEverywhere(kustomization, *common, "commonLabels", SelectorFields(), pairs, all);
}

core::Status AddAnnotations(const Kustomization& kustomization, Resources* all) {
  const core::Value* common = kustomization.body.Find("commonAnnotations");
  const Pairs pairs = SortedStrings(common);
  if (pairs.empty()) return core::Ok();
  return SetEverywhere(kustomization, *common, "commonAnnotations", TemplateFields("annotations"),
                       pairs, all);
}

core::Status SetReplicas(const Kustomization& kustomization, Resources* all) {
  for (const core::Value& entry : kustomization.body.ListAt("replicas")) {
    const std::string& name = entry.StringAt("name");
    bool found = false;
    for (Resource& resource : *all) {
      const bool fits = AnyId(resource, [&](const Id& id) {
        return id.name == name && (id.kind == "Deployment" || id.kind == "ReplicaSet" ||
                                   id.kind == "ReplicationController" || id.kind == "StatefulSet");
      });
      if (!fits) continue;
      found = true;
      core::Value& spec = resource.object.body.MakeMap()["spec"];
      if (spec.is_list() || spec.is_string()) {
        return kustomization.At(entry, "replicas",
                                core::Where(resource.object, spec) + ": spec is no mapping");
      }
      spec.MakeMap().Set("replicas", entry.IntAt(0, "count"));
    }
    if (!found) {
      return kustomization.At(entry, "replicas",
                              fmt::format("no Deployment, StatefulSet, ReplicaSet or "
                                          "ReplicationController is called \"{}\"",
                                          name));
    }
  }
  return core::Ok();
}

}  // namespace headgate::templating
