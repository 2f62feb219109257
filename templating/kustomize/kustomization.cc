#include "templating/kustomize/kustomization.h"

#include <fmt/format.h>

#include <algorithm>

#include "templating/kustomize/nearest.h"
#include "templating/yaml/parse.h"

namespace headgate::templating::kustomize {
namespace {

constexpr std::string_view kVersion = "kustomize.config.k8s.io/v1beta1";
constexpr std::string_view kComponentVersion = "kustomize.config.k8s.io/v1alpha1";

struct ObjectMeta {
  std::string_view name, namespace_name;
  StringPairs labels, annotations;
};

void Describe(Fields* fields, ObjectMeta* to) {
  Fields& f = *fields;
  f("name", &to->name);
  f("namespace", &to->namespace_name);
  f("labels", &to->labels);
  f("annotations", &to->annotations);
}

// A generator of a kustomization has an old `env` beside `envs`.
struct ConfigMapArgs : GeneratorArgs {
  Text env;
};
struct SecretArgs : ConfigMapArgs {};

void Describe(Fields* fields, ConfigMapArgs* to) {
  Describe(fields, static_cast<GeneratorArgs*>(to));
  (*fields)("env", &to->env);
}

void Describe(Fields* fields, SecretArgs* to) {
  Describe(fields, static_cast<ConfigMapArgs*>(to));
  (*fields)("type", &to->type);
}

// An entry of helmChartInflationGenerator, from before helmCharts.
struct OldHelmChart {
  HelmChart chart;
  HelmGlobals globals;
};

void Describe(Fields* fields, OldHelmChart* to) {
  Fields& f = *fields;
  std::string_view unused;
  std::vector<std::string_view> unused_list;
  f("chartName", &to->chart.name);
  f("chartVersion", &to->chart.version);
  f("chartRepoUrl", &to->chart.repo);
  f("chartHome", &to->globals.chart_home);
  f("chartRepoName", &unused);
  f("helmBin", &unused);
  f("helmHome", &to->globals.config_home);
  f("values", &to->chart.values_file);
  f("valuesLocal", &to->chart.values_inline);
  f("valuesMerge", &to->chart.values_merge);
  f("releaseName", &to->chart.release_name);
  f("releaseNamespace", &unused);
  f("extraArgs", &unused_list);
}

// What is read, and then moved or dropped.
struct Raw {
  Kustomization kustomization;
  std::string_view api_version, kind;
  std::optional<ObjectMeta> metadata;
  std::vector<Text> bases;
  std::vector<At<ImageConfig>> image_tags;
  std::vector<At<ConfigMapArgs>> config_maps;
  std::vector<At<SecretArgs>> secrets;
  std::optional<HelmGlobals> helm_globals;
  std::vector<At<OldHelmChart>> old_helm_charts;
};

void DescribeOperators(Fields* fields, Raw* to) {
  Fields& f = *fields;
  Kustomization& k = to->kustomization;
  f("apiVersion", &to->api_version);
  f("kind", &to->kind);
  f("metadata", &to->metadata);
  f("openapi", &k.openapi);
  f("namePrefix", &k.name_prefix);
  f("nameSuffix", &k.name_suffix);
  f("namespace", &k.namespace_name);
  f("commonLabels", &k.common_labels);
  f("labels", &k.labels);
  f("commonAnnotations", &k.common_annotations);
  f("patchesStrategicMerge", &k.patches_strategic_merge);
  f("patchesJson6902", &k.patches_json6902);
  f("patches", &k.patches);
  f("images", &k.images);
  f("imageTags", &to->image_tags);
  f("replacements", &k.replacements);
  f("replicas", &k.replicas);
  f("vars", &k.vars);
  f("sortOptions", &k.sort_options);
}

void Describe(Fields* fields, Raw* to) {
  Fields& f = *fields;
  Kustomization& k = to->kustomization;
  DescribeOperators(fields, to);
  f("resources", &k.resources);
  f("components", &k.components);
  f("crds", &k.crds);
  f("bases", &to->bases);
  f("configMapGenerator", &to->config_maps);
  f("secretGenerator", &to->secrets);
  f("helmGlobals", &to->helm_globals);
  f("helmCharts", &k.helm_charts);
  f("helmChartInflationGenerator", &to->old_helm_charts);
  f("generatorOptions", &k.generator_options);
  f("configurations", &k.configurations);
  f("generators", &k.generators);
  f("transformers", &k.transformers);
  f("validators", &k.validators);
  f("buildMetadata", &k.build_metadata);
}

struct Deprecated {
  std::string_view name, instead;
};
constexpr std::array<Deprecated, 6> kDeprecated = {{{"bases", "resources"},
                                                    {"commonLabels", "labels"},
                                                    {"imageTags", "images"},
                                                    {"patchesJson6902", "patches"},
                                                    {"patchesStrategicMerge", "patches"},
                                                    {"vars", "replacements"}}};

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower;
}

bool NamesField(const yaml::Node& key, std::string_view name) {
  return key.text().size() == name.size() && Lower(key.text()) == Lower(name);
}

void Warn(const yaml::Node& document, std::string_view file, std::vector<std::string>* warnings) {
  for (size_t i = 0; i < document.entries(); ++i) {
    if (document.value(i)->is_null()) continue;
    const yaml::Node& key = *document.key(i);
    for (const Deprecated& old : kDeprecated) {
      if (!NamesField(key, old.name)) continue;
      warnings->push_back(fmt::format("{}:{}: {} is deprecated: {} can do the same", file, key.line,
                                      old.name, old.instead));
    }
  }
}

// Whether a field says nothing once old fields are moved: kustomize refuses a kustomization of
// such. An empty list says something, unless its field is an old one that is moved.
bool SaysNothing(const yaml::Node& key, const yaml::Node& value) {
  if (value.is_null() || NamesField(key, "kind") || NamesField(key, "apiVersion")) return true;
  for (std::string_view moved : {"bases", "imageTags", "helmChartInflationGenerator"}) {
    if (NamesField(key, moved) && value.is_sequence() && value.size == 0) return true;
  }
  for (std::string_view text : {"namePrefix", "nameSuffix", "namespace"}) {
    if (NamesField(key, text) && value.text().empty()) return true;
  }
  return false;
}

bool IsEmpty(const yaml::Node* document) {
  if (!document || document->is_null()) return true;
  for (size_t i = 0; i < document->entries(); ++i) {
    if (!SaysNothing(*document->key(i), *document->value(i))) return false;
  }
  return true;
}

core::Status CheckKind(const Raw& raw) {
  const std::string_view file = raw.kustomization.file;
  if (!raw.kind.empty() && raw.kind != "Kustomization" && raw.kind != "Component") {
    return core::Invalid(
        fmt::format("{}: kind: Kustomization or Component expected, found {}", file, raw.kind));
  }
  const std::string_view wanted = raw.kind == "Component" ? kComponentVersion : kVersion;
  if (!raw.api_version.empty() && raw.api_version != wanted) {
    return core::Invalid(
        fmt::format("{}: apiVersion: {} expected, found {}", file, wanted, raw.api_version));
  }
  return core::Ok();
}

template <class Args>
void MoveGenerators(std::vector<At<Args>>&& from, std::vector<At<GeneratorArgs>>* to) {
  for (At<Args>& args : from) {
    if (!args.value.env.value.empty()) args.value.envs.push_back(args.value.env);
    to->push_back({std::move(static_cast<GeneratorArgs&>(args.value)), args.line});
  }
}

// Old fields go where they belong today.
Kustomization Modernize(Raw&& raw) {
  Kustomization& k = raw.kustomization;
  k.component = raw.kind == "Component";
  k.resources.insert(k.resources.end(), raw.bases.begin(), raw.bases.end());
  k.images.insert(k.images.end(), raw.image_tags.begin(), raw.image_tags.end());
  MoveGenerators(std::move(raw.config_maps), &k.config_map_generator);
  MoveGenerators(std::move(raw.secrets), &k.secret_generator);
  if (raw.helm_globals) k.helm_globals = *raw.helm_globals;
  for (At<OldHelmChart>& old : raw.old_helm_charts) {
    if (!raw.helm_globals && !old.value.globals.chart_home.empty()) {
      k.helm_globals.chart_home = old.value.globals.chart_home;
    }
    if (!raw.helm_globals && !old.value.globals.config_home.empty()) {
      k.helm_globals.config_home = old.value.globals.config_home;
    }
    k.helm_charts.push_back({std::move(old.value.chart), old.line});
  }
  for (At<ReplacementArgs>& args : k.replacements) {
    std::optional<std::vector<ReplacementTarget>>& targets = args.value.replacement.targets;
    if (targets && targets->empty()) targets.reset();
  }
  return std::move(k);
}

}  // namespace

bool Kustomization::Wants(std::string_view metadata) const {
  return std::find(build_metadata.begin(), build_metadata.end(), metadata) != build_metadata.end();
}

core::Result<std::vector<yaml::Node*>> ReadKustomization(std::string_view text,
                                                         std::string_view file,
                                                         yaml::Arena* arena) {
  return yaml::Parse(text, file, arena, {.unique_keys = false});
}

core::Result<Kustomization> ParseKustomization(std::string_view text, std::string_view file,
                                               yaml::Arena* arena,
                                               std::vector<std::string>* warnings) {
  const core::Result<std::vector<yaml::Node*>> documents = ReadKustomization(text, file, arena);
  if (!documents) return documents.error();
  return ParseKustomization(*documents, file, arena, warnings);
}

core::Result<Kustomization> ParseKustomization(const std::vector<yaml::Node*>& documents,
                                               std::string_view file, yaml::Arena* arena,
                                               std::vector<std::string>* warnings) {
  const yaml::Node* document = documents.empty() ? nullptr : documents.front();
  Raw raw;
  raw.kustomization.file = file;
  if (document) {
    Decoder decoder(file, {.unknown_fields = false, .coerce = false}, arena);
    if (core::Status fine = decoder.Into(*document, &raw); !fine) return fine.error();
    Warn(*document, file, warnings);
  }
  if (IsEmpty(document)) {
    return core::Invalid(
        fmt::format("{}: nothing in it; resources, components, or another field expected", file));
  }
  if (core::Status fine = CheckKind(raw); !fine) return fine.error();
  return Modernize(std::move(raw));
}

}  // namespace headgate::templating::kustomize
