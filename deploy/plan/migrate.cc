#include "deploy/plan/migrate.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "deploy/plan/fields_v1.h"

namespace headgate::deploy {
namespace {

struct Legacy {
  std::string_view manager;
  std::string_view operation;  // "": both
};

// Sources: kubectl v1.34 (pkg/cmd/apply, create, replace), apimachinery's managedfields
// ("before-first-apply"), fluxcd/kustomize-controller and helm-controller, argo-cd v3 (common.go),
// helm v3 and v4 (pkg/kube). What people do by kubectl edit, patch, scale or label is no deploying.
constexpr Legacy kLegacies[] = {
    {"kubectl-client-side-apply", "Update"},
    {"kubectl-create", "Update"},
    {"kubectl-replace", "Update"},
    {"kubectl", "Apply"},
    {"before-first-apply", "Update"},
    {"kustomize-controller", ""},
    {"helm-controller", ""},
    {"argocd-controller", ""},
    {"argocd-application-controller", ""},
    {"helm", ""},
};

bool IsLegacy(const core::Value& entry) {
  if (!entry.StringAt("subresource").empty() || !entry.Find("fieldsV1")) return false;
  return std::any_of(std::begin(kLegacies), std::end(kLegacies), [&](const Legacy& each) {
    return entry.StringAt("manager") == each.manager &&
           (each.operation.empty() || entry.StringAt("operation") == each.operation);
  });
}

bool IsOurs(const core::Value& entry) {
  return entry.StringAt("manager") == "headgate" && entry.StringAt("operation") == "Apply" &&
         entry.StringAt("subresource").empty();
}

}  // namespace

std::optional<core::Value> Migrated(const core::Value& live) {
  const core::List& entries = live.ListAt("metadata", "managedFields");
  if (std::none_of(entries.begin(), entries.end(), IsLegacy)) return std::nullopt;
  core::List others;
  core::Value all = core::Map{};
  for (const core::Value& entry : entries) {
    const core::Value* fields = entry.Find("fieldsV1");
    if ((IsLegacy(entry) || IsOurs(entry)) && fields) {
      all = UnitedFields(all, *fields);
    } else {
      others.push_back(entry);
    }
  }
  all.MakeMap().Erase("f:status");  // never ours to apply
  core::List migrated{core::Map{{"manager", "headgate"},
                                {"operation", "Apply"},
                                {"apiVersion", live.StringAt("apiVersion")},
                                {"fieldsType", "FieldsV1"},
                                {"fieldsV1", std::move(all)}}};
  migrated.insert(migrated.end(), others.begin(), others.end());
  return core::Value(std::move(migrated));
}

core::Value AsMigrated(const core::Value& live) {
  core::Value copy = live;
  if (std::optional<core::Value> fields = Migrated(live)) {
    copy.MakeMap()["metadata"].MakeMap().Set("managedFields", std::move(*fields));
  }
  return copy;
}

}  // namespace headgate::deploy
