#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "templating/kustomize/field_path.h"
#include "templating/kustomize/field_spec.h"
#include "templating/yaml/node.h"

namespace headgate::templating::kustomize {

// The paths of many field specs in one tree, so that an object is walked once for all of them. What
// field specs make is not made: `create` is not looked at.
class PathTree {
 public:
  // `rule` is what Visit will name. Rules of the same field are visited in the order of their
  // addition.
  void Add(const FieldSpec& spec, uint32_t rule, yaml::Arena* arena);
  bool empty() const { return root_.children.empty() && others_.empty(); }

  // Calls visit(rule, node) -> core::Status for each rule and each node that its path leads to.
  template <class Visitor>
  core::Status Visit(yaml::Node* body, yaml::Arena* arena, const Visitor& visit) const {
    core::Status done = VisitBelow(root_, body, visit);
    for (size_t i = 0; done && i < others_.size(); ++i) {
      const Other& other = others_[i];
      done = VisitField(
          other.spec, Make::kNothing, [&](yaml::Node* node) { return visit(other.rule, node); },
          arena, body);
    }
    return done;
  }

 private:
  struct Branch {
    std::string_view name;
    std::string_view path;        // of a rule that goes on here, for errors
    std::vector<uint32_t> rules;  // that end here
    std::vector<Branch> children;
  };
  struct Other {
    FieldSpec spec;
    uint32_t rule;
  };

  // As deep as the paths are long, plus lists in lists of the object itself.
  template <class Visitor>
  static core::Status VisitBelow(const Branch& branch, yaml::Node* node, const Visitor& visit) {
    if (node->is_null()) return core::Ok();
    if (node->is_sequence()) {
      for (yaml::Node* item : node->children()) {
        core::Status done = VisitBelow(branch, item, visit);
        if (!done) return done;
      }
      return core::Ok();
    }
    if (!node->is_mapping()) return Unexpected(branch.path, "a mapping or a list", *node);
    for (const Branch& child : branch.children) {
      yaml::Node* found = node->Find(child.name);
      if (!found) continue;
      for (uint32_t rule : child.rules) {
        core::Status done = visit(rule, found);
        if (!done) return done;
      }
      if (child.children.empty()) continue;
      core::Status done = VisitBelow(child, found, visit);
      if (!done) return done;
    }
    return core::Ok();
  }

  Branch root_;
  std::vector<Other> others_;  // whose paths have more than keys
};

}  // namespace headgate::templating::kustomize
