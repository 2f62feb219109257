#include "core/object.h"

#include <fmt/format.h>

#include <algorithm>

namespace headgate::core {
namespace {

// RFC 1123 subdomain or path segment: what every API accepts at least; each kind may ask for more.
bool IsName(std::string_view name) {
  if (name.empty() || name.size() > 253 || name == "." || name == "..") return false;
  return std::none_of(name.begin(), name.end(), [](unsigned char c) {
    return c == '/' || c == '%' || c <= ' ' || c == 0x7f;
  });
}

}  // namespace

std::string Show(const ObjectRef& ref) {
  // The groups that everybody knows are left out.
  const bool known = ref.group.empty() || ref.group.find('.') == std::string::npos ||
                     ref.group.ends_with(".k8s.io");
  const std::string kind = known ? ref.kind : ref.kind + "." + ref.group;
  if (ref.namespace_name.empty()) return fmt::format("{} {}", kind, ref.name);
  return fmt::format("{} {}/{}", kind, ref.namespace_name, ref.name);
}

GroupVersion ParseApiVersion(std::string_view api_version) {
  const size_t slash = api_version.find('/');
  if (slash == std::string_view::npos) return {"", std::string(api_version)};
  return {std::string(api_version.substr(0, slash)), std::string(api_version.substr(slash + 1))};
}

ObjectRef RefOf(const Value& body) {
  return {ParseApiVersion(body.StringAt("apiVersion")).group, body.StringAt("kind"),
          NamespaceOf(body), NameOf(body)};
}

const std::string& NameOf(const Value& body) { return body.StringAt("metadata", "name"); }

const std::string& NamespaceOf(const Value& body) { return body.StringAt("metadata", "namespace"); }

const std::string& LabelOf(const Value& body, std::string_view label) {
  return body.StringAt("metadata", "labels", label);
}

const std::string& AnnotationOf(const Value& body, std::string_view annotation) {
  return body.StringAt("metadata", "annotations", annotation);
}

bool IsKind(const Value& body, std::string_view group, std::string_view kind) {
  return body.StringAt("kind") == kind &&
         ParseApiVersion(body.StringAt("apiVersion")).group == group;
}

void SetLabel(Value* body, std::string_view label, std::string_view value) {
  body->MakeMap()["metadata"].MakeMap()["labels"].MakeMap().Set(label, value);
}

void SetAnnotation(Value* body, std::string_view annotation, std::string_view value) {
  body->MakeMap()["metadata"].MakeMap()["annotations"].MakeMap().Set(annotation, value);
}

const Value* PodTemplateOf(const Value& body) {
  const std::string& kind = body.StringAt("kind");
  const std::string group = ParseApiVersion(body.StringAt("apiVersion")).group;
  if (group.empty() && kind == "Pod") return &body;
  if (group == "batch" && kind == "CronJob")
    return body.Find("spec", "jobTemplate", "spec", "template");
  if (group == "batch" && kind == "Job") return body.Find("spec", "template");
  if (group == "apps" || (group.empty() && kind == "ReplicationController"))
    return body.Find("spec", "template");
  return nullptr;
}

Value* PodTemplateOf(Value* body) {
  return const_cast<Value*>(PodTemplateOf(std::as_const(*body)));
}

Status CheckObject(const Value& body) {
  if (!body.is_map())
    return Invalid("a Kubernetes object is a mapping with apiVersion, kind and metadata.name");
  if (body.StringAt("apiVersion").empty())
    return Invalid("apiVersion is missing; every object needs one, such as apps/v1");
  if (body.StringAt("kind").empty())
    return Invalid("kind is missing; every object needs one, such as Deployment");
  const std::string& name = NameOf(body);
  // A hook may leave its name to who runs it.
  const bool hook = !AnnotationOf(body, "argocd.argoproj.io/hook").empty() ||
                    !AnnotationOf(body, "helm.sh/hook").empty();
  if (name.empty() && hook && IsName(body.StringAt("metadata", "generateName"))) return Ok();
  if (name.empty())
    return Invalid(fmt::format("{}: metadata.name is missing", body.StringAt("kind")));
  if (!IsName(name)) {
    return Invalid(fmt::format(
        "{}: metadata.name \"{}\" is no name: at most 253 characters, no '/', '%' or space",
        body.StringAt("kind"), name));
  }
  return Ok();
}

std::string Where(const Object& object, const Value& at) {
  if (at.mark().line == 0) return object.file;
  return fmt::format("{}:{}", object.file, at.mark().line);
}

std::string Where(const Object& object) { return Where(object, object.body); }

}  // namespace headgate::core
