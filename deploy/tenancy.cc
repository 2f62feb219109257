#include "deploy/tenancy.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace headgate::deploy {
namespace {

constexpr std::string_view kAdmission = "admissionregistration.k8s.io";

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool Has(const core::List& list, std::string_view one, std::string_view other) {
  return std::any_of(list.begin(), list.end(), [&](const core::Value& each) {
    return each.AsString() && (*each.AsString() == one || *each.AsString() == other);
  });
}

// Whether a webhook asks only about one namespace, by the label that the server gives each.
bool IsConfinedTo(const core::Value& webhook, const std::string& namespace_name) {
  const core::Value* labels = webhook.Find("namespaceSelector", "matchLabels");
  return labels && labels->StringAt("kubernetes.io/metadata.name") == namespace_name;
}

// Why a webhook must not come from a tenant; "" where it may. `rules` may be anything: a tenant
// wrote it.
std::string WhyNotIntercept(const core::Value& webhook, const core::List& rules,
                            const std::string& own) {
  for (const core::Value& rule : rules) {
    if (Has(rule.ListAt("apiGroups"), core::kGroup, "*"))
      return fmt::format("it would intercept objects of {}, which Headgate writes for everybody",
                         core::kGroup);
  }
  if (!IsConfinedTo(webhook, own))
    return fmt::format(
        "it would intercept what is written to other namespaces; confine it with "
        "namespaceSelector: "
        "{{matchLabels: {{kubernetes.io/metadata.name: {}}}}}",
        own);
  return "";
}

std::string WhyNotAdmission(const core::Value& body, const std::string& own) {
  const std::string& kind = body.StringAt("kind");
  if (kind != "MutatingWebhookConfiguration" && kind != "ValidatingWebhookConfiguration")
    return "admission policies and their bindings are for administrators";
  for (const core::Value& webhook : body.ListAt("webhooks")) {
    const std::string why = WhyNotIntercept(webhook, webhook.ListAt("rules"), own);
    if (!why.empty()) return why;
  }
  return "";
}

// Why no tenant may have it, wherever it is; "" where it may.
std::string WhyNot(const core::Value& body, const std::string& own) {
  const core::ObjectRef ref = core::RefOf(body);
  if (ref.name.starts_with("system:")) return "names that begin with system: are the cluster's own";
  if (ref.group == kAdmission) return WhyNotAdmission(body, own);
  const bool ours = core::IsKind(body, "apiextensions.k8s.io", "CustomResourceDefinition") &&
                    body.StringAt("spec", "group") == core::kGroup;
  if (ours || ref.name.ends_with(std::string(".") + core::kGroup))
    return "Headgate's own CustomResourceDefinitions come from headgate install";
  return "";
}

}  // namespace

bool IsAllowed(std::string_view allow, const core::Application& application) {
  while (!allow.empty()) {
    const size_t comma = std::min(allow.find(','), allow.size());
    const std::string_view one = Trimmed(allow.substr(0, comma));
    if (one == application.namespace_name || one == core::FullName(application)) return true;
    allow.remove_prefix(std::min(comma + 1, allow.size()));
  }
  return false;
}

core::Status CheckTenancy(
    const core::Application& application, const core::Objects& objects,
    const std::function<core::Result<std::string>(const std::string& namespace_name)>& allow_of) {
  const std::string& own = application.namespace_name;
  if (own == core::kSystemNamespace) return core::Ok();
  std::map<std::string, bool> allowed{{own, true}, {"", true}};  // "": the cluster's; by RBAC
  for (const core::Object& object : objects) {
    const core::ObjectRef ref = core::RefOf(object.body);
    if (const std::string why = WhyNot(object.body, own); !why.empty()) {
      return core::Forbidden(fmt::format("{}: {}; an Application in {} may have it",
                                         core::Show(ref), why, core::kSystemNamespace));
    }
    auto known = allowed.find(ref.namespace_name);
    if (known == allowed.end()) {
      const core::Result<std::string> allow = allow_of(ref.namespace_name);
      if (!allow) return allow.error().In("who may write to namespace " + ref.namespace_name);
      known = allowed.emplace(ref.namespace_name, IsAllowed(*allow, application)).first;
    }
    if (known->second) continue;
    return core::Forbidden(fmt::format(
        "{}: an Application of namespace {} writes to no other, unless an administrator lets it: "
        "kubectl annotate namespace {} {}={}",
        core::Show(ref), own, ref.namespace_name, kAllowAnnotation, core::FullName(application)));
  }
  return core::Ok();
}

}  // namespace headgate::deploy
