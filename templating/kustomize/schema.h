#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "templating/yaml/node.h"

// The OpenAPI schema by which strategic merge knows lists that are merged by keys, and by which
// kinds are known to be namespaced or not: Kubernetes 1.21.2, as kustomize 5.8.1 carries it, and
// what a kustomization's `openapi` field gives.
namespace headgate::templating::kustomize {

enum class Scope : uint8_t { kUnknown, kNamespaced, kCluster };

inline constexpr std::string_view kSchemaVersion = "v1.21.2";

// Whether kinds live in namespaces, as the built-in schema knows. `api_version` is "v1" or
// "apps/v1".
Scope BuiltInScope(std::string_view api_version, std::string_view kind);

class Schema;

// The schema of one value; the empty one where nothing is known about it. A handle: copy it. Lives
// no longer than its Schema.
class SchemaType {
 public:
  SchemaType() = default;
  explicit operator bool() const { return schema_ != nullptr; }

  SchemaType Field(std::string_view name) const;  // of a mapping
  SchemaType Items() const;                       // of a list
  // Whether patches of a list are merged into it; then by these keys, or by value where there are
  // none.
  bool merges() const;
  std::vector<std::string_view> keys() const;

 private:
  friend class Schema;
  SchemaType(const Schema* schema, uint16_t row) : schema_(schema), row_(row) {}
  SchemaType(const Schema* schema, const yaml::Node* node) : schema_(schema), node_(node) {}

  const Schema* schema_ = nullptr;
  uint16_t row_ = 0;                  // of the built-in tables,
  const yaml::Node* node_ = nullptr;  // unless it is a JSON schema that was given
};

// The schema of one build. kustomize's is global to the process, so it matters when it is asked and
// set: a schema that is given takes the place of the built-in one, unless that was used before.
class Schema {
 public:
  Schema();
  Schema(const Schema&) = delete;
  Schema& operator=(const Schema&) = delete;
  ~Schema();

  // A kustomization's `openapi`: the version, or the text of the file at `path` (kept as a view,
  // it must live as long as the schema). To be called for each kustomization, in the order in
  // which they are opened: the first one that says something counts, others are ignored. kInvalid
  // where both are given, or the version is not kSchemaVersion.
  core::Status Set(std::optional<std::string_view> version, std::optional<std::string_view> text,
                   std::string_view file);

  Scope ScopeOf(std::string_view api_version, std::string_view kind) const;
  SchemaType TypeOf(std::string_view api_version, std::string_view kind) const;

  // A JSON schema that stands elsewhere; it must live as long as it is asked. What it refers to is
  // a definition of this schema.
  SchemaType TypeOf(const yaml::Node& json_schema) const;

  // kInvalid once a schema that was given had to be read and could not be.
  core::Status fault() const;

 private:
  friend class SchemaType;
  SchemaType Resolve(const yaml::Node* schema) const;
  SchemaType TypeAt(uint16_t row) const;

  struct State;  // asking reads what was given, so it changes behind a const Schema

  std::unique_ptr<State> state_;
};

}  // namespace headgate::templating::kustomize
