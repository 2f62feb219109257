#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "templating/kustomize/field_spec.h"
#include "templating/yaml/node.h"

// The two ways in which kustomize leads to fields of an object: field specs, which its rules are
// made of ("spec/template/metadata/labels"), and paths, which replacements and vars are given
// ("spec.containers.[name=web].image"). Errors are kInvalid: "line 12: spec/template: a mapping
// expected, found a list".
namespace headgate::templating::kustomize {

// What the last part of a path becomes where it is missing. Parts on the way become mappings, or
// lists where the next part is a list's.
enum class Make : uint8_t { kNothing, kScalar, kMapping, kSequence };

// `apiVersion` apart: {"apps", "v1"}, {"", "v1"}.
struct GroupVersion {
  std::string_view group, version;
};
GroupVersion ParseApiVersion(std::string_view api_version);

bool Fits(const FieldSpec& spec, std::string_view group, std::string_view version,
          std::string_view kind);
bool Fits(const FieldSpec& spec, const yaml::Node& body);

using Setter = std::function<core::Status(yaml::Node*)>;

// Calls `set` with each node that the path leads to; the caller has asked Fits. Nothing is made
// unless both spec.create and `make` say so; null on the way ends the way, but a null last field
// becomes an empty node of kind `make` where it may be made (kNone and its old text for a scalar).
// Keys that are made view the path's text, which must live as long as the arena.
core::Status VisitField(const FieldSpec& spec, Make make, const Setter& set, yaml::Arena* arena,
                        yaml::Node* body);

// Splits at '.': "\." is a dot in a key, "[a.b]" the key a.b, and "[name=a.b]" stays as it is.
std::vector<std::string_view> SplitPath(std::string_view path, yaml::Arena* arena);
// The same for the field of a var, where "ports[0]" is "ports.0".
std::vector<std::string_view> SplitVarPath(std::string_view path, yaml::Arena* arena);

// The one node at a path; nullptr where it is missing. A part is a key, an index, "-" (the last
// item), "[name=web]" (the first item whose field has that text) or "[=text]" (the first scalar).
core::Result<yaml::Node*> Lookup(std::span<const std::string_view> path, Make make,
                                 yaml::Arena* arena, yaml::Node* root);

// All nodes at a path, in order. A part is a key, an index, "*" (every item), "[name=regex]" (every
// item whose field's printed value has a match) or "[=regex]" (every such item; ends the path).
core::Result<std::vector<yaml::Node*>> Match(std::span<const std::string_view> path, Make make,
                                             yaml::Arena* arena, yaml::Node* root);

// Sets a scalar's text and tag; its style stays, so with Tag::kNone a quoted scalar stays a string
// and a plain one is typed by its new text. A mapping or a list is an error. The text must live as
// long as the arena.
core::Status SetScalar(std::string_view text, yaml::Tag tag, yaml::Node* node);

// Sets a mapping's entry in the same way; a new entry's text is quoted where it would be no string.
core::Status SetEntry(std::string_view name, std::string_view text, yaml::Tag tag,
                      yaml::Arena* arena, yaml::Node* node);

// "a mapping", "a list", "null" or "a scalar", for errors; and their common form.
std::string_view ShowKind(const yaml::Node& node);
core::Error Unexpected(std::string_view path, std::string_view wanted, const yaml::Node& found);

}  // namespace headgate::templating::kustomize
