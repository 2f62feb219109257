#include "templating/kustomize/plugins_transformers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "templating/kustomize/kustomization.h"
#include "templating/kustomize/nearest.h"
#include "templating/kustomize/patches.h"
#include "templating/kustomize/plugins.h"
#include "templating/yaml/parse.h"

namespace headgate::templating::kustomize {

// The configurations of plugins, field by field. Further fields are let pass, as kustomize does.

struct AffixPlugin {
  std::string_view prefix, suffix;
  std::optional<FieldSpecs> fields;
};

void Describe(Fields* fields, AffixPlugin* to) {
  (*fields)("prefix", &to->prefix);
  (*fields)("suffix", &to->suffix);
  (*fields)("fieldSpecs", &to->fields);
}

struct PairsPlugin {
  StringPairs labels, annotations;
  FieldSpecs fields;
};

void Describe(Fields* fields, PairsPlugin* to) {
  (*fields)("labels", &to->labels);
  (*fields)("annotations", &to->annotations);
  (*fields)("fieldSpecs", &to->fields);
}

struct ImagePlugin {
  ImageConfig image;
  FieldSpecs fields;
};

void Describe(Fields* fields, ImagePlugin* to) {
  (*fields)("imageTag", &to->image);
  (*fields)("fieldSpecs", &to->fields);
}

struct ReplicasPlugin {
  ReplicasConfig replicas;
  FieldSpecs fields;
};

void Describe(Fields* fields, ReplicasPlugin* to) {
  (*fields)("replica", &to->replicas);
  (*fields)("fieldSpecs", &to->fields);
}

struct PluginMetadata {
  std::string_view namespace_name;
};

void Describe(Fields* fields, PluginMetadata* to) { (*fields)("namespace", &to->namespace_name); }

struct NamespacePlugin {
  PluginMetadata metadata;
  FieldSpecs fields;
  bool unset_only = false;
  std::string_view subjects;
};

void Describe(Fields* fields, NamespacePlugin* to) {
  (*fields)("metadata", &to->metadata);
  (*fields)("fieldSpecs", &to->fields);
  (*fields)("unsetOnly", &to->unset_only);
  (*fields)("setRoleBindingSubjects", &to->subjects);
}

struct PatchPlugin {
  PatchArgs patch;
  Text json_op;
  std::vector<Text> paths;
  Text patches;
};

void Describe(Fields* fields, PatchPlugin* to) {
  Fields& f = *fields;
  f("path", &to->patch.path);
  f("patch", &to->patch.patch);
  f("jsonOp", &to->json_op);
  f("target", &to->patch.target);
  f("options", &to->patch.options);
  f("paths", &to->paths);
  f("patches", &to->patches);
}

struct ReplacementPlugin {
  std::vector<At<ReplacementArgs>> replacements;
};

void Describe(Fields* fields, ReplacementPlugin* to) {
  (*fields)("replacements", &to->replacements);
}

void Describe(Fields* fields, ValueTarget* to) {
  (*fields)("selector", &to->selector);
  (*fields)("fieldPath", &to->field_path);
  (*fields)("filePathPosition", &to->file_path_position);
}

struct ValuePlugin {
  std::string_view value, target_file_path;
  std::vector<At<ValueTarget>> targets;
};

void Describe(Fields* fields, ValuePlugin* to) {
  (*fields)("value", &to->value);
  (*fields)("targets", &to->targets);
  (*fields)("targetFilePath", &to->target_file_path);
}

namespace {

// What a plugin's object is read with.
struct Plugin {
  const Resource& object;
  std::string_view file;
  const Loader& loader;
  Build* build;

  // An object went through JSON before: its strings are strings.
  template <class T>
  core::Result<T> Read() const {
    T config;
    Decoder decoder(file, {.old_booleans = false}, build->arena);
    if (core::Status fine = decoder.Into(*object.body, &config); !fine) return fine.error();
    return config;
  }
  core::Error Fail(std::string_view what) const {
    return core::Invalid(fmt::format("{}:{}: {}", file, object.body->line, what));
  }
};

core::Result<Change> MakeAffix(const Plugin& plugin, bool prefix, bool suffix) {
  core::Result<AffixPlugin> read = plugin.Read<AffixPlugin>();
  if (!read) return read.error();
  if (!read->fields) return plugin.Fail("fieldSpecs: a list expected, found nothing");
  return Change([=, config = std::move(*read)](Build* build, ResourceMap* all) {
    core::Status fine = core::Ok();
    if (prefix) fine = AddPrefix({config.prefix, *config.fields}, build, all);
    if (fine && suffix) fine = AddSuffix({config.suffix, *config.fields}, build, all);
    return fine;
  });
}

core::Result<Change> MakePairs(const Plugin& plugin, bool labels) {
  core::Result<PairsPlugin> read = plugin.Read<PairsPlugin>();
  if (!read) return read.error();
  PairsConfig config{labels ? read->labels : read->annotations, read->fields};
  return Change([config = std::move(config)](Build* build, ResourceMap* all) {
    return config.pairs.empty() ? core::Ok() : AddPairs(config, build, all);
  });
}

core::Result<Change> MakeImage(const Plugin& plugin) {
  core::Result<ImagePlugin> read = plugin.Read<ImagePlugin>();
  if (!read) return read.error();
  return Change([config = std::move(*read)](Build* build, ResourceMap* all) {
    return SetImages({config.image}, config.fields, build, all);
  });
}

core::Result<Change> MakeReplicas(const Plugin& plugin) {
  core::Result<ReplicasPlugin> read = plugin.Read<ReplicasPlugin>();
  if (!read) return read.error();
  read->replicas.fields = std::move(read->fields);
  return Change([config = std::move(read->replicas)](Build* build, ResourceMap* all) {
    return SetReplicas(config, build, all);
  });
}

core::Result<Change> MakeNamespace(const Plugin& plugin) {
  core::Result<NamespacePlugin> read = plugin.Read<NamespacePlugin>();
  if (!read) return read.error();
  const core::Result<NamespaceConfig::Subjects> subjects = ParseSubjects(read->subjects);
  if (!subjects) return plugin.Fail("setRoleBindingSubjects: " + subjects.error().text());
  NamespaceConfig config{read->metadata.namespace_name, std::move(read->fields), read->unset_only,
                         *subjects};
  return Change([config = std::move(config)](Build* build, ResourceMap* all) {
    return config.name.empty() ? core::Ok() : ChangeNamespace(config, build, all);
  });
}

core::Result<Change> MakePatch(const Plugin& plugin, std::string_view kind) {
  core::Result<PatchPlugin> read = plugin.Read<PatchPlugin>();
  if (!read) return read.error();
  if (kind == "PatchJson6902Transformer") read->patch.patch = read->json_op;
  const Patches patches(plugin.loader, plugin.file, plugin.object.body->line, plugin.build);
  core::Result<Change> change = kind == "PatchTransformer" ? patches.Any(read->patch)
                                : kind == "PatchJson6902Transformer"
                                    ? patches.Json6902(read->patch)
                                    : patches.Strategic(read->paths, read->patches);
  return change ? change : plugin.Fail(change.error().text());
}

core::Result<Change> MakeReplacements(const Plugin& plugin) {
  const core::Result<ReplacementPlugin> read = plugin.Read<ReplacementPlugin>();
  if (!read) return read.error();
  core::Result<std::vector<Replacement>> replacements =
      ReadReplacements(read->replacements, plugin.loader, plugin.file, plugin.build->arena);
  if (!replacements) return replacements.error();
  return Change([replacements = std::move(*replacements)](Build* build, ResourceMap* all) {
    return Replace(replacements, build, all);
  });
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n\v\f";
  const size_t from = text.find_first_not_of(kSpaces);
  return from == text.npos ? "" : text.substr(from, text.find_last_not_of(kSpaces) + 1 - from);
}

// The targets of another file, appended.
core::Status ReadTargets(const Plugin& plugin, ValuePlugin* config) {
  if (config->target_file_path.empty()) return core::Ok();
  const core::Result<const File*> file = plugin.loader.Load(config->target_file_path);
  if (!file) return plugin.Fail("targetFilePath: " + file.error().text());
  const std::string_view shown =
      plugin.build->arena->Copy(plugin.loader.files().Show((*file)->path));
  const core::Result<std::vector<yaml::Node*>> documents = yaml::Parse(
      (*file)->text, shown, plugin.build->arena, {.unique_keys = false, .first_only = true});
  if (!documents) return documents.error();
  ValuePlugin more;
  if (!documents->empty()) {
    Decoder decoder(shown, {}, plugin.build->arena);
    core::Status read = decoder.Into(*documents->front(), &more);
    if (!read) return read;
  }
  config->targets.insert(config->targets.end(), more.targets.begin(), more.targets.end());
  return core::Ok();
}

core::Result<Change> MakeValue(const Plugin& plugin) {
  core::Result<ValuePlugin> read = plugin.Read<ValuePlugin>();
  if (!read) return read.error();
  ValueConfig config{Trim(read->value), {}};
  if (config.value.empty()) {
    const std::filesystem::path root =
        std::filesystem::path(plugin.loader.files().rules().disk_root) / plugin.loader.root();
    config.value = plugin.build->arena->Copy(root.filename().string());
  }
  if (core::Status fine = ReadTargets(plugin, &*read); !fine) return fine.error();
  if (read->targets.empty()) return plugin.Fail("targets: one at least expected, found none");
  for (const At<ValueTarget>& target : read->targets) {
    if (target.value.field_path.empty()) {
      return plugin.Fail("targets: fieldPath expected, found nothing");
    }
    if (target.value.file_path_position < 0) {
      return plugin.Fail(fmt::format("targets: filePathPosition: 0 or more expected, found {}",
                                     target.value.file_path_position));
    }
    config.targets.push_back(target.value);
  }
  return Change([config = std::move(config)](Build* build, ResourceMap* all) {
    return AddValue(config, build, all);
  });
}

constexpr std::array<std::string_view, 14> kTransformers = {"AnnotationsTransformer",
                                                            "HashTransformer",
                                                            "ImageTagTransformer",
                                                            "LabelTransformer",
                                                            "NamespaceTransformer",
                                                            "PatchJson6902Transformer",
                                                            "PatchStrategicMergeTransformer",
                                                            "PatchTransformer",
                                                            "PrefixSuffixTransformer",
                                                            "PrefixTransformer",
                                                            "ReplacementTransformer",
                                                            "ReplicaCountTransformer",
                                                            "SuffixTransformer",
                                                            "ValueAddTransformer"};
constexpr std::array<std::string_view, 4> kGenerators = {
    "ConfigMapGenerator", "HelmChartInflationGenerator", "IAMPolicyGenerator", "SecretGenerator"};

template <class Names>
bool IsOneOf(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

bool IsBuiltinTransformer(std::string_view kind) { return IsOneOf(kTransformers, kind); }
bool IsBuiltinGenerator(std::string_view kind) { return IsOneOf(kGenerators, kind); }

std::string GuessBuiltin(std::string_view kind) {
  std::vector<std::string_view> names(kTransformers.begin(), kTransformers.end());
  names.insert(names.end(), kGenerators.begin(), kGenerators.end());
  return DidYouMean(kind, names);
}

core::Result<Change> MakeTransformer(const Resource& object, std::string_view file,
                                     const Loader& loader, Build* build) {
  const Plugin plugin{object, file, loader, build};
  const std::string_view kind = object.id.kind;
  if (kind == "AnnotationsTransformer") return MakePairs(plugin, false);
  if (kind == "LabelTransformer") return MakePairs(plugin, true);
  if (kind == "ImageTagTransformer") return MakeImage(plugin);
  if (kind == "NamespaceTransformer") return MakeNamespace(plugin);
  if (kind == "PrefixTransformer") return MakeAffix(plugin, true, false);
  if (kind == "SuffixTransformer") return MakeAffix(plugin, false, true);
  if (kind == "PrefixSuffixTransformer") return MakeAffix(plugin, true, true);
  if (kind == "ReplacementTransformer") return MakeReplacements(plugin);
  if (kind == "ReplicaCountTransformer") return MakeReplicas(plugin);
  if (kind == "ValueAddTransformer") return MakeValue(plugin);
  if (kind == "HashTransformer") {
    return Change([](Build* b, ResourceMap* all) { return AddHashes(b, all); });
  }
  return MakePatch(plugin, kind);
}

}  // namespace headgate::templating::kustomize
