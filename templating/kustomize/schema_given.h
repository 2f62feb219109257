#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "templating/kustomize/schema.h"
#include "templating/yaml/node.h"

namespace headgate::templating::kustomize {

// An OpenAPI (version 2) document that a kustomization gives: its definitions, and the kinds that
// they and its paths are about.
class GivenSchema {
 public:
  virtual ~GivenSchema() = default;

  // YAML or JSON. The text must live as long as the schema.
  static core::Result<std::unique_ptr<GivenSchema>> Parse(std::string_view text,
                                                          std::string_view file);

  // nullptr where there is none.
  virtual const yaml::Node* Definition(std::string_view name) const = 0;
  virtual const yaml::Node* TypeOf(std::string_view api_version, std::string_view kind) const = 0;
  virtual Scope ScopeOf(std::string_view api_version, std::string_view kind) const = 0;

  // Of one JSON schema. The name of the definition that it refers to ("" for what is no
  // definition); the schema of a field, or of items; whether lists are merged, and by which keys.
  static std::optional<std::string_view> Reference(const yaml::Node& schema);
  static const yaml::Node* Field(const yaml::Node& schema, std::string_view name);
  static const yaml::Node* Items(const yaml::Node& schema);
  static bool Merges(const yaml::Node& schema);
  static std::vector<std::string_view> Keys(const yaml::Node& schema);
};

}  // namespace headgate::templating::kustomize
