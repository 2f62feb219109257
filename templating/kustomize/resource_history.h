#pragma once

#include <string_view>

#include "templating/kustomize/resource.h"

// What resource_history.cc has for the rest of resource*.cc.
namespace headgate::templating::kustomize {

// Whether an annotation is one of those that leave at the end of a build.
bool IsBuildKey(std::string_view key);

// Has the body's annotations stand for a history from now on.
void MarkHistory(Resource* resource, Build* build);
void ForgetHistory(Resource* resource);  // the body is left as it is

// Erases the entries of a mapping that `drops` says, given key and value.
template <class Drops>
void DropEntries(yaml::Node* mapping, Drops drops) {
  uint32_t kept = 0;
  for (size_t i = 0; i < mapping->entries(); ++i) {
    if (drops(*mapping->key(i), *mapping->value(i))) continue;
    mapping->items[kept++] = mapping->key(i);
    mapping->items[kept++] = mapping->value(i);
  }
  mapping->size = kept;
}

}  // namespace headgate::templating::kustomize
