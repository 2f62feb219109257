#include "deploy/ignored.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/application.h"
#include "core/hash.h"
#include "deploy/inventory.h"
#include "deploy/jq_paths.h"
#include "deploy/plan/merge_keys.h"

namespace headgate::deploy {
namespace {

constexpr size_t kSelectedMax = 4096;

// "*" stands for any text.
bool Fits(std::string_view pattern, std::string_view text) {
  const size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  const std::string_view rest = pattern.substr(star + 1);
  for (size_t at = star; at <= text.size(); ++at) {
    if (Fits(rest, text.substr(at))) return true;
  }
  return false;
}

bool IsAbout(const core::IgnoreRule& rule, const core::ObjectRef& ref) {
  const auto fits = [](const std::string& pattern, const std::string& text) {
    return pattern.empty() || Fits(pattern, text);
  };
  return (!rule.group || Fits(*rule.group, ref.group)) && Fits(rule.kind, ref.kind) &&
         fits(rule.name, ref.name) && fits(rule.namespace_name, ref.namespace_name);
}

std::string Unescaped(std::string_view token) {
  std::string name;
  for (size_t i = 0; i < token.size(); ++i) {
    const bool escape = token[i] == '~' && i + 1 < token.size();
    if (escape && (token[i + 1] == '0' || token[i + 1] == '1')) {
      name += token[++i] == '0' ? '~' : '/';
    } else {
      name += token[i];
    }
  }
  return name;
}

// Where a JSON pointer leads in `body`; empty where there is nothing.
FieldPath Resolve(std::string_view pointer, const core::Value& body) {
  FieldPath path;
  const core::Value* at = &body;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);  // '/'
    const size_t end = std::min(pointer.find('/'), pointer.size());
    const std::string token = Unescaped(pointer.substr(0, end));
    pointer.remove_prefix(end);
    if (const core::List* list = at->AsList()) {
      size_t index = 0;
      const auto [rest, bad] = std::from_chars(token.data(), token.data() + token.size(), index);
      if (bad != std::errc() || rest != token.data() + token.size() || index >= list->size())
        return {};
      path.emplace_back(index);
      at = &(*list)[index];
    } else {
      path.emplace_back(token);
      at = at->Find(token);
      if (!at) return {};
    }
  }
  return path;
}

// What an object is, and how it is known as ours: never ignored.
bool IsIdentity(std::string_view names) {
  return names == "apiVersion" || names == "kind" || names == "metadata" ||
         names == "metadata.name" || names == "metadata.namespace";
}

std::string Under(const std::string& names, const std::string& name) {
  return names.empty() ? name : names + "." + name;
}

// Takes places out of a wanted object, or gives them their live value.
class Remover {
 public:
  Remover(const core::Value& live, bool whole) : live_(live), whole_(whole) {}

  void Take(core::Value* wanted, const FieldPath& path) {
    Walk(wanted, &live_, path, 0, "", whole_);
  }

  // The same for each leaf of a tree of managed fields.
  void Take(core::Value* wanted, const core::Value& tree) { Walk(wanted, &live_, tree, ""); }

 private:
  // Whether the place was taken out, so that what it leaves behind may be empty.
  bool Walk(core::Value* wanted, const core::Value* live, const FieldPath& path, size_t depth,
            const std::string& names, bool keep) {
    if (const std::string* name = std::get_if<std::string>(&path[depth])) {
      return WalkField(wanted, live, path, depth, Under(names, *name), keep);
    }
    const size_t index = std::get<size_t>(path[depth]);
    if (!wanted->AsList() || index >= wanted->AsList()->size()) return false;
    core::Value* item = &(*wanted->AsList())[index];
    const std::vector<std::string_view> keys = MergeKeysOf(names);
    const core::Value* other = nullptr;
    if (live && live->AsList()) {
      if (!keys.empty()) other = FindByKeys(*live->AsList(), *item, keys);
      if (keys.empty() && index < live->AsList()->size()) other = &(*live->AsList())[index];
    }
    const bool kept = keep || keys.empty();
    if (depth + 1 < path.size()) {
      const std::string* next = std::get_if<std::string>(&path[depth + 1]);
      if (next && std::find(keys.begin(), keys.end(), *next) != keys.end()) return false;
      Walk(item, other, path, depth + 1, names, kept);
      return false;
    }
    if (kept && other) {
      *item = *other;
      return false;
    }
    wanted->AsList()->erase(wanted->AsList()->begin() + static_cast<std::ptrdiff_t>(index));
    return true;
  }

  bool WalkField(core::Value* wanted, const core::Value* live, const FieldPath& path, size_t depth,
                 const std::string& names, bool keep) {
    const std::string& name = std::get<std::string>(path[depth]);
    core::Value* next = wanted->Find(name);
    const core::Value* other = live ? live->Find(name) : nullptr;
    if (depth + 1 == path.size()) return Leave(wanted, name, other, names, keep);
    if (!next) return false;
    const bool taken = Walk(next, other, path, depth + 1, names, keep);
    const bool empty =
        next->AsMap() ? next->AsMap()->empty() : next->AsList() && next->AsList()->empty();
    if (taken && empty && !keep && !IsIdentity(names)) wanted->AsMap()->Erase(name);
    return taken && empty;
  }

  static bool Leave(core::Value* parent, const std::string& name, const core::Value* live,
                    const std::string& names, bool keep) {
    if (IsIdentity(names) || !parent->is_map()) return false;
    if (keep && live) {
      parent->AsMap()->Set(name, *live);
      return false;
    }
    return parent->AsMap()->Erase(name);
  }

  void Walk(core::Value* wanted, const core::Value* live, const core::Value& tree,
            const std::string& names) {
    if (!tree.AsMap()) return;
    for (const core::Map::Entry& entry : *tree.AsMap()) {
      if (entry.first == "." || entry.first.size() < 2) continue;
      auto* next = const_cast<core::Value*>(StepInto(wanted, entry.first));
      if (!next) continue;
      const core::Value* other = StepInto(live, entry.first);
      const bool leaf = !entry.second.AsMap() || entry.second.AsMap()->empty();
      const std::string name = entry.first.substr(2);
      const std::string deeper = entry.first[0] == 'f' ? Under(names, name) : names;
      if (!leaf) {
        Walk(next, other, entry.second, deeper);
      } else if (entry.first[0] == 'f') {
        const auto keys = MergeKeysOf(names);
        const bool key = std::find(keys.begin(), keys.end(), name) != keys.end();
        if (!key) Leave(wanted, name, other, deeper, whole_);
      }
    }
  }

  const core::Value& live_;
  const bool whole_;
};

// Labels and annotations by which an object is known as ours.
void KeepMarks(const core::Value& wanted, core::Value* ours) {
  const std::string& part_of = core::LabelOf(wanted, core::kPartOfLabel);
  if (!part_of.empty()) core::SetLabel(ours, core::kPartOfLabel, part_of);
  const std::string& application = core::AnnotationOf(wanted, kApplicationAnnotation);
  if (!application.empty()) core::SetAnnotation(ours, kApplicationAnnotation, application);
}

// What jq expressions are asked about: neither status nor what the server keeps.
core::Value Bare(const core::Value& body) {
  core::Value bare = body;
  bare.MakeMap().Erase("status");
  core::Map& metadata = bare.MakeMap()["metadata"].MakeMap();
  for (const char* field : {"managedFields", "resourceVersion", "generation"}) {
    metadata.Erase(field);
  }
  return bare;
}

bool IsManagedBy(const core::Value& entry, const std::vector<const core::IgnoreRule*>& rules) {
  return std::any_of(rules.begin(), rules.end(), [&](const core::IgnoreRule* rule) {
    return std::find(rule->managers.begin(), rule->managers.end(), entry.StringAt("manager")) !=
           rule->managers.end();
  });
}

}  // namespace

Ignored::Ignored(std::vector<core::IgnoreRule> rules) : rules_(std::move(rules)) {}

std::vector<const core::IgnoreRule*> Ignored::For(const core::ObjectRef& ref) const {
  std::vector<const core::IgnoreRule*> about;
  for (const core::IgnoreRule& rule : rules_) {
    if (IsAbout(rule, ref)) about.push_back(&rule);
  }
  return about;
}

bool Ignored::Matches(const core::ObjectRef& ref) const {
  return std::any_of(rules_.begin(), rules_.end(),
                     [&](const core::IgnoreRule& rule) { return IsAbout(rule, ref); });
}

std::string Ignored::KeyOf(const core::ObjectRef& ref) const {
  core::List all;
  for (const core::IgnoreRule* rule : For(ref)) {
    for (const auto* words : {&rule->json_pointers, &rule->jq_paths, &rule->managers}) {
      all.emplace_back(core::List(words->begin(), words->end()));
    }
  }
  return all.empty() ? "" : core::ContentHash(all);
}

core::Result<std::vector<FieldPath>> Ignored::Paths(const core::ObjectRef& ref,
                                                    const core::Value& body) const {
  std::vector<FieldPath> paths;
  std::vector<std::string> expressions;
  for (const core::IgnoreRule* rule : For(ref)) {
    for (const std::string& pointer : rule->json_pointers) {
      FieldPath path = Resolve(pointer, body);
      if (!path.empty()) paths.push_back(std::move(path));
    }
    expressions.insert(expressions.end(), rule->jq_paths.begin(), rule->jq_paths.end());
  }
  if (!expressions.empty()) {
    const core::Value bare = Bare(body);
    const std::string key =
        core::ContentHash(core::List{core::List(expressions.begin(), expressions.end()), bare});
    std::unique_lock lock(mutex_);
    auto known = selected_.find(key);
    if (known == selected_.end()) {
      lock.unlock();
      core::Result<std::vector<FieldPath>> selected = JqPaths(expressions, bare);
      if (!selected) return selected.error().In("spec.sync.ignoreDifferences");
      lock.lock();
      if (selected_.size() >= kSelectedMax) selected_.clear();
      known = selected_.insert_or_assign(key, std::move(*selected)).first;
    }
    paths.insert(paths.end(), known->second.begin(), known->second.end());
  }
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  return paths;
}

core::Result<core::Value> Ignored::Ours(const core::Value& wanted, const core::Value& live,
                                        bool whole) const {
  const core::ObjectRef ref = core::RefOf(wanted);
  core::Result<std::vector<FieldPath>> paths = Paths(ref, wanted);
  if (!paths) return paths.error();
  core::Value ours = wanted;
  Remover remover(live, whole);
  // From the last: an item that goes moves those behind it.
  for (auto path = paths->rbegin(); path != paths->rend(); ++path) remover.Take(&ours, *path);
  const std::vector<const core::IgnoreRule*> rules = For(ref);
  for (const core::Value& entry : live.ListAt("metadata", "managedFields")) {
    if (!IsManagedBy(entry, rules)) continue;
    if (const core::Value* fields = entry.Find("fieldsV1")) remover.Take(&ours, *fields);
  }
  KeepMarks(wanted, &ours);
  return ours;
}

core::Result<core::Value> Ignored::GivenUp(const core::Value& live) const {
  const core::ObjectRef ref = core::RefOf(live);
  const core::Value own = AppliedTree(live, "headgate");
  core::Value given_up = core::Map{};
  if (IsEmptyTree(own)) return given_up;
  core::Result<std::vector<FieldPath>> paths = Paths(ref, live);
  if (!paths) return paths.error();
  for (const FieldPath& path : *paths) {
    given_up = UnitedFields(given_up, FieldsUnder(own, live, path));
  }
  const std::vector<const core::IgnoreRule*> rules = For(ref);
  for (const core::Value& entry : live.ListAt("metadata", "managedFields")) {
    if (!IsManagedBy(entry, rules)) continue;
    if (const core::Value* fields = entry.Find("fieldsV1")) {
      given_up = UnitedFields(given_up, CommonFields(own, *fields));
    }
  }
  return given_up;
}

core::Value Without(const core::Value& wanted, const core::Value& tree, const core::Value& live) {
  core::Value rest = wanted;
  Remover(live, /*whole=*/false).Take(&rest, tree);
  KeepMarks(wanted, &rest);
  return rest;
}

core::Value HandOver(const core::Value& live, const core::Value& given_up) {
  const core::Value all = UnitedFields(AppliedTree(live, kReleasedManager), given_up);
  core::Value body = ValuesAt(all, live);
  core::Map& map = body.MakeMap();
  for (const char* key : {"apiVersion", "kind"}) map.Set(key, live.StringAt(key));
  core::Map& metadata = map["metadata"].MakeMap();
  metadata.Set("name", core::NameOf(live));
  if (!core::NamespaceOf(live).empty()) metadata.Set("namespace", core::NamespaceOf(live));
  return body;
}

std::string WantedHash(const core::Value& wanted, const Ignored* ignored) {
  const std::string hash = core::ContentHash(wanted);
  const std::string key = ignored ? ignored->KeyOf(core::RefOf(wanted)) : "";
  return key.empty() ? hash : hash + "/" + key;
}

std::vector<core::IgnoreRule> ScaledByOthers(const core::Objects& objects) {
  std::vector<core::IgnoreRule> rules;
  for (const core::Object& object : objects) {
    const core::Value& body = object.body;
    const bool keda = core::IsKind(body, "keda.sh", "ScaledObject");
    if (!keda && !core::IsKind(body, "autoscaling", "HorizontalPodAutoscaler")) continue;
    const core::Value* target = body.Find("spec", "scaleTargetRef");
    if (!target || target->StringAt("name").empty()) continue;
    core::IgnoreRule rule;
    const std::string& version = target->StringAt("apiVersion");
    rule.group = core::ParseApiVersion(version.empty() ? "apps/v1" : version).group;
    rule.kind = target->StringAt("kind").empty() ? "Deployment" : target->StringAt("kind");
    rule.name = target->StringAt("name");
    rule.namespace_name = core::NamespaceOf(body);
    rule.json_pointers = {"/spec/replicas"};
    rules.push_back(std::move(rule));
  }
  return rules;
}

core::Status CheckIgnoreRules(const std::vector<core::IgnoreRule>& rules) {
  for (size_t i = 0; i < rules.size(); ++i) {
    const core::Result<std::vector<FieldPath>> read =
        JqPaths(rules[i].jq_paths, core::Value(core::Map{}));
    if (read) continue;
    return read.error().In(fmt::format("spec.sync.ignoreDifferences[{}].jqPathExpressions", i));
  }
  return core::Ok();
}

}  // namespace headgate::deploy
