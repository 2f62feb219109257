#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "templating/kustomize/kustomization_decode.h"
#include "templating/kustomize/transform.h"
#include "templating/yaml/node.h"

namespace headgate::templating::kustomize {

// Where a directory's kustomization may stand; two of them in one directory are an error.
inline constexpr std::array<std::string_view, 3> kKustomizationFiles = {
    "kustomization.yaml", "kustomization.yml", "Kustomization"};

struct GeneratorOptions {
  StringPairs labels, annotations;
  bool disable_name_suffix_hash = false;
  bool immutable = false;
};

// An entry of configMapGenerator or secretGenerator.
struct GeneratorArgs {
  std::string_view name, namespace_name, behavior;
  std::string_view type;  // of a Secret only
  std::vector<Text> literals, files, envs;
  std::optional<GeneratorOptions> options;
};

struct PatchOptions {
  bool allow_name_change = false, allow_kind_change = false;
};

// An entry of patches or patchesJson6902.
struct PatchArgs {
  std::string_view path;
  Text patch;
  std::optional<SelectorFields> target;
  std::optional<PatchOptions> options;
};

struct LabelArgs {
  StringPairs pairs;
  bool include_selectors = false, include_templates = false;
  FieldSpecs fields;
};

// An entry of replacements: in place, or a file that holds one or a list of them.
struct ReplacementArgs {
  Replacement replacement;
  std::string_view path;
};

struct HelmGlobals {
  std::string_view chart_home, config_home;
};

// An entry of helmCharts.
struct HelmChart {
  std::string_view name, version, repo, release_name, namespace_name;
  std::vector<std::string_view> additional_values_files;
  std::string_view values_file;
  const yaml::Node* values_inline = nullptr;
  bool old_booleans = true;  // in valuesInline, as go-yaml 2 has them
  std::string_view values_merge;
  bool include_crds = false, skip_hooks = false, skip_tests = false;
  std::vector<std::string_view> api_versions;
  std::string_view kube_version, name_template;
  bool debug = false, devel = false;
};

struct SortOptions {
  std::string_view order;
  struct Legacy {
    std::vector<std::string_view> first, last;
  };
  std::optional<Legacy> legacy;
};

// A kustomization.yaml (kustomize.config.k8s.io/v1beta1, Kustomization; or v1alpha1, Component),
// its old fields moved to where they belong today.
struct Kustomization {
  std::string_view file;       // as errors name it
  std::string_view file_name;  // which of kKustomizationFiles
  bool component = false;

  StringPairs openapi;
  std::string_view name_prefix, name_suffix, namespace_name;
  StringPairs common_labels, common_annotations;
  std::vector<At<LabelArgs>> labels;
  std::vector<Text> patches_strategic_merge;
  std::vector<At<PatchArgs>> patches_json6902, patches;
  std::vector<At<ImageConfig>> images;
  std::vector<At<ReplacementArgs>> replacements;
  std::vector<At<ReplicasConfig>> replicas;
  std::vector<At<Var>> vars;
  std::optional<SortOptions> sort_options;

  std::vector<Text> resources, components, crds;
  std::vector<At<GeneratorArgs>> config_map_generator, secret_generator;
  HelmGlobals helm_globals;
  std::vector<At<HelmChart>> helm_charts;
  std::optional<GeneratorOptions> generator_options;
  std::vector<Text> configurations, generators, transformers, validators;
  std::vector<std::string_view> build_metadata;

  bool Wants(std::string_view metadata) const;  // buildMetadata has it
};

// The documents of a kustomization's file.
core::Result<std::vector<yaml::Node*>> ReadKustomization(std::string_view text,
                                                         std::string_view file, yaml::Arena* arena);

// Reads a kustomization. `file` is how errors name it. Old fields add to `warnings`. kInvalid for
// what kustomize refuses, too: unknown fields, wrong types, another kind or version, nothing in it.
core::Result<Kustomization> ParseKustomization(std::string_view text, std::string_view file,
                                               yaml::Arena* arena,
                                               std::vector<std::string>* warnings);
// The same of documents that were read before. They stay as they are, and must live as long as it.
core::Result<Kustomization> ParseKustomization(const std::vector<yaml::Node*>& documents,
                                               std::string_view file, yaml::Arena* arena,
                                               std::vector<std::string>* warnings);

// The fields of structs that other files of configuration hold, too.
void Describe(Fields* fields, SelectorFields* to);
void Describe(Fields* fields, FieldSpec* to);
void Describe(Fields* fields, GeneratorOptions* to);
void Describe(Fields* fields, GeneratorArgs* to);
void Describe(Fields* fields, PatchOptions* to);
void Describe(Fields* fields, PatchArgs* to);
void Describe(Fields* fields, LabelArgs* to);
void Describe(Fields* fields, ImageConfig* to);
void Describe(Fields* fields, ReplicasConfig* to);
void Describe(Fields* fields, FieldOptions* to);
void Describe(Fields* fields, ReplacementSource* to);
void Describe(Fields* fields, ReplacementTarget* to);
void Describe(Fields* fields, Replacement* to);
void Describe(Fields* fields, ReplacementArgs* to);
void Describe(Fields* fields, Var* to);
void Describe(Fields* fields, SortOptions::Legacy* to);
void Describe(Fields* fields, SortOptions* to);
void Describe(Fields* fields, HelmGlobals* to);
void Describe(Fields* fields, HelmChart* to);

}  // namespace headgate::templating::kustomize
