#include <fmt/format.h>

#include <algorithm>

#include "templating/kustomize/field_path.h"
#include "templating/kustomize/references.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Node;
using Affixes = std::vector<std::string_view>;

bool WasOf(const Resource& resource, std::string_view group, std::string_view version,
           std::string_view kind) {
  return std::any_of(resource.previous.begin(), resource.previous.end(), [&](const auto& previous) {
    return IsOf(PreviousId(resource, previous), group, version, kind);
  });
}

// Whether the shorter one is the end of the longer one.
bool SameEnd(const Affixes& a, const Affixes& b) {
  const size_t length = std::min(a.size(), b.size());
  if (length == 0) return a.size() == b.size();
  return std::equal(a.rbegin(), a.rbegin() + static_cast<std::ptrdiff_t>(length), b.rbegin());
}

// Whether two objects went through the same prefixes and suffixes.
bool SameContext(const Resource& a, const Resource& b, bool empty_fits) {
  const auto same = [&](const Affixes& x, const Affixes& y) {
    return (empty_fits && (x.empty() || y.empty())) || SameEnd(x, y);
  };
  return same(a.prefixes, b.prefixes) && same(a.suffixes, b.suffixes);
}

// A role binding may refer to accounts in the namespaces that its subjects name.
core::Result<std::vector<std::string_view>> SubjectNamespaces(const Resource& resource) {
  std::vector<std::string_view> names;
  if (resource.id.kind != "RoleBinding") return names;
  const Node* subjects = resource.body->Find("subjects");
  if (!subjects || !subjects->is_sequence()) return names;
  for (const Node* subject : subjects->children()) {
    if (!subject->is_mapping()) return Unexpected("subjects", "a list of mappings", *subject);
    const Node* space = subject->Find("namespace");
    const Node* kind = subject->Find("kind");
    if (!space || !kind || kind->text() != "ServiceAccount") continue;
    if (!space->is_string()) return Unexpected("subjects/namespace", "a text", *space);
    names.push_back(space->text());
  }
  return names;
}

}  // namespace

core::Result<Referrer> Referrer::Make(const FormerNames& names, const Resource* resource) {
  Referrer referrer(names, resource);
  core::Result<std::vector<std::string_view>> subjects = SubjectNamespaces(*resource);
  if (!subjects) return subjects.error();
  referrer.subject_namespaces_ = *std::move(subjects);
  return referrer;
}

// What is in another namespace cannot be named, but for a few.
bool Referrer::Reaches(const Resource& target) const {
  return resource_->id.cluster_scoped || target.id.cluster_scoped ||
         EffectiveNamespace(target.id) == EffectiveNamespace(resource_->id) ||
         std::find(subject_namespaces_.begin(), subject_namespaces_.end(),
                   target.id.namespace_name) != subject_namespaces_.end();
}

void Referrer::Gather(const Query& query) {
  found_.clear();
  if (query.namespace_name) {
    GatherIn(*query.namespace_name, query);
  } else if (resource_->id.cluster_scoped) {
    names_.Find(query.name, &found_);
  } else {
    names_.FindIn(query.name, EffectiveNamespace(resource_->id), &found_);
    names_.FindIn(query.name, ClusterScope(), &found_);
    for (std::string_view space : subject_namespaces_) {
      names_.FindIn(query.name, space.empty() ? "default" : space, &found_);
    }
  }
  std::sort(found_.begin(), found_.end(),
            [](const Resource* a, const Resource* b) { return a->position < b->position; });
  found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
  std::erase_if(found_, [&](const Resource* each) { return !Reaches(*each); });
}

// A namespace is the original one where any object in reach was in it, else the present one.
void Referrer::GatherIn(std::string_view space, const Query& query) {
  if (space == ClusterScope()) return;
  bool is_original = false;
  if (resource_->id.cluster_scoped) {
    is_original = names_.HasFrom(space);
  } else {
    is_original = names_.HasFrom(space, EffectiveNamespace(resource_->id)) ||
                  names_.HasFrom(space, ClusterScope()) ||
                  std::any_of(subject_namespaces_.begin(), subject_namespaces_.end(),
                              [&](std::string_view each) { return names_.HasFrom(space, each); });
  }
  if (is_original) {
    names_.FindFrom(query.name, space, &found_);
  } else {
    names_.FindIn(query.name, space, &found_);
  }
}

bool Referrer::Fits(const Query& query, const Resource& target) const {
  if (!WasOf(target, query.group, query.version, query.kind)) return false;
  if (query.path.ends_with("roleRef/name") && !FitsRole(target)) return false;
  return resource_->id.cluster_scoped || target.id.cluster_scoped ||
         target.id.kind == "ServiceAccount" ||
         EffectiveNamespace(target.id) == EffectiveNamespace(resource_->id);
}

// The field says itself which kind of role it names.
bool Referrer::FitsRole(const Resource& target) const {
  const Node* role = resource_->body->Find("roleRef");
  const Node* group = role ? role->Find("apiGroup") : nullptr;
  const Node* kind = role ? role->Find("kind") : nullptr;
  return !group || !kind || WasOf(target, group->text(), "", kind->text());
}

core::Error Referrer::Ambiguous(const Query& query) const {
  std::string ids;
  for (const Resource* each : found_) {
    ids += fmt::format("{}{}", ids.empty() ? "" : ", ", Show(each->id));
  }
  return core::Invalid(fmt::format("{}: \"{}\" may be any of {}", query.path, query.name, ids));
}

core::Result<const Resource*> Referrer::Choose(const Query& query) {
  const auto keep = [&](auto fits) {
    std::erase_if(found_, [&](const Resource* each) { return !fits(*each); });
  };
  Gather(query);
  keep([&](const Resource& each) { return Fits(query, each); });
  if (found_.size() != 1) {
    keep([&](const Resource& each) { return SameContext(each, *resource_, true); });
  }
  if (found_.size() > 1) {
    keep([&](const Resource& each) { return SameContext(each, *resource_, false); });
  }
  if (found_.empty()) return static_cast<const Resource*>(nullptr);
  const Id& first = found_.front()->id;
  for (const Resource* each : found_) {
    const bool same =
        each->id.name == first.name &&
        (!query.compares_namespaces || each->id.namespace_name == first.namespace_name);
    if (!same) return Ambiguous(query);
  }
  return found_.front();
}

}  // namespace headgate::templating::kustomize
