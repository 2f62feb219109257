#pragma once

#include <string>
#include <vector>

#include "core/object.h"
#include "core/value.h"

namespace headgate::templating {

// A field that another rendering of the same files gives another value: a chart's template calls a
// function of randomness or time.
struct VaryingField {
  core::ObjectRef object;
  std::string api_version;
  std::vector<std::string> path;  // keys and indexes; empty: the whole object
  std::string why;                // "randAlphaNum in app/templates/secret.yaml"
};
std::string Show(const VaryingField& field);  // "Secret db: data.password varies: ..."

// Gives the field of an object the value that it has in the live one; nothing where it has none.
// What is in a Secret's stringData is found in its data. Beside what also comes from other inputs,
// such as the digest of a whole Secret, the live value stays, too, when these change.
void KeepLive(const VaryingField& field, const core::Value& live, core::Value* body);

}  // namespace headgate::templating
