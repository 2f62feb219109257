#pragma once

#include <string_view>
#include <vector>

namespace headgate::templating::kustomize {

// A field of the objects of a kind; "" fits every group, version or kind. The texts live in the
// build's arena, or are constants.
struct FieldSpec {
  std::string_view group, version, kind;
  std::string_view path;  // parted by '/', which a '\' before it escapes
  bool create = false;    // the field is made where it is missing
  friend bool operator==(const FieldSpec&, const FieldSpec&) = default;
};
using FieldSpecs = std::vector<FieldSpec>;

}  // namespace headgate::templating::kustomize
