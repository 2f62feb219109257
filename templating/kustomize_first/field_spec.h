#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/value.h"

namespace headgate::templating {

// Which field of which kinds a rule is about. Empty group, version and kind fit all. The path's
// parts are parted by '/' ("\/" is a slash in a key); lists on the way are gone through, and a part
// that ends in "[]" must be a list.
struct FieldSpec {
  std::string path;
  std::string group = {}, version = {}, kind = {};
  bool create = false;  // make what is missing on the way
};
using FieldSpecs = std::vector<FieldSpec>;

// What the last part of a path becomes where it is made.
enum class Made { kScalar, kMap };

using Setter = std::function<core::Status(core::Value*)>;

// Whether a spec is about objects of this body's kind.
bool Fits(const FieldSpec& spec, const core::Value& body);

// Calls `set` with each value that the spec leads to. kInvalid where the path meets a scalar too
// early.
core::Status Apply(const FieldSpec& spec, Made made, const Setter& set, core::Value* body);
core::Status Apply(const FieldSpecs& specs, Made made, const Setter& set, core::Value* body);

}  // namespace headgate::templating
