#pragma once

#include <string>
#include <vector>

#include "core/value.h"

namespace headgate::templating {

// How the lists of one kind are merged.
class MergeKeys {
 public:
  // No list of a kind that is not Kubernetes' own is merged.
  static MergeKeys For(const core::Value& body);

  // The keys that tell the items of list `field` apart, where it stands in `parent` ("" at the top;
  // within items of a list, that list's name). Empty for a set of scalars; nullptr for a list that
  // is replaced.
  const std::vector<std::string>* Find(const std::string& field, const std::string& parent) const;

 private:
  MergeKeys(bool built_in, std::string kind) : built_in_(built_in), kind_(std::move(kind)) {}

  bool built_in_;
  std::string kind_;
};

}  // namespace headgate::templating
