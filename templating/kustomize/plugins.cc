#include "templating/kustomize/plugins.h"

#include <fmt/format.h>

#include <utility>

#include "templating/kustomize/accumulate_read.h"
#include "templating/kustomize/charts.h"
#include "templating/kustomize/generate.h"
#include "templating/kustomize/plugins_transformers.h"
#include "templating/yaml/parse.h"

namespace headgate::templating::kustomize {

struct PluginName {
  std::string_view name, namespace_name;
};

void Describe(Fields* fields, PluginName* to) {
  (*fields)("name", &to->name);
  (*fields)("namespace", &to->namespace_name);
}

// ConfigMapGenerator and SecretGenerator in files of their own.
struct GeneratorPlugin : GeneratorArgs {
  PluginName metadata;
};

void Describe(Fields* fields, GeneratorPlugin* to) {
  Describe(fields, static_cast<GeneratorArgs*>(to));
  fields->Embedded("type", &to->type);
  (*fields)("metadata", &to->metadata);
}

// A chart in a file of its own.
struct ChartPlugin : HelmGlobals, HelmChart {};

void Describe(Fields* fields, ChartPlugin* to) {
  fields->Embed(static_cast<HelmGlobals*>(to));
  fields->Embed(static_cast<HelmChart*>(to));
}

namespace {

// How errors name the place of a plugin.
std::string_view FileOf(const Resource& plugin, const Target& target) {
  return plugin.file.empty() ? target.kustomization().file : plugin.file;
}

// A plugin's object stands in the kustomization itself, or else a path does.
core::Status AddInPlace(const Text& text, Target* target, Accumulated* plugins, bool* in_place) {
  Build* build = &target->context().build;
  const uint32_t line = text.text_line ? text.text_line : 1;
  core::Result<std::vector<std::unique_ptr<Resource>>> read =
      ReadResources(text.value, "", "", build, line);
  *in_place = read.ok();
  if (!read) return core::Ok();
  const Trail trail = Follow(target->trail(), target->kustomization().file_name);
  for (std::unique_ptr<Resource>& each : *read) {
    SetOrigin(trail, build, each.get());
    if (core::Status fine = plugins->resources.Append(std::move(each)); !fine) return fine;
  }
  return core::Ok();
}

// All objects that a field names: those in place first.
core::Status Collect(const std::vector<Text>& texts, std::string_view field, Target* target,
                     Accumulated* plugins) {
  std::vector<size_t> paths;
  for (size_t i = 0; i < texts.size(); ++i) {
    bool in_place = false;
    core::Status added = AddInPlace(texts[i], target, plugins, &in_place);
    if (!added) return target->At(texts[i], field, i, added.error());
    if (!in_place) paths.push_back(i);
  }
  for (size_t i : paths) {
    if (core::Status fine = target->AddResource(texts[i], field, i, plugins); !fine) return fine;
  }
  return core::Ok();
}

core::Error Where(const Resource& plugin, const Target& target, std::string_view what) {
  return core::Invalid(fmt::format("{}:{}: {}", FileOf(plugin, target), plugin.body->line, what));
}

core::Status CheckBuiltin(const Resource& plugin, bool generator, std::string_view field,
                          const Target& target) {
  const Id& id = plugin.id;
  const bool builtin = id.group.empty() && id.version == "builtin";
  if (!builtin) {
    return Where(plugin, target,
                 fmt::format("{} {} is a plugin that a program would run as; Headgate runs nothing "
                             "that a repository names, so {} takes only apiVersion: builtin",
                             id.kind, id.name, field));
  }
  if (generator ? IsBuiltinGenerator(id.kind) : IsBuiltinTransformer(id.kind)) return core::Ok();
  const bool other = IsBuiltinGenerator(id.kind) || IsBuiltinTransformer(id.kind);
  const char* wanted = generator ? "generator" : "transformer";
  return Where(plugin, target,
               other ? fmt::format("{}: a {} expected, {} is none", field, wanted, id.kind)
                     : fmt::format("{}: no built-in {} is called {}{}", field, wanted, id.kind,
                                   GuessBuiltin(id.kind)));
}

using MadeResource = core::Result<std::unique_ptr<Resource>>;
using MadeResources = core::Result<std::vector<std::unique_ptr<Resource>>>;

MadeResources OnlyOne(MadeResource made) {
  if (!made) return made.error();
  std::vector<std::unique_ptr<Resource>> one;
  one.push_back(std::move(*made));
  return one;
}

// One that is configured, and runs when its turn comes.
struct Generator {
  std::function<MadeResources()> run;
  Trail origin;
};

core::Result<Generator> LoadGenerator(const Resource& plugin, Target* target) {
  const std::string_view file = FileOf(plugin, *target);
  const std::string_view kind = plugin.id.kind;
  Build* build = &target->context().build;
  const Trail origin = ConfiguredBy(plugin);
  if (kind == "HelmChartInflationGenerator") {
    ChartPlugin config;
    config.old_booleans = false;
    Decoder decoder(file, {.old_booleans = false}, build->arena);
    if (core::Status fine = decoder.Into(*plugin.body, &config); !fine) return fine.error();
    const std::string where = fmt::format("{}:{}", file, plugin.body->line);
    const auto run = [=]() -> MadeResources {
      MadeResources made = InflateChart(config, config, target->loader(), build);
      if (!made) return made.error().In(where);
      return made;
    };
    return Generator{run, origin};
  }
  if (kind == "IAMPolicyGenerator") {
    const yaml::Node* body = plugin.body;
    return Generator{[=] { return OnlyOne(GenerateIamPolicy(*body, file, build)); }, origin};
  }
  At<GeneratorPlugin> config;
  Decoder decoder(file, {.old_booleans = false}, build->arena);
  if (core::Status fine = decoder.Into(*plugin.body, &config); !fine) return fine.error();
  At<GeneratorArgs> args{std::move(static_cast<GeneratorArgs&>(config.value)), config.line};
  if (args.value.name.empty()) args.value.name = config.value.metadata.name;
  if (args.value.namespace_name.empty()) {
    args.value.namespace_name = config.value.metadata.namespace_name;
  }
  const Generated what = kind == "SecretGenerator" ? Generated::kSecret : Generated::kConfigMap;
  const std::string owner = std::string(kind) + " " + std::string(plugin.id.name);
  const auto run = [=] {
    return OnlyOne(Generate(what, args, target->loader(), file, owner, build));
  };
  return Generator{run, origin};
}

// What a validator must leave as it is.
std::vector<yaml::Node*> CopyBodies(const ResourceMap& all, yaml::Arena* arena) {
  std::vector<yaml::Node*> copies;
  for (const auto& each : all.all()) copies.push_back(arena->Clone(*each->body));
  return copies;
}

bool SameButForLabel(const yaml::Node& before, const yaml::Node& after, yaml::Arena* arena) {
  yaml::Node* left = arena->Clone(after);
  yaml::Node* metadata = left->Find("metadata");
  yaml::Node* labels = metadata ? metadata->Find("labels") : nullptr;
  if (labels && labels->Erase("validated-by") && labels->size == 0) metadata->Erase("labels");
  return Equal(before, *left);
}

}  // namespace

core::Status RunGenerators(Target* target, Accumulated* all) {
  const std::vector<Text>& texts = target->kustomization().generators;
  if (texts.empty()) return core::Ok();
  Build* build = &target->context().build;
  Accumulated plugins(build);
  if (core::Status fine = Collect(texts, "generators", target, &plugins); !fine) return fine;
  std::vector<Generator> generators;
  for (const auto& plugin : plugins.resources.all()) {
    core::Status fine = CheckBuiltin(*plugin, true, "generators", *target);
    if (!fine) return fine;
    core::Result<Generator> generator = LoadGenerator(*plugin, target);
    if (!generator) return generator.error();
    generators.push_back(std::move(*generator));
  }
  for (const Generator& generator : generators) {
    MadeResources made = generator.run();
    if (!made) return made.error();
    core::Status added = AddGenerated(std::move(*made), generator.origin, build, all);
    if (!added) return added.error().In(target->kustomization().file);
  }
  return core::Ok();
}

core::Result<std::vector<Transformer>> LoadTransformers(Target* target,
                                                        const std::vector<Text>& texts,
                                                        std::string_view field) {
  std::vector<Transformer> transformers;
  if (texts.empty()) return transformers;
  Build* build = &target->context().build;
  Accumulated plugins(build);
  if (core::Status fine = Collect(texts, field, target, &plugins); !fine) return fine.error();
  for (const auto& plugin : plugins.resources.all()) {
    core::Status fine = CheckBuiltin(*plugin, false, field, *target);
    if (!fine) return fine.error();
    const std::string_view file = FileOf(*plugin, *target);
    core::Result<Change> run = MakeTransformer(*plugin, file, target->loader(), build);
    if (!run) return run.error();
    transformers.push_back(
        {std::move(*run), fmt::format("{}:{}", file, plugin->body->line), ConfiguredBy(*plugin)});
  }
  return transformers;
}

core::Status RunValidators(Target* target, Accumulated* all) {
  const core::Result<std::vector<Transformer>> validators =
      LoadTransformers(target, target->kustomization().validators, "validators");
  if (!validators) return validators.error();
  Build* build = &target->context().build;
  for (const Transformer& validator : *validators) {
    const std::vector<yaml::Node*> before = CopyBodies(all->resources, build->arena);
    if (core::Status fine = validator.run(build, &all->resources); !fine) {
      return fine.error().In(validator.where);
    }
    bool same = before.size() == all->resources.size();
    for (size_t i = 0; same && i < before.size(); ++i) {
      same = SameButForLabel(*before[i], *all->resources.all()[i]->body, build->arena);
    }
    if (!same) {
      return core::Invalid(
          fmt::format("{}: a validator may not change resources, and this does", validator.where));
    }
  }
  return core::Ok();
}

core::Result<std::vector<Replacement>> ReadReplacements(
    const std::vector<At<ReplacementArgs>>& args, const Loader& loader, std::string_view file,
    yaml::Arena* arena) {
  std::vector<Replacement> all;
  for (size_t i = 0; i < args.size(); ++i) {
    const ReplacementArgs& each = args[i].value;
    const auto fail = [&](const core::Error& error) {
      return error.In(fmt::format("{}:{}: replacements[{}]", file, args[i].line, i));
    };
    if (each.path.empty()) {
      all.push_back(each.replacement);
      continue;
    }
    const std::optional<std::vector<ReplacementTarget>>& targets = each.replacement.targets;
    if (each.replacement.source || (targets && !targets->empty())) {
      return fail(core::Invalid("a path, or source and targets expected, found both"));
    }
    const core::Result<const File*> read = loader.Load(each.path);
    if (!read) return fail(read.error());
    const std::string_view shown = arena->Copy(loader.files().Show((*read)->path));
    const core::Result<std::vector<yaml::Node*>> documents =
        yaml::Parse((*read)->text, shown, arena, {.unique_keys = false, .first_only = true});
    if (!documents) return fail(documents.error());
    const yaml::Node* document = documents->empty() ? nullptr : documents->front();
    if (!document || document->is_scalar()) {
      return fail(
          core::Invalid(fmt::format("{}: a replacement, or a list of them, expected", shown)));
    }
    Decoder decoder(shown, {}, arena);
    std::vector<Replacement> more(document->is_mapping() ? 1 : 0);
    core::Status fine = document->is_mapping() ? decoder.Into(*document, &more.front())
                                               : decoder.Into(*document, &more);
    if (!fine) return fail(fine.error());
    std::move(more.begin(), more.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace headgate::templating::kustomize
