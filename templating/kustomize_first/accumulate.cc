#include "templating/kustomize_first/accumulate.h"

#include <fmt/format.h>

#include <utility>

#include "templating/kustomize_first/generate.h"
#include "templating/kustomize_first/patch.h"
#include "templating/kustomize_first/transform.h"
#include "templating/objects.h"

namespace headgate::templating {
namespace {

constexpr size_t kChainMax = 64;      // kustomizations within each other
constexpr size_t kLoadedMax = 10000;  // kustomizations of one build, each use counted

bool IsRemote(std::string_view name) {
  return name.find("://") != std::string_view::npos || name.starts_with("git@") ||
         name.starts_with("github.com/");
}

core::Status Transform(const core::FileTree& files, const Kustomization& kustomization,
                       Resources* all) {
  using Step = core::Status (*)(const Kustomization&, Resources*);
  core::Status done = ApplyPatchesStrategicMerge(files, kustomization, all);
  if (!done) return done;
  done = ApplyPatches(files, kustomization, all);
  if (!done) return done;
  for (Step step : {&SetNamespaces, &AddPrefixAndSuffix, &AddLabels, &AddAnnotations}) {
    done = step(kustomization, all);
    if (!done) return done;
  }
  done = ApplyPatchesJson6902(files, kustomization, all);
  if (!done) return done;
  for (Step step : {&SetReplicas, &SetImages}) {
    done = step(kustomization, all);
    if (!done) return done;
  }
  return done;
}

}  // namespace

core::Result<Resources> Accumulator::Accumulate(const Kustomization& kustomization) {
  Resources all;
  core::Status added = AddTo(kustomization, &all);
  if (!added) return added.error();
  return all;
}

// `all` is empty, but for a component: it works on what its user has so far.
core::Status Accumulator::AddTo(const Kustomization& kustomization, Resources* all) {
  if (++loaded_ > kLoadedMax) {
    return core::Invalid(fmt::format("more than {} kustomizations in one build", kLoadedMax));
  }
  chain_.push_back(kustomization.directory);
  for (const char* field : {"resources", "bases"}) {
    for (const core::Value& name : kustomization.body.ListAt(field)) {
      core::Status added = AddResource(kustomization, field, name, all);
      if (!added) return added;
    }
  }
  core::Status generated = Generate(files_, kustomization, all);
  if (!generated) return generated;
  for (const core::Value& name : kustomization.body.ListAt("components")) {
    core::Status added = AddResource(kustomization, "components", name, all);
    if (!added) return added;
  }
  core::Status transformed = Transform(files_, kustomization, all);
  if (!transformed) return transformed;
  chain_.pop_back();
  return core::Ok();
}

core::Status Accumulator::AddResource(const Kustomization& kustomization, std::string_view field,
                                      const core::Value& name, Resources* all) {
  const std::string& text = *name.AsString();
  if (text.empty())
    return kustomization.At(name, field, "the name of a file or directory expected");
  if (IsRemote(text)) {
    return kustomization.At(name, field, text + ": what is not in this repository is not fetched");
  }
  core::Result<std::string> path = core::Clean(kustomization.directory, text);
  if (!path) return path.error().In(kustomization.Place(name, field));
  const auto type = path->empty() ? core::FileTree::Type::kDirectory : files_.TypeOf(*path);
  switch (type) {
    case core::FileTree::Type::kDirectory:
      return AddDirectory(kustomization, field, name, *path, all);
    case core::FileTree::Type::kFile:
      if (field == "components")
        return kustomization.At(name, field, text + ": a directory expected");
      return AddFile(kustomization, field, name, all);
    case core::FileTree::Type::kNone:
      break;
  }
  return kustomization.At(name, field, text + ": no such file or directory");
}

core::Status Accumulator::AddFile(const Kustomization& kustomization, std::string_view field,
                                  const core::Value& name, Resources* all) {
  std::string file;
  core::Result<std::string> text = kustomization.ReadFile(files_, name, field, &file);
  if (!text) return text.error();
  core::Result<core::Objects> objects = ParseObjects(*text, file);
  if (!objects) return objects.error().In(kustomization.Place(name, field));
  for (core::Object& object : *objects) {
    core::Status appended = Append({std::move(object), {}, {}, {}, false}, all);
    if (!appended) return appended.error().In(kustomization.Place(name, field));
  }
  return core::Ok();
}

core::Status Accumulator::AddDirectory(const Kustomization& kustomization, std::string_view field,
                                       const core::Value& name, const std::string& directory,
                                       Resources* all) {
  const std::string place = kustomization.Place(name, field);
  core::Status chain = CheckChain(directory);
  if (!chain) return chain.error().In(place);
  core::Result<Kustomization> base = LoadKustomization(files_, directory);
  if (!base) return core::Invalid(base.error().text()).In(place);
  const bool component = field == "components";
  if (base->is_component() != component) {
    return kustomization.At(name, field,
                            fmt::format("{} is {}; name it under {}", base->file,
                                        component ? "no component" : "a component",
                                        component ? "resources" : "components"));
  }
  if (component) {
    core::Status added = AddTo(*base, all);
    if (!added) return added.error().In(place);
    return core::Ok();
  }
  core::Result<Resources> resources = Accumulate(*base);
  if (!resources) return resources.error().In(place);
  for (Resource& resource : *resources) {
    core::Status appended = Append(std::move(resource), all);
    if (!appended) return appended.error().In(place);
  }
  return core::Ok();
}

// A kustomization cannot use itself, nor one that lies above it or above one that uses it: that one
// may use it again.
core::Status Accumulator::CheckChain(const std::string& directory) const {
  for (const std::string& above : chain_) {
    if (above != directory && !directory.empty() && !above.starts_with(directory + "/")) continue;
    return core::Invalid(fmt::format("a cycle: {} is, or lies above, {}, which uses it",
                                     directory.empty() ? "." : directory,
                                     above.empty() ? "." : above));
  }
  if (chain_.size() >= kChainMax) {
    return core::Invalid(fmt::format("more than {} kustomizations within each other", kChainMax));
  }
  return core::Ok();
}

}  // namespace headgate::templating
