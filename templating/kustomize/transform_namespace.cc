#include "templating/kustomize/transform_namespace.h"

#include <fmt/format.h>

#include "templating/kustomize/field_path.h"
#include "templating/kustomize/transform.h"
#include "templating/kustomize/transform_fields.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Node;
using yaml::Tag;

constexpr std::string_view kNamespacePath = "metadata/namespace";

bool IsRoleBinding(std::string_view kind) {
  return kind == "RoleBinding" || kind == "ClusterRoleBinding";
}

bool IsFromHelm(const Node& body) {
  return body.TextAt("metadata", "annotations", "internal.config.kubernetes.io/helm-generated") ==
         "true";
}

core::Status Set(const NamespaceConfig& config, Node* node) {
  const bool is_set = !node->is_null() && !node->text().empty();
  if (config.unset_only && is_set) return core::Ok();
  return SetScalar(config.name, Tag::kString, node);
}

// The namespaces of those subjects of a role binding that the mode is about.
core::Status SetSubjects(const NamespaceConfig& config, Build* build, Resource* resource) {
  using Subjects = NamespaceConfig::Subjects;
  Node* subjects = resource->body->Find("subjects");
  if (config.subjects == Subjects::kNone || !subjects || subjects->is_null()) return core::Ok();
  if (!subjects->is_sequence()) return Unexpected("subjects", "a list", *subjects);
  const bool by_kind = config.subjects == Subjects::kAllServiceAccounts;
  for (Node* subject : subjects->children()) {
    if (subject->is_null()) continue;
    if (!subject->is_mapping()) return Unexpected("subjects", "a list of mappings", *subject);
    const Node* decides = subject->Find(by_kind ? "kind" : "name");
    if (!decides || decides->is_null()) continue;
    if (!decides->is_scalar()) return Unexpected("subjects/name", "a text", *decides);
    if (decides->text() != (by_kind ? "ServiceAccount" : "default")) continue;
    Node* space = subject->Find("namespace");
    if (!space) {
      space = build->arena->NewScalar("", Tag::kNone);
      subject->AppendEntry(build->arena, build->arena->NewScalar("namespace"), space);
    }
    core::Status set = Set(config, space);
    if (!set) return set;
  }
  return core::Ok();
}

// Field specs about what has rules of its own are left out.
bool IsElsewhere(const FieldSpec& spec, std::string_view api_version, std::string_view kind) {
  return spec.path == kNamespacePath || (api_version != "v1" && spec.path == "metadata/name") ||
         (IsRoleBinding(kind) && IsRoleBinding(spec.kind) && spec.path == "subjects/namespace");
}

}  // namespace

core::Status ChangeNamespace(const NamespaceConfig& config, Build* build, Resource* resource) {
  const auto set = [&](Node* node) { return Set(config, node); };
  const std::string_view kind = resource->id.kind,
                         api_version = resource->body->TextAt("apiVersion");
  if (!resource->id.cluster_scoped) {
    const FieldSpec spec{"", "", "", kNamespacePath, true};
    core::Status done = SetField(spec, Make::kScalar, build, resource, set);
    if (!done) return done;
  }
  if (IsRoleBinding(kind)) {
    core::Status done = SetSubjects(config, build, resource);
    if (!done) return In(*resource, done.error());
  }
  for (const FieldSpec& spec : config.fields) {
    if (IsElsewhere(spec, api_version, kind)) continue;
    core::Status done = SetField(spec, Make::kScalar, build, resource, set);
    if (!done) return done;
  }
  return core::Ok();
}

core::Result<NamespaceConfig::Subjects> ParseSubjects(std::string_view word) {
  using Subjects = NamespaceConfig::Subjects;
  if (word.empty() || word == "defaultOnly") return Subjects::kDefaultOnly;
  if (word == "allServiceAccounts") return Subjects::kAllServiceAccounts;
  if (word == "none") return Subjects::kNone;
  return core::Invalid(fmt::format(
      "setRoleBindingSubjects: defaultOnly, none or allServiceAccounts expected, found \"{}\"",
      word));
}

core::Status ChangeNamespace(const NamespaceConfig& config, Build* build, ResourceMap* all) {
  if (config.name.empty()) return core::Ok();
  for (const auto& each : all->all()) {
    if (IsFromHelm(*each->body)) continue;
    StorePreviousId(each.get(), build);
    core::Status changed = ChangeNamespace(config, build, each.get());
    if (!changed) return changed;
    all->Reindex(each.get());
    if (const auto same = all->FindCurrent(each->id); same.size() != 1) {
      return In(*each, core::Invalid(fmt::format("namespace {} gives {} objects this id",
                                                 config.name, same.size())));
    }
  }
  return core::Ok();
}

}  // namespace headgate::templating::kustomize
