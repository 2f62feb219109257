#pragma once

#include <string_view>
#include <vector>

namespace headgate::templating::kustomize {

// A field of the objects of a kind; "" fits every group, version or kind. The parts of the path are
// parted by '/' ("\/" is a slash in a key); lists on the way are gone through, and a part may end
// in
// "[]" to say that it is one: then it is never made. The texts live in the build's arena, or are
// constants.
struct FieldSpec {
  std::string_view group, version, kind, path;
  bool create = false;  // what is missing on the way is made
  friend bool operator==(const FieldSpec&, const FieldSpec&) = default;
};
using FieldSpecs = std::vector<FieldSpec>;

}  // namespace headgate::templating::kustomize
