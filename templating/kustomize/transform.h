#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "templating/kustomize/build.h"
#include "templating/kustomize/resource.h"
#include "templating/kustomize/rules.h"
#include "templating/kustomize/selector.h"

// The built-in transformers. Each takes what a field of a kustomization, or a plugin's own file,
// configures, and changes the resources in place. Texts of a configuration live in the build's
// arena. All are linear in resources (and what they refer to). kInvalid says which object and field
// did not fit; the caller says where the transformer was configured.
namespace headgate::templating::kustomize {

using StringPairs = std::vector<std::pair<std::string_view, std::string_view>>;

// PrefixTransformer, SuffixTransformer. Definitions of kinds, API services and namespaces keep
// their names. An empty text changes nothing.
struct AffixConfig {
  std::string_view text;
  FieldSpecs fields;
};
core::Status AddPrefix(const AffixConfig& config, Build* build, ResourceMap* all);
core::Status AddSuffix(const AffixConfig& config, Build* build, ResourceMap* all);

// NamespaceTransformer. kInvalid also where two resources get the same id by it.
struct NamespaceConfig {
  std::string_view name;
  FieldSpecs fields;
  bool unset_only = false;
  // Which subjects of role bindings get it.
  enum class Subjects : uint8_t { kDefaultOnly, kAllServiceAccounts, kNone };
  Subjects subjects = Subjects::kDefaultOnly;
};
// "" is kDefaultOnly; kInvalid for other words than defaultOnly, allServiceAccounts and none.
core::Result<NamespaceConfig::Subjects> ParseSubjects(std::string_view word);
core::Status ChangeNamespace(const NamespaceConfig& config, Build* build, ResourceMap* all);

// LabelTransformer, AnnotationsTransformer.
struct PairsConfig {
  StringPairs pairs;
  FieldSpecs fields;
};
core::Status AddPairs(const PairsConfig& config, Build* build, ResourceMap* all);

// ImageTagTransformer, for all entries of `images` in their order. Every list called containers or
// initContainers is looked at, too.
struct ImageConfig {
  std::string_view name;  // a regular expression, as there
  std::string_view new_name, new_tag, tag_suffix, digest;
};
core::Status SetImages(const std::vector<ImageConfig>& images, const FieldSpecs& fields,
                       Build* build, ResourceMap* all);

// ReplicaCountTransformer. kInvalid where no object of the kinds of `fields` is or was called so.
struct ReplicasConfig {
  std::string_view name;
  int64_t count = 0;
  FieldSpecs fields;
};
core::Status SetReplicas(const ReplicasConfig& config, Build* build, ResourceMap* all);

// ReplacementTransformer.
struct FieldOptions {
  std::string_view delimiter;
  int64_t index = 0;
  bool create = false;
};
struct ReplacementSource {
  std::string_view group, version, kind, name, namespace_name;  // "" fits all
  std::string_view field_path;                                  // "" is metadata.name
  std::optional<FieldOptions> options;
};
struct ReplacementTarget {
  std::optional<SelectorFields> select;
  std::vector<SelectorFields> reject;
  std::vector<std::string_view> field_paths;  // none is metadata.name
  std::optional<FieldOptions> options;
};
struct Replacement {
  std::optional<ReplacementSource> source;
  std::optional<std::string_view> source_value;
  // Nothing: not given, or null. In a kustomization (not in a plugin's file) an empty list, too.
  std::optional<std::vector<ReplacementTarget>> targets;
};
core::Status Replace(const std::vector<Replacement>& replacements, Build* build, ResourceMap* all);

// ValueAddTransformer.
struct ValueTarget {
  std::optional<SelectorFields> selector;  // nothing: all
  std::string_view field_path;             // parted by '/'
  int64_t file_path_position = 0;
};
struct ValueConfig {
  std::string_view
      value;  // trimmed; the caller gives the name of the directory where there is none
  std::vector<ValueTarget> targets;
};
core::Status AddValue(const ValueConfig& config, Build* build, ResourceMap* all);

// HashTransformer: a hash of the content ends the names of those that need it.
core::Status AddHashes(Build* build, ResourceMap* all);
// Ten letters and digits. Source: kustomize, api/hasher.
core::Result<std::string> HashOf(const yaml::Node& body);

// The last steps of a build, after AddHashes.

// Fields that name objects (`config.name_reference`, and those of Headgate's own kinds) get their
// present names. kInvalid where a name may mean several objects that are called differently now.
core::Status FixReferences(const TransformerConfig& config, Build* build, ResourceMap* all);

// An entry of `vars`.
struct Var {
  std::string_view name;
  std::string_view group, version, kind, object, namespace_name;  // objref; apiVersion is split
  std::string_view field_path;                                    // "" is metadata.name
};
// Adds a kustomization's vars, and notes at the resources which vars read from them. kInvalid for
// names that are there already, and for vars that several resources fit.
core::Status MergeVars(const std::vector<Var>& more, ResourceMap* all, std::vector<Var>* vars);
// Adds the vars of a base whose resources were appended already.
core::Status MergeVars(const std::vector<Var>& more, std::vector<Var>* vars);
// $(NAME) in the fields of `config.var_reference` becomes the value. Warns of vars that no field
// uses.
core::Status ResolveVars(const std::vector<Var>& vars, const TransformerConfig& config,
                         Build* build, ResourceMap* all);

}  // namespace headgate::templating::kustomize
