#include "templating/kustomize_first/references.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "templating/kustomize_first/reference_rules.h"

namespace headgate::templating {
namespace {

using Candidates = std::vector<const Resource*>;

bool Names(const ReferenceRule& rule, const Id& id) {
  return (rule.group.empty() || rule.group == id.group) &&
         (rule.version.empty() || rule.version == id.version) &&
         (rule.kind.empty() || rule.kind == id.kind);
}

// Whether the shorter one is the end of the longer one.
bool SameEnd(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  const size_t length = std::min(a.size(), b.size());
  if (length == 0) return a.size() == b.size();
  return std::equal(a.end() - static_cast<std::ptrdiff_t>(length), a.end(),
                    b.end() - static_cast<std::ptrdiff_t>(length));
}

// Whether two objects went through the same prefixes and suffixes.
bool SameContext(const Resource& a, const Resource& b, bool empty_fits) {
  const auto same = [&](const std::vector<std::string>& x, const std::vector<std::string>& y) {
    return (empty_fits && (x.empty() || y.empty())) || SameEnd(x, y);
  };
  return same(a.prefixes, b.prefixes) && same(a.suffixes, b.suffixes);
}

// Namespaces of a role binding's subjects: it may refer to accounts there.
core::Result<std::set<std::string>> SubjectNamespaces(const core::Object& object) {
  std::set<std::string> names;
  const std::string& kind = object.body.StringAt("kind");
  if (kind != "RoleBinding" && kind != "ClusterRoleBinding") return names;
  for (const core::Value& subject : object.body.ListAt("subjects")) {
    const core::Value* space = subject.Find("namespace");
    if (subject.StringAt("kind") != "ServiceAccount" || !space) continue;
    if (!space->is_string() || space->AsString()->empty()) {
      return core::Invalid(core::Where(object, *space) + ": the namespace of a subject is empty");
    }
    names.insert(*space->AsString());
  }
  return names;
}

// Updates the references of one object.
class Referrer {
 public:
  Referrer(const Resources& all, const std::set<std::string>& subjects, Resource* resource)
      : resource_(resource), id_(IdOf(resource->object.body)) {
    const bool anywhere = IsClusterScoped(id_);
    for (const Resource& other : all) {
      if (other.previous.empty()) continue;  // its name never changed
      const Id id = IdOf(other.object.body);
      if (anywhere || IsClusterScoped(id) || EffectiveNamespace(id) == EffectiveNamespace(id_) ||
          subjects.contains(id.namespace_name)) {
        candidates_.push_back(&other);
      }
    }
  }

  core::Status Fix(const ReferenceRule& rule) {
    return Apply(
        rule.field, Made::kScalar,
        [&](core::Value* value) -> core::Status { return Set(rule, value); },
        &resource_->object.body);
  }

 private:
  core::Status Set(const ReferenceRule& rule, core::Value* value) {
    if (core::List* list = value->AsList()) {
      for (core::Value& item : *list) {
        core::Status set = Set(rule, &item);
        if (!set) return set;
      }
      return core::Ok();
    }
    if (value->is_map()) return SetMapping(rule, value);
    const std::string* name = value->AsString();
    if (!name) return core::Ok();
    core::Result<const Resource*> target = Choose(rule, *name, candidates_, false);
    if (!target) return target.error();
    if (*target) Rename(core::NameOf((*target)->object.body), value);
    return core::Ok();
  }

  // A mapping with a name, and perhaps a namespace and a kind.
  core::Status SetMapping(const ReferenceRule& rule, core::Value* value) {
    core::Value* name = value->Find("name");
    if (!name || !name->is_string()) {
      return core::Invalid(fmt::format("{}: a name expected in {}",
                                       core::Where(resource_->object, *value), rule.field.path));
    }
    if (rule.by_kind && value->StringAt("kind") != rule.kind) return core::Ok();
    core::Result<const Resource*> target =
        Choose(rule, *name->AsString(), InNamespaceOf(*value), true);
    if (!target) return target.error();
    if (!*target) return core::Ok();
    Rename(core::NameOf((*target)->object.body), name);
    const std::string& space = core::NamespaceOf((*target)->object.body);
    if (!space.empty() && !rule.by_kind) value->AsMap()->Set("namespace", space);
    return core::Ok();
  }

  static void Rename(const std::string& name, core::Value* value) {
    const core::Mark mark = value->mark();
    *value = name;
    value->set_mark(mark);
  }

  // Candidates in the namespace that a reference names: by their original one, else by the present.
  Candidates InNamespaceOf(const core::Value& reference) const {
    const core::Value* named = reference.Find("namespace");
    if (!named) return candidates_;
    const std::string& space = reference.StringAt("namespace");
    Candidates original, present;
    for (const Resource* each : candidates_) {
      const Id first = OriginalId(*each), now = IdOf(each->object.body);
      const auto in = [&](const Id& id) {
        return id.namespace_name == space || (id.namespace_name.empty() && space == "default");
      };
      if (in(first)) original.push_back(each);
      if (in(now)) present.push_back(each);
    }
    return original.empty() ? present : original;
  }

  // What a name refers to; nullptr for what is not in the tree.
  core::Result<const Resource*> Choose(const ReferenceRule& rule, const std::string& name,
                                       Candidates candidates, bool with_namespace) const {
    const auto keep = [&](auto fits) {
      std::erase_if(candidates, [&](const Resource* each) { return !fits(*each); });
    };
    keep([&](const Resource& each) { return WasCalled(rule, name, each); });
    keep([&](const Resource& each) { return IsReachable(each); });
    if (candidates.size() > 1) {
      keep([&](const Resource& each) { return SameContext(each, *resource_, true); });
    }
    if (candidates.size() > 1) {
      keep([&](const Resource& each) { return SameContext(each, *resource_, false); });
    }
    if (candidates.empty()) return static_cast<const Resource*>(nullptr);
    const Id first = IdOf(candidates.front()->object.body);
    for (const Resource* each : candidates) {
      const Id id = IdOf(each->object.body);
      if (id.name == first.name && (!with_namespace || id.namespace_name == first.namespace_name)) {
        continue;
      }
      return core::Invalid(fmt::format("{}: {} \"{}\" may mean {} or {}",
                                       core::Where(resource_->object), rule.field.path, name,
                                       Show(first), Show(id)));
    }
    return candidates.front();
  }

  bool WasCalled(const ReferenceRule& rule, const std::string& name, const Resource& each) const {
    const auto any = [&](auto fits) {
      return std::any_of(each.previous.begin(), each.previous.end(), fits);
    };
    if (!any([&](const Id& id) { return id.name == name; })) return false;
    if (!any([&](const Id& id) { return Names(rule, id); })) return false;
    if (!rule.field.path.ends_with("roleRef/name")) return true;
    const core::Value* role = resource_->object.body.Find("roleRef");
    return any([&](const Id& id) {
      return id.kind == role->StringAt("kind") && id.group == role->StringAt("apiGroup");
    });
  }

  bool IsReachable(const Resource& each) const {
    const Id id = IdOf(each.object.body);
    return IsClusterScoped(id_) || IsClusterScoped(id) || id.kind == "ServiceAccount" ||
           EffectiveNamespace(id) == EffectiveNamespace(id_);
  }

  Resource* resource_;
  Id id_;
  Candidates candidates_;
};

}  // namespace

core::Status FixReferences(Resources* all) {
  for (Resource& resource : *all) {
    const Id original = OriginalId(resource);
    core::Result<std::set<std::string>> subjects = SubjectNamespaces(resource.object);
    if (!subjects) return subjects.error();
    Referrer referrer(*all, *subjects, &resource);
    for (const ReferenceRule& rule : ReferenceRules()) {
      if (!rule.field.kind.empty() && rule.field.kind != original.kind) continue;
      core::Status fixed = referrer.Fix(rule);
      if (!fixed) return fixed;
    }
  }
  return core::Ok();
}

}  // namespace headgate::templating
