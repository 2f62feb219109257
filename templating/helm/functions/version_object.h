#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "templating/helm/function.h"
#include "templating/helm/functions/version.h"

namespace headgate::templating::helm {

// A version as a value of templates.
class VersionObject : public Object {
 public:
  explicit VersionObject(Version made);
  std::string Text() const override { return version.Text(); }
  bool Equals(const Object& other) const override;
  const Struct* Fields() const override { return &struct_; }

  const Version version;

 private:
  const std::array<Value, 6> values_;
  std::array<Field, 6> fields_ = {};
  const Struct struct_ = {fields_};
};

Value NewVersion(Call& call, Version version, Type type);

}  // namespace headgate::templating::helm
