#include "rollout/config.h"

#include <algorithm>
#include <cctype>

#include "core/hash.h"

namespace headgate::rollout {
namespace {

using core::List;
using core::Map;
using core::Value;

constexpr size_t kConfigNameMax = 253;

// The elements of the list at `key`, where `at` is a map that has one.
template <class Visit>
void ForEach(Value* at, std::string_view key, const Visit& visit) {
  Value* list = at ? at->Find(key) : nullptr;
  if (!list || !list->AsList()) return;
  for (Value& item : *list->AsList()) visit(&item);
}

void VisitName(Value* at, std::string_view key, std::string_view field, std::string_view kind,
               const VisitConfig& visit) {
  Value* name = at->Find(key, field);
  if (name && name->AsString() && !name->AsString()->empty()) visit(kind, name->AsString());
}

void ForEachOfContainer(Value* container, const VisitConfig& visit) {
  ForEach(container, "envFrom", [&](Value* from) {
    VisitName(from, "configMapRef", "name", "ConfigMap", visit);
    VisitName(from, "secretRef", "name", "Secret", visit);
  });
  ForEach(container, "env", [&](Value* env) {
    Value* from = env->Find("valueFrom");
    if (!from) return;
    VisitName(from, "configMapKeyRef", "name", "ConfigMap", visit);
    VisitName(from, "secretKeyRef", "name", "Secret", visit);
  });
}

void ForEachOfVolume(Value* volume, const VisitConfig& visit) {
  VisitName(volume, "configMap", "name", "ConfigMap", visit);
  VisitName(volume, "secret", "secretName", "Secret", visit);
  ForEach(volume->Find("projected"), "sources", [&](Value* source) {
    VisitName(source, "configMap", "name", "ConfigMap", visit);
    VisitName(source, "secret", "name", "Secret", visit);
  });
}

// stringData is written over data, as the API server does it.
Map MergedSecretData(const Value& body) {
  Map data = body.MapAt("data");
  for (const auto& [key, text] : body.MapAt("stringData")) {
    if (text.AsString()) data.Set(key, core::ToBase64(*text.AsString()));
  }
  return data;
}

std::string CopyName(const Value& config) {
  const std::string hash = core::ContentHash(ConfigContent(config));
  return WithSuffix(core::NameOf(config), "-" + std::string(core::Short(hash)), kConfigNameMax);
}

core::Object CopyOf(const core::Object& config) {
  Map metadata{{"name", CopyName(config.body)}};
  if (const std::string& place = core::NamespaceOf(config.body); !place.empty())
    metadata.Set("namespace", place);
  if (const Map& labels = config.body.MapAt("metadata", "labels"); !labels.empty())
    metadata.Set("labels", labels);
  Map body{{"apiVersion", "v1"}, {"kind", config.body.StringAt("kind")}, {"metadata", metadata}};
  const Value content = ConfigContent(config.body);
  for (const auto& [key, value] : *content.AsMap()) body.Set(key, value);
  body.Set("immutable", true);
  return {std::move(body), config.file};
}

}  // namespace

bool SamePlace(std::string_view a, std::string_view b) { return a == b || a.empty() || b.empty(); }

bool IsGated(const Value& body, const core::RolloutSpec& spec) {
  return std::any_of(spec.workloads.begin(), spec.workloads.end(), [&](const auto& ref) {
    return core::IsKind(body, "apps", ref.kind) && core::NameOf(body) == ref.name &&
           SamePlace(core::NamespaceOf(body), spec.namespace_name);
  });
}

std::vector<const core::Object*> GatedOf(const core::Objects& bundle,
                                         const core::RolloutSpec& spec) {
  std::vector<const core::Object*> gated;
  for (const core::WorkloadRef& ref : spec.workloads) {
    const auto at = std::find_if(bundle.begin(), bundle.end(), [&](const core::Object& object) {
      return core::IsKind(object.body, "apps", ref.kind) && core::NameOf(object.body) == ref.name &&
             SamePlace(core::NamespaceOf(object.body), spec.namespace_name);
    });
    if (at != bundle.end()) gated.push_back(&*at);
  }
  return gated;
}

void ForEachConfig(Value* pod_template, const VisitConfig& visit) {
  Value* pod = pod_template ? pod_template->Find("spec") : nullptr;
  for (const char* key : {"initContainers", "containers", "ephemeralContainers"}) {
    ForEach(pod, key, [&](Value* container) { ForEachOfContainer(container, visit); });
  }
  ForEach(pod, "volumes", [&](Value* volume) { ForEachOfVolume(volume, visit); });
}

const core::Object* FindConfig(const core::Objects& bundle, std::string_view kind,
                               std::string_view namespace_name, std::string_view name) {
  for (const core::Object& object : bundle) {
    const Value& body = object.body;
    if (!core::IsKind(body, "", kind) || core::NameOf(body) != name) continue;
    if (!SamePlace(core::NamespaceOf(body), namespace_name)) continue;
    const std::string& type = body.StringAt("type");
    if (type == "kubernetes.io/service-account-token" || type == "bootstrap.kubernetes.io/token")
      return nullptr;
    const bool filled = !body.MapAt("data").empty() || !body.MapAt("binaryData").empty() ||
                        !body.MapAt("stringData").empty();
    return filled ? &object : nullptr;
  }
  return nullptr;
}

Value ConfigContent(const Value& body) {
  Map content;
  const bool secret = body.StringAt("kind") == "Secret";
  if (secret) {
    const std::string& type = body.StringAt("type");
    content.Set("type", type.empty() ? "Opaque" : type);
  }
  Map data = secret ? MergedSecretData(body) : body.MapAt("data");
  if (!data.empty()) content.Set("data", std::move(data));
  if (const Map& binary = body.MapAt("binaryData"); !binary.empty())
    content.Set("binaryData", binary);
  return content;
}

core::Objects CopiesOf(const core::Objects& bundle, const core::RolloutSpec& spec) {
  core::Objects copies;
  std::set<const core::Object*> copied;
  for (const core::Object* workload : GatedOf(bundle, spec)) {
    const Value* pods = core::PodTemplateOf(workload->body);
    if (!pods) continue;
    Value scratch = *pods;
    ForEachConfig(&scratch, [&](std::string_view kind, std::string* name) {
      const core::Object* config =
          FindConfig(bundle, kind, core::NamespaceOf(workload->body), *name);
      if (config && copied.insert(config).second) copies.push_back(CopyOf(*config));
    });
  }
  return copies;
}

void UseCopies(Value* workload, const core::Objects& bundle) {
  const std::string place = core::NamespaceOf(*workload);
  ForEachConfig(core::PodTemplateOf(workload), [&](std::string_view kind, std::string* name) {
    if (const core::Object* config = FindConfig(bundle, kind, place, *name))
      *name = CopyName(config->body);
  });
}

std::string WithSuffix(std::string_view name, std::string_view suffix, size_t size_max) {
  if (name.size() + suffix.size() <= size_max) return std::string(name) + std::string(suffix);
  const std::string hash = "-" + std::string(core::Short(core::Sha256(name)));
  std::string cut(name.substr(0, size_max - suffix.size() - hash.size()));
  while (!cut.empty() && !std::isalnum(static_cast<unsigned char>(cut.back()))) cut.pop_back();
  return cut + hash + std::string(suffix);
}

}  // namespace headgate::rollout
