#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "templating/kustomize/field_path.h"
#include "templating/kustomize/references_paths.h"
#include "templating/kustomize/transform.h"
#include "templating/kustomize/transform_fields.h"
#include "templating/kustomize/vars_expand.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Node;
using yaml::Tag;

constexpr std::string_view kDefaultPath = "metadata.name";

// Without a namespace a var fits in all of them.
std::vector<Resource*> Matches(const Var& var, const ResourceMap& all) {
  const Id wanted{var.group, var.version, var.kind, var.namespace_name, var.object};
  if (!var.namespace_name.empty()) return all.FindAny(wanted);
  std::vector<Resource*> named = all.FindNamed(var.object);
  std::erase_if(named, [&](const Resource* each) {
    const auto fits = [&](const Id& id) { return id.name == wanted.name && SameGvk(id, wanted); };
    return !fits(each->id) &&
           std::none_of(each->previous.begin(), each->previous.end(),
                        [&](const auto& previous) { return fits(PreviousId(*each, previous)); });
  });
  return named;
}

// The values of all vars, from the resources that read them.
core::Result<VarValues> FindValues(const std::vector<Var>& vars, Build* build,
                                   const ResourceMap& all) {
  std::unordered_map<std::string_view, Resource*> sources;  // the first one of each var
  for (const auto& each : all.all()) {
    for (std::string_view name : each->vars) sources.try_emplace(name, each.get());
  }
  VarValues values;
  for (const Var& var : vars) {
    const auto source = sources.find(var.name);
    if (source == sources.end()) {
      return core::Invalid(
          fmt::format("var {}: no object {} {} is known", var.name, var.kind, var.object));
    }
    const std::string_view path = var.field_path.empty() ? kDefaultPath : var.field_path;
    core::Result<Node*> found = Lookup(SplitVarPath(path, build->arena), Make::kNothing,
                                       build->arena, source->second->body);
    if (found && !*found) found = core::Invalid(fmt::format("nothing at {}", path));
    core::Result<VarValue> value = found ? ReadVar(**found) : found.error();
    if (!value) return In(*source->second, value.error()).In(fmt::format("var {}", var.name));
    values.emplace(var.name, *std::move(value));
  }
  return values;
}

// Replaces $(NAME) in the fields of a config.
class Resolver {
 public:
  Resolver(const VarValues& values, Build* build) : values_(values), build_(build) {}

  core::Status Resolve(const FieldSpec& spec, Resource* resource) {
    return SetField(spec, Make::kNothing, build_, resource,
                    [&](Node* node) { return Resolve(spec, node); });
  }

  void WarnOfUnused() const {
    std::vector<std::string_view> unused;
    for (const auto& [name, value] : values_) {
      if (!used_.contains(name)) unused.push_back(name);
    }
    if (unused.empty()) return;
    std::sort(unused.begin(), unused.end());
    build_->warnings.push_back(
        fmt::format("well-defined vars that were never replaced: {}", fmt::join(unused, ",")));
  }

 private:
  static bool IsText(const Node& node) { return node.is_string() || node.tag == Tag::kNone; }

  core::Status Resolve(const FieldSpec& spec, Node* node) {
    if (node->is_null()) return core::Ok();
    if (node->is_scalar()) {
      if (IsText(*node)) Expand(node);
      return core::Ok();
    }
    if (node->is_sequence()) {
      for (Node* item : node->children()) {
        if (!item->is_scalar() || !IsText(*item)) {
          return Unexpected(spec.path, "a list of texts", *item);
        }
        Expand(item);
      }
      return core::Ok();
    }
    for (size_t i = 0; i < node->entries(); ++i) {
      if (!IsText(*node->key(i)))
        return Unexpected(spec.path, "keys that are texts", *node->key(i));
      if (node->value(i)->is_scalar() && IsText(*node->value(i))) Expand(node->value(i));
    }
    return core::Ok();
  }

  void Expand(Node* node) { ExpandVars(values_, build_, &used_, node); }

  const VarValues& values_;
  Build* build_;
  std::unordered_set<std::string_view> used_;
};

}  // namespace

core::Status MergeVars(const std::vector<Var>& more, std::vector<Var>* vars) {
  std::unordered_set<std::string_view> names;
  for (const Var& var : *vars) names.insert(var.name);
  for (const Var& var : more) {
    if (!names.insert(var.name).second) {
      return core::Invalid(fmt::format("var {}: there is one of that name already", var.name));
    }
    vars->push_back(var);
  }
  return core::Ok();
}

core::Status MergeVars(const std::vector<Var>& more, ResourceMap* all, std::vector<Var>* vars) {
  for (const Var& var : more) {
    const auto matches = Matches(var, *all);
    if (matches.size() > 1) {
      return core::Invalid(fmt::format("var {}: {} objects fit, {} and {} among them", var.name,
                                       matches.size(), Show(matches[0]->id), Show(matches[1]->id)));
    }
    for (Resource* each : matches) each->vars.push_back(var.name);
  }
  return MergeVars(more, vars);
}

core::Status ResolveVars(const std::vector<Var>& vars, const TransformerConfig& config,
                         Build* build, ResourceMap* all) {
  if (vars.empty()) return core::Ok();
  core::Result<VarValues> values = FindValues(vars, build, *all);
  if (!values) return values.error();
  Resolver resolver(*values, build);
  for (const auto& each : all->all()) {
    for (const FieldSpec& spec : config.var_reference) {
      core::Status done = resolver.Resolve(spec, each.get());
      if (!done) return done;
    }
  }
  resolver.WarnOfUnused();
  return core::Ok();
}

}  // namespace headgate::templating::kustomize
