#pragma once

#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "templating/kustomize/resource.h"
#include "templating/kustomize/resource_index.h"

namespace headgate::templating::kustomize {

// The objects whose names have changed, by the names that they had. Namespaces are effective ones.
class FormerNames {
 public:
  explicit FormerNames(const ResourceMap& all);

  // Appends those that were called so: any, those that are in a namespace now, those that were in
  // one first.
  void Find(std::string_view name, std::vector<Resource*>* found) const;
  void FindIn(std::string_view name, std::string_view space, std::vector<Resource*>* found) const;
  void FindFrom(std::string_view name, std::string_view space, std::vector<Resource*>* found) const;

  // Whether any object (renamed or not) was in a namespace first; and is in another now.
  bool HasFrom(std::string_view original) const { return originals_.contains({original, {}}); }
  bool HasFrom(std::string_view original, std::string_view present) const {
    return originals_.contains({original, present});
  }

 private:
  HashIndex index_;
  std::set<std::pair<std::string_view, std::string_view>> originals_;
};

// "_non_namespaceable_": what EffectiveNamespace gives for what is cluster-scoped.
std::string_view ClusterScope();

}  // namespace headgate::templating::kustomize
