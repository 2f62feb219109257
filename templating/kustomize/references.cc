#include "templating/kustomize/references.h"

#include <fmt/format.h>

#include <map>
#include <tuple>
#include <utility>

#include "templating/kustomize/references_paths.h"
#include "templating/kustomize/rules_tables.h"
#include "templating/kustomize/transform.h"
#include "templating/kustomize/transform_fields.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Node;
using yaml::Tag;

// A field that names objects of a kind, and how it does.
struct Rule {
  std::string_view group, version, kind;  // of what is named
  const FieldSpec* field;
  bool by_kind;
};

// All rules, those of one referrer's kind as a tree of paths.
class Rules {
 public:
  explicit Rules(const TransformerConfig& config) {
    for (const ReferenceRule& rule : config.name_reference) {
      for (const FieldSpec& field : rule.referrers) {
        rules_.push_back({rule.group, rule.version, rule.kind, &field, false});
      }
    }
    for (const OwnReferenceRule& rule : OwnReferenceRules()) {
      rules_.push_back({rule.group, "", rule.kind, &rule.field, rule.by_kind});
    }
  }

  const Rule& operator[](uint32_t rule) const { return rules_[rule]; }

  const PathTree& For(const Id& id, yaml::Arena* arena) {
    const auto [found, is_new] = trees_.try_emplace({id.group, id.version, id.kind});
    if (!is_new) return found->second;
    for (uint32_t i = 0; i < rules_.size(); ++i) {
      const FieldSpec& field = *rules_[i].field;
      if (Fits(field, id.group, id.version, id.kind)) found->second.Add(field, i, arena);
    }
    return found->second;
  }

 private:
  using Gvk = std::tuple<std::string_view, std::string_view, std::string_view>;
  std::vector<Rule> rules_;
  std::map<Gvk, PathTree> trees_;
};

// Sets the names in the fields of one resource.
class Fixer {
 public:
  Fixer(const Rules& rules, Referrer* referrer, yaml::Arena* arena)
      : rules_(rules), referrer_(*referrer), arena_(arena) {}

  core::Status Fix(uint32_t rule, Node* node) {
    rule_ = &rules_[rule];
    if (!node->is_sequence()) return FixOne(node);
    for (Node* item : node->children()) {
      core::Status done = FixOne(item);
      if (!done) return done;
    }
    return core::Ok();
  }

 private:
  core::Status FixOne(Node* node) {
    if (node->is_null()) return core::Ok();
    if (node->is_mapping()) return FixMapping(node);
    if (!node->is_scalar()) return Unexpected(rule_->field->path, "a name", *node);
    core::Result<const Resource*> target = referrer_.Choose(QueryFor(node->text()));
    if (!target) return target.error();
    if (!*target || (*target)->id.name == node->text()) return core::Ok();
    return SetScalar((*target)->id.name, Tag::kNone, node);
  }

  Query QueryFor(std::string_view name) const {
    return {rule_->group,       rule_->version, rule_->kind, name,
            rule_->field->path, std::nullopt,   false};
  }

  // A mapping with a name, and perhaps a namespace: both become the target's.
  core::Status FixMapping(Node* node) {
    if (rule_->by_kind && node->TextAt("kind") != rule_->kind) return core::Ok();
    Node* name = node->Find("name");
    if (!name) {
      return core::Invalid(fmt::format("line {}: {}: a name expected in the mapping, found none",
                                       node->line, rule_->field->path));
    }
    Query query = QueryFor(name->text());
    if (!rule_->by_kind) {
      const Node* space = node->Find("namespace");
      if (space) query.namespace_name = space->text();
      query.compares_namespaces = true;
    }
    core::Result<const Resource*> target = referrer_.Choose(query);
    if (!target) return target.error();
    if (!*target) return core::Ok();
    const Id& id = (*target)->id;
    if (id.name == query.name && id.namespace_name.empty()) return core::Ok();
    SetText(node, "name", id.name, arena_);
    // No namespace is no reason to take "default" away.
    if (!rule_->by_kind && !id.namespace_name.empty()) {
      SetText(node, "namespace", id.namespace_name, arena_);
    }
    return core::Ok();
  }

  const Rules& rules_;
  Referrer& referrer_;
  yaml::Arena* arena_;
  const Rule* rule_ = nullptr;
};

}  // namespace

core::Status FixReferences(const TransformerConfig& config, Build* build, ResourceMap* all) {
  Rules rules(config);
  const FormerNames names(*all);
  for (const auto& each : all->all()) {
    const PathTree& paths = rules.For(OriginalId(*each), build->arena);
    if (paths.empty()) continue;
    core::Result<Referrer> referrer = Referrer::Make(names, each.get());
    if (!referrer) return In(*each, referrer.error());
    Fixer fixer(rules, &*referrer, build->arena);
    core::Status done = paths.Visit(
        each->body, build->arena, [&](uint32_t rule, Node* node) { return fixer.Fix(rule, node); });
    if (!done) return In(*each, done.error());
  }
  return core::Ok();
}

}  // namespace headgate::templating::kustomize
