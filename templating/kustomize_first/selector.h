#pragma once

#include <memory>
#include <string_view>

#include "core/result.h"
#include "core/value.h"
#include "templating/kustomize_first/resource.h"

namespace headgate::templating {

// The `target` of a patch: every given field must fit. group, version, kind, name and namespace are
// regular expressions that must fit the whole text; names and namespaces may be present or original
// ones.
class Selector {
 public:
  static core::Result<Selector> Parse(const core::Value& target);
  ~Selector();
  Selector(Selector&&) noexcept;
  Selector& operator=(Selector&&) noexcept;

  bool Selects(const Resource& resource) const;

 private:
  struct Parts;
  explicit Selector(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace headgate::templating
