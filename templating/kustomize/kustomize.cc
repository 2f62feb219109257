#include "templating/kustomize/kustomize.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

#include "templating/kustomize/accumulate.h"
#include "templating/kustomize/accumulate_read.h"
#include "templating/kustomize/order.h"
#include "templating/kustomize/origin.h"
#include "templating/objects.h"
#include "templating/yaml/emit.h"

namespace headgate::templating::kustomize {
namespace {

// kustomize says which release it is.
constexpr std::string_view kManagedBy = "kustomize-v5.8.1";

std::string Where(const Resource& resource) {
  if (resource.file.empty()) return Show(resource.id);
  return fmt::format("{}: {}", resource.file, Show(resource.id));
}

// Whether an object is there for people or tools in the repository only.
bool IsLocal(const Resource& resource) {
  const yaml::Node* mark =
      resource.body->Find("metadata", "annotations", "config.kubernetes.io/local-config");
  return mark && mark->text() != "false";
}

// A build from its first to its last step; everything it makes lives in it.
class Building {
 public:
  Building(const core::FileTree& files, const BuildRules& rules)
      : rules_(rules), context_(files, rules.load, rules.shared, &arena_), all_(&context_.build) {
    context_.build.charts = rules.charts;
  }

  core::Status Run(const std::string& path) {
    core::Result<Loader> loader = Loader::Open(&context_.files, path);
    if (!loader) return loader.error();
    Target target(&context_, std::move(*loader));
    core::Status fine = target.Load();
    if (fine) fine = target.UseOpenApi();
    if (!fine) return fine;
    target.StartTrail();
    fine = target.Accumulate(&all_);
    if (fine) fine = context_.schema.fault();
    if (fine) fine = NameAll(target.kustomization().file);
    if (fine) fine = DropLocal();
    if (fine) fine = SortAll(target.kustomization());
    if (fine) fine = Finish(target.kustomization());
    return fine;
  }

  const std::vector<std::unique_ptr<Resource>>& resources() const { return all_.resources.all(); }
  size_t bytes() const { return arena_.bytes(); }
  std::vector<std::string>& warnings() { return context_.build.warnings; }

  core::Status Print(const Resource& resource, std::string* out) const {
    core::Status printed = yaml::EmitResource(*resource.body, out);
    return printed ? printed : printed.error().In(Where(resource));
  }

 private:
  // Hashes end names, references follow them, and vars are resolved.
  core::Status NameAll(std::string_view file) {
    Build* build = &context_.build;
    core::Status fine = AddHashes(build, &all_.resources);
    if (fine) fine = FixReferences(*all_.config, build, &all_.resources);
    if (fine) fine = ResolveVars(all_.vars, *all_.config, build, &all_.resources);
    return fine ? fine : fine.error().In(file);
  }

  core::Status DropLocal() {
    for (const auto& resource : all_.resources.all()) {
      const Id& id = resource->id;
      if (!id.kind.empty() && (!id.name.empty() || id.kind.ends_with("List"))) continue;
      return core::Invalid(fmt::format("{}: a patch left it without {}", Where(*resource),
                                       id.kind.empty() ? "kind" : "metadata.name"));
    }
    all_.resources.RemoveIf(IsLocal);
    return core::Ok();
  }

  core::Status SortAll(const Kustomization& kustomization) {
    if (!kustomization.sort_options) {
      if (rules_.order == Order::kAsRead) return core::Ok();
      return SortLegacy(&all_.resources);
    }
    if (rules_.order_was_asked) {
      warnings().push_back(fmt::format("{}: sortOptions: wins over the order of the command line",
                                       kustomization.file));
    }
    return Sort(*kustomization.sort_options, kustomization.file, &all_.resources);
  }

  core::Status Finish(const Kustomization& kustomization) {
    if (rules_.managed_by_label || kustomization.Wants("managedByLabel")) {
      const PairsConfig label{{{"app.kubernetes.io/managed-by", kManagedBy}},
                              {{"", "", "", "metadata/labels", true}}};
      if (core::Status fine = AddPairs(label, &context_.build, &all_.resources); !fine) {
        return fine;
      }
    }
    const bool origins = kustomization.Wants("originAnnotations");
    const bool transformations = kustomization.Wants("transformerAnnotations");
    for (const auto& resource : all_.resources.all()) {
      resource->body->MakeMapping(&arena_, "metadata");  // a list may have none
      FinishAnnotations(resource.get(), &context_.build);
      core::Status fine = core::Ok();
      if (origins) fine = AnnotateOrigin(*resource, &arena_);
      if (fine && transformations) fine = AnnotateTransformations(*resource, &arena_);
      if (!fine) return fine;
    }
    return core::Ok();
  }

  const BuildRules& rules_;
  yaml::Arena arena_;
  Context context_;
  Accumulated all_;
};

// Runs a build and hands on its warnings.
core::Status Run(std::string_view path, Building* building, std::vector<std::string>* warnings) {
  core::Status fine = building->Run(std::string(path));
  if (warnings) *warnings = std::move(building->warnings());
  return fine;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower;
}

// "apps_v1_deployment_web.yaml"
std::string FileNameOf(const Id& id) {
  std::string name;
  for (std::string_view part : {id.group, id.version, id.kind}) {
    if (!part.empty()) name += std::string(part) + "_";
  }
  if (id.group.empty() && id.version.empty() && id.kind.empty()) name = "_";
  return Lower(name) + Lower(id.name) + ".yaml";
}

void SortKeys(core::Value* value) {
  if (core::List* list = value->AsList()) {
    for (core::Value& item : *list) SortKeys(&item);
  }
  core::Map* map = value->AsMap();
  if (!map) return;
  std::sort(map->begin(), map->end(),
            [](const core::Map::Entry& a, const core::Map::Entry& b) { return a.first < b.first; });
  for (core::Map::Entry& entry : *map) SortKeys(&entry.second);
}

}  // namespace

core::Result<std::string> BuildYaml(const core::FileTree& files, std::string_view path,
                                    const BuildRules& rules, std::vector<std::string>* warnings) {
  Building building(files, rules);
  if (core::Status fine = Run(path, &building, warnings); !fine) return fine.error();
  std::string text;
  text.reserve(building.bytes() / 6);  // about as much as was read
  for (const auto& resource : building.resources()) {
    if (!text.empty()) text += "---\n";
    if (core::Status fine = building.Print(*resource, &text); !fine) return fine.error();
  }
  return text;
}

core::Result<NamedTexts> BuildFiles(const core::FileTree& files, std::string_view path,
                                    const BuildRules& rules, std::vector<std::string>* warnings) {
  Building building(files, rules);
  if (core::Status fine = Run(path, &building, warnings); !fine) return fine.error();
  std::map<std::string_view, int> namespaces;
  for (const auto& resource : building.resources()) {
    if (!resource->id.cluster_scoped) ++namespaces[EffectiveNamespace(resource->id)];
  }
  // Those of namespaces first: a cluster-scoped one of the same name takes the file.
  NamedTexts texts;
  for (const bool cluster_scoped : {false, true}) {
    for (const auto& resource : building.resources()) {
      const Id& id = resource->id;
      if (id.cluster_scoped != cluster_scoped) continue;
      const bool prefixed = !cluster_scoped && namespaces.size() > 1;
      std::string name = prefixed ? Lower(EffectiveNamespace(id)) + "_" : "";
      texts.emplace_back(name + FileNameOf(id), "");
      core::Status printed = building.Print(*resource, &texts.back().second);
      if (!printed) return printed.error();
    }
  }
  return texts;
}

core::Result<core::Objects> BuildObjects(const core::FileTree& files, std::string_view path,
                                         const BuildRules& rules,
                                         std::vector<std::string>* warnings) {
  Building building(files, rules);
  if (core::Status fine = Run(path, &building, warnings); !fine) return fine.error();
  core::Objects objects;
  objects.reserve(building.resources().size());
  for (const auto& resource : building.resources()) {
    objects.push_back({yaml::ToValue(*resource->body), std::string(resource->path)});
    SortKeys(&objects.back().body);
    core::Status checked = core::CheckObject(objects.back().body);
    if (!checked) return checked.error().In(core::Where(objects.back()));
  }
  if (core::Status unique = CheckUnique(objects); !unique) return unique.error();
  return objects;
}

}  // namespace headgate::templating::kustomize
