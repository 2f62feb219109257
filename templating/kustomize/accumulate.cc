#include "templating/kustomize/accumulate.h"

#include <fmt/format.h>

#include "templating/kustomize/accumulate_fields.h"
#include "templating/kustomize/accumulate_read.h"
#include "templating/kustomize/charts.h"
#include "templating/kustomize/generate.h"
#include "templating/kustomize/kustomization_config.h"
#include "templating/kustomize/nearest.h"
#include "templating/kustomize/plugins.h"

namespace headgate::templating::kustomize {

core::Result<std::vector<std::unique_ptr<Resource>>> ObjectCache::Read(const File& file,
                                                                       Files* files, Build* build) {
  const std::string_view path = build->arena->Copy(file.path);
  const std::string_view shown = build->arena->Copy(files->Show(file.path));
  const auto [at, first] = parsed_.try_emplace(&file);
  Parsed& parsed = at->second;
  if (const auto* trees = first ? files->Trees(file, ParseObjects) : nullptr) {
    parsed = {true, *trees};
  } else if (!parsed.kept) {
    core::Result<std::vector<yaml::Node*>> objects = ReadObjects(file.text, shown, build->arena);
    if (!objects) return objects.error();
    parsed.kept = !first;
    parsed.objects = std::move(*objects);
  }
  core::Status fits = files->CountResources(parsed.objects.size());
  if (!fits) return fits.error();
  std::vector<std::unique_ptr<Resource>> resources;
  resources.reserve(parsed.objects.size());
  for (yaml::Node* object : parsed.objects) {
    yaml::Node* body = parsed.kept ? build->arena->Clone(*object) : object;
    resources.push_back(MakeResource(body, shown, path, build));
  }
  return resources;
}

core::Error Target::At(uint32_t line, std::string_view field, size_t index,
                       const core::Error& error) const {
  return error.In(fmt::format("{}:{}: {}[{}]", kustomization_.file, line, field, index));
}

core::Error Target::At(const Text& entry, std::string_view field, size_t index,
                       const core::Error& error) const {
  return At(entry.line, field, index, error);
}

core::Status Target::Load() {
  const File* file = nullptr;
  for (std::string_view name : kKustomizationFiles) {
    if (!loader_.IsFile(name)) continue;
    const core::Result<const File*> read = loader_.Load(name);
    if (!read) return read.error();
    if (file) {
      return core::Invalid(fmt::format("{}: one kustomization expected, found {} and {}",
                                       loader_.Show(), kustomization_.file_name, name));
    }
    file = *read;
    kustomization_.file_name = name;
  }
  if (!file) {
    return core::Invalid(
        fmt::format("{}: no kustomization.yaml, kustomization.yml or Kustomization here{}",
                    loader_.Show(), loader_.DidYouMean(kKustomizationFiles[0])));
  }
  yaml::Arena* arena = context_.build.arena;
  const std::string_view name = kustomization_.file_name;
  const std::string_view shown = arena->Copy(context_.files.Show(file->path));
  std::vector<std::string>* warnings = &context_.build.warnings;
  const auto* trees = context_.files.Trees(*file, ReadKustomization);
  core::Result<Kustomization> parsed = trees
                                           ? ParseKustomization(*trees, shown, arena, warnings)
                                           : ParseKustomization(file->text, shown, arena, warnings);
  if (!parsed) return parsed.error();
  kustomization_ = std::move(*parsed);
  kustomization_.file_name = name;
  return core::Ok();
}

void Target::StartTrail() {
  if (!kustomization_.build_metadata.empty()) trail_ = std::make_shared<const Origin>();
}

core::Status Target::AddFile(std::string_view path, Accumulated* all) {
  const core::Result<const File*> file = loader_.Load(path);
  if (!file) return file.error();
  core::Result<std::vector<std::unique_ptr<Resource>>> read =
      context_.objects.Read(**file, &context_.files, &context_.build);
  if (!read) return read.error();
  const Trail trail = Follow(trail_, path);
  for (std::unique_ptr<Resource>& resource : *read) {
    SetOrigin(trail, &context_.build, resource.get());
    if (core::Status fine = all->resources.Append(std::move(resource)); !fine) return fine;
  }
  return core::Ok();
}

core::Status Target::UseOpenApi() {
  std::optional<std::string_view> path, version, text;
  for (const auto& [key, value] : kustomization_.openapi) {
    if (key == "version") version = value;
    if (key == "path") path = value;
  }
  const auto where = [&] { return fmt::format("{}: openapi", kustomization_.file); };
  std::string_view shown;
  if (path) {
    const core::Result<const File*> file = loader_.Load(*path);
    if (!file) return file.error().In(where());
    text = (*file)->text;
    shown = context_.build.arena->Copy(context_.files.Show((*file)->path));
  }
  if (path || version) ++context_.schemas_given;
  core::Status set = context_.schema.Set(version, text, shown);
  return set ? set : set.error().In(where());
}

core::Status Target::AddBase(std::string_view path, bool component, Accumulated* all) {
  core::Result<Loader> loader = loader_.Enter(path);
  if (!loader) return loader.error();
  const size_t schemas_given = context_.schemas_given;
  Target base(&context_, std::move(*loader));
  if (core::Status fine = base.Load(); !fine) return fine;
  base.kustomization_.build_metadata = kustomization_.build_metadata;
  base.trail_ = Follow(trail_, path);
  base.outer_namespace_ = chart_namespace();
  if (core::Status fine = base.UseOpenApi(); !fine) return fine;
  if (component != base.kustomization_.component) {
    return core::Invalid(
        component ? fmt::format("{}: kind: Component expected, found Kustomization: list "
                                "it in resources",
                                base.kustomization_.file)
                  : fmt::format("{}: kind: Kustomization expected, found Component: "
                                "list it in components",
                                base.kustomization_.file));
  }
  Build* build = &context_.build;
  if (component) {
    // A component works on what is there, which then is added anew: no id may be there twice.
    if (context_.schemas_given != schemas_given) all->resources.Reindex();
    if (core::Status fine = base.Accumulate(all); !fine) return fine;
    ResourceMap checked(build);
    if (core::Status fine = checked.AppendAll(std::move(all->resources)); !fine) return fine;
    all->resources = std::move(checked);
    return core::Ok();
  }
  Accumulated own(build);
  if (core::Status fine = base.Accumulate(&own); !fine) return fine;
  // What was read before learns its scope anew, as kustomize asks for it each time.
  if (context_.schemas_given != schemas_given) all->resources.Reindex();
  if (core::Status fine = all->resources.AppendAll(std::move(own.resources)); !fine) return fine;
  core::Result<SharedConfig> merged = Merge(all->config, own.config);
  if (!merged) return merged.error();
  all->config = std::move(*merged);
  return MergeVars(own.vars, &all->vars);
}

core::Status Target::AddResource(const Text& path, std::string_view field, size_t index,
                                 Accumulated* all) {
  core::Status added =
      loader_.IsFile(path.value) ? AddFile(path.value, all) : AddBase(path.value, false, all);
  return added ? added : At(path, field, index, added.error());
}

core::Status Target::AddResources(Accumulated* all) {
  const std::vector<Text>& paths = kustomization_.resources;
  for (size_t i = 0; i < paths.size(); ++i) {
    if (core::Status fine = AddResource(paths[i], "resources", i, all); !fine) return fine;
  }
  return core::Ok();
}

core::Status Target::AddComponents(Accumulated* all) {
  const std::vector<Text>& paths = kustomization_.components;
  for (size_t i = 0; i < paths.size(); ++i) {
    if (core::Status fine = AddBase(paths[i].value, true, all); !fine) {
      return At(paths[i], "components", i, fine.error());
    }
  }
  return core::Ok();
}

// The built-in configuration, and what `configurations` and `crds` add to it.
core::Status Target::AddConfigs(Accumulated* all) {
  const auto add = [&](const std::vector<Text>& paths, std::string_view field, auto parse,
                       SharedConfig* to) -> core::Status {
    for (size_t i = 0; i < paths.size(); ++i) {
      const core::Result<const File*> file = loader_.Load(paths[i].value);
      if (!file) return At(paths[i], field, i, file.error());
      const std::string_view shown = context_.build.arena->Copy(context_.files.Show((*file)->path));
      const core::Result<SharedConfig> config = parse((*file)->text, shown, context_.build.arena);
      if (!config) return At(paths[i], field, i, config.error());
      core::Result<SharedConfig> merged = Merge(*to, *config);
      if (!merged) return At(paths[i], field, i, merged.error());
      *to = std::move(*merged);
    }
    return core::Ok();
  };
  const auto merge = [&](const SharedConfig& with, SharedConfig* to) -> core::Status {
    core::Result<SharedConfig> merged = Merge(*to, with);
    if (!merged) return merged.error().In(kustomization_.file);
    *to = std::move(*merged);
    return core::Ok();
  };
  SharedConfig own = DefaultConfig(), files, crds;
  core::Status fine = add(kustomization_.configurations, "configurations", ParseConfig, &files);
  if (fine && files) fine = merge(files, &own);
  if (fine) fine = merge(own, &all->config);
  if (fine) fine = add(kustomization_.crds, "crds", ParseCrds, &crds);
  if (fine && crds) fine = merge(crds, &all->config);
  return fine;
}

core::Status AddGenerated(std::vector<std::unique_ptr<Resource>> made, const Trail& by,
                          Build* build, Accumulated* all) {
  ResourceMap own(build);
  for (std::unique_ptr<Resource>& each : made) {
    if (core::Status fine = own.Append(std::move(each)); !fine) return fine;
  }
  SetOrigin(by, build, &own);
  return all->resources.Absorb(std::move(own));
}

core::Status Target::GenerateCharts(Accumulated* all) {
  const Trail by = ConfiguredBy(trail_, kustomization_.file_name, "HelmChartInflationGenerator");
  const auto& charts = kustomization_.helm_charts;
  for (size_t i = 0; i < charts.size(); ++i) {
    HelmChart chart = charts[i].value;
    if (chart.namespace_name.empty()) chart.namespace_name = chart_namespace();
    core::Result<std::vector<std::unique_ptr<Resource>>> made =
        InflateChart(chart, kustomization_.helm_globals, loader_, &context_.build);
    const core::Status added =
        made ? AddGenerated(std::move(*made), by, &context_.build, all) : made.error();
    if (!added) return At(charts[i].line, "helmCharts", i, added.error());
  }
  return core::Ok();
}

core::Status Target::Generate(Accumulated* all) {
  const auto generate = [&](const std::vector<kustomize::At<GeneratorArgs>>& list,
                            std::string_view field, Generated kind,
                            std::string_view plugin) -> core::Status {
    const Trail by = ConfiguredBy(trail_, kustomization_.file_name, plugin);
    for (size_t i = 0; i < list.size(); ++i) {
      kustomize::At<GeneratorArgs> args = list[i];
      args.value.options = MergeOptions(args.value.options, kustomization_.generator_options);
      core::Result<std::unique_ptr<Resource>> made =
          kustomize::Generate(kind, args, loader_, kustomization_.file,
                              fmt::format("{}[{}]", field, i), &context_.build);
      if (!made) return made.error();
      std::vector<std::unique_ptr<Resource>> one;
      one.push_back(std::move(*made));
      core::Status fine = AddGenerated(std::move(one), by, &context_.build, all);
      if (!fine) return At(args.line, field, i, fine.error());
    }
    return core::Ok();
  };
  core::Status fine = generate(kustomization_.config_map_generator, "configMapGenerator",
                               Generated::kConfigMap, "ConfigMapGenerator");
  if (fine) {
    fine = generate(kustomization_.secret_generator, "secretGenerator", Generated::kSecret,
                    "SecretGenerator");
  }
  if (fine) fine = GenerateCharts(all);
  if (!fine) return fine;
  return RunGenerators(this, all);
}

core::Status Target::Transform(Accumulated* all) {
  core::Result<std::vector<Transformer>> transformers = FieldTransformers(*this, *all->config);
  if (!transformers) return transformers.error();
  core::Result<std::vector<Transformer>> plugins =
      LoadTransformers(this, kustomization_.transformers, "transformers");
  if (!plugins) return plugins.error();
  std::move(plugins->begin(), plugins->end(), std::back_inserter(*transformers));
  for (const Transformer& transformer : *transformers) {
    core::Status fine = transformer.run(&context_.build, &all->resources);
    if (!fine) return fine.error().In(transformer.where);
    for (size_t i = 0; i < transformer.steps; ++i) {
      AddTransformation(transformer.origin, &context_.build, &all->resources);
    }
  }
  return RunValidators(this, all);
}

core::Status Target::Accumulate(Accumulated* all) {
  core::Status fine = AddResources(all);
  if (fine) fine = AddConfigs(all);
  if (fine) fine = Generate(all);
  if (fine) fine = AddComponents(all);
  if (fine) fine = Transform(all);
  if (!fine) return fine;
  std::vector<Var> vars;
  for (const kustomize::At<Var>& var : kustomization_.vars) vars.push_back(var.value);
  fine = MergeVars(vars, &all->resources, &all->vars);
  return fine ? fine : fine.error().In(fmt::format("{}: vars", kustomization_.file));
}

}  // namespace headgate::templating::kustomize
