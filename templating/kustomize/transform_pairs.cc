#include <vector>

#include "templating/kustomize/field_path.h"
#include "templating/kustomize/field_path_parts.h"
#include "templating/kustomize/transform.h"
#include "templating/kustomize/transform_fields.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Node;
using yaml::Tag;

// The values of one resource. kustomize makes one node of each, and puts it into all fields that do
// not have the key yet; so what later changes one of them in place (another transformer, a patch, a
// replacement, a var) changes them all.
class Values {
 public:
  Values(const StringPairs& pairs, Resource* resource, yaml::Arena* arena)
      : pairs_(pairs), resource_(resource), arena_(arena), nodes_(pairs.size()) {}

  core::Status SetIn(Node* mapping) {
    if (mapping->is_null()) return core::Ok();
    for (size_t i = 0; i < pairs_.size(); ++i) {
      const auto& [key, value] = pairs_[i];
      if (!mapping->is_mapping()) return Unexpected(key, "a mapping around it", *mapping);
      if (Node* found = mapping->Find(key)) {
        Change(value, found);
      } else {
        mapping->AppendEntry(arena_, NewKey(key, arena_), NodeOf(i));
      }
    }
    return core::Ok();
  }

 private:
  static void Change(std::string_view value, Node* node) {
    const yaml::Style style = node->is_scalar() ? node->style : yaml::Style::kPlain;
    node->SetString(value);
    node->style = style;
    node->extra = nullptr;
  }

  Node* NodeOf(size_t pair) {
    Node*& node = nodes_[pair];
    if (node) {
      resource_->shares_nodes = true;
    } else {
      node = arena_->NewScalar(pairs_[pair].second);
    }
    return node;
  }

  const StringPairs& pairs_;
  Resource* resource_;
  yaml::Arena* arena_;
  std::vector<Node*> nodes_;
};

}  // namespace

core::Status AddPairs(const PairsConfig& config, Build* build, ResourceMap* all) {
  if (config.pairs.empty()) return core::Ok();
  for (const auto& each : all->all()) {
    Values values(config.pairs, each.get(), build->arena);
    for (const FieldSpec& spec : config.fields) {
      core::Status done = SetField(spec, Make::kMapping, build, each.get(),
                                   [&](Node* node) { return values.SetIn(node); });
      if (!done) return done;
    }
  }
  return core::Ok();
}

}  // namespace headgate::templating::kustomize
