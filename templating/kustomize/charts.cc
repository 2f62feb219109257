#include "templating/kustomize/charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "templating/helm/chart/archive.h"
#include "templating/helm/chart/release_name.h"
#include "templating/helm/chart/render.h"
#include "templating/kustomize/accumulate_read.h"
#include "templating/kustomize/merge.h"
#include "templating/yaml/emit.h"
#include "templating/yaml/parse.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Node;

constexpr std::string_view kHome = "charts";
constexpr std::string_view kFromHelm = "internal.config.kubernetes.io/helm-generated";
constexpr std::array<std::string_view, 3> kMerges = {"merge", "override", "replace"};

// Merging gives a scalar the style of what it replaces, and a number over a quoted text becomes a
// text so. Values are not printed in between: their tags count.
void HoldTags(Node* node) {
  node->explicit_tag = true;
  for (Node* child : node->children()) HoldTags(child);
}
void DropStyles(Node* node) {
  node->explicit_tag = false;
  if (node->is_scalar() && !node->is_string()) node->style = yaml::Style::kPlain;
  for (Node* child : node->children()) DropStyles(child);
}

// One chart on its way from its entry to resources.
class Inflation {
 public:
  Inflation(const HelmChart& chart, const HelmGlobals& globals, const Loader& loader, Build* build)
      : chart_(chart), loader_(loader), build_(build) {
    const std::string_view home = globals.chart_home.empty() ? kHome : globals.chart_home;
    directory_ = chart.version.empty() || chart.repo.empty()
                     ? fmt::format("{}/{}", home, chart.name)
                     : fmt::format("{}/{}-{}/{}", home, chart.name, chart.version, chart.name);
  }

  core::Result<std::vector<std::unique_ptr<Resource>>> Run();

 private:
  core::Status Check() const;
  // A chart's directory, in the tree of the build or in one of its own.
  struct Found {
    std::shared_ptr<const core::FileTree> fetched;  // nullptr: the build's tree
    std::string path;
  };
  core::Result<Found> FindChart() const;
  core::Result<Found> Fetch() const;
  core::Result<File> OwnValues(const Found& found) const;
  core::Status AddValues(const Found& found, helm::ChartOptions* options) const;
  core::Result<std::string> MergeInline(const File& values, std::string_view shown) const;
  core::Result<Node*> Merge(Node* file, Node* own) const;
  core::Status Name(helm::ChartOptions* options) const;
  core::Result<helm::ChartOptions> Options(const Found& found) const;

  const HelmChart& chart_;
  const Loader& loader_;
  Build* build_;
  std::string directory_;  // as the kustomization would write it
};

core::Status Inflation::Check() const {
  if (!build_->charts.enabled) {
    return core::Invalid("charts of a kustomization are rendered only with --enable-helm");
  }
  if (chart_.name.empty()) return core::Invalid("name: the name of a chart expected");
  if (chart_.name.find('/') != std::string_view::npos) {
    return core::Invalid(
        fmt::format("name: the name of a chart expected, found the path {}; helmGlobals.chartHome "
                    "says where charts stand",
                    chart_.name));
  }
  if (!chart_.values_merge.empty() &&
      std::find(kMerges.begin(), kMerges.end(), chart_.values_merge) == kMerges.end()) {
    return core::Invalid(fmt::format("valuesMerge: merge, override or replace expected, found {}",
                                     chart_.values_merge));
  }
  return core::Ok();
}

core::Result<Inflation::Found> Inflation::FindChart() const {
  core::Result<std::string> found = loader_.FindDirectory(directory_);
  if (found) return Found{nullptr, std::move(*found)};
  if (found.error().fault() != core::Fault::kNotFound) return found.error();
  if (chart_.repo.empty()) return core::Invalid(found.error().text());
  if (build_->charts.sources) return Fetch();
  return core::Invalid(
      fmt::format("{}; a chart is not fetched from {}: `helm pull --untar` puts it there",
                  found.error().text(), chart_.repo));
}

// As `helm pull --untar` puts it there, but in memory.
core::Result<Inflation::Found> Inflation::Fetch() const {
  core::Result<helm::FoundChart> found = build_->charts.sources->Find(
      {std::string(chart_.repo), std::string(chart_.name), std::string(chart_.version)});
  if (!found) return found.error();
  core::Result<std::vector<helm::ArchiveFile>> unpacked = helm::ReadArchive(found->archive, {});
  if (!unpacked) return unpacked.error().In("its archive");
  std::map<std::string, std::string> files;
  for (helm::ArchiveFile& file : *unpacked) {
    files.insert_or_assign(fmt::format("{}/{}", directory_, file.name), std::move(file.data));
  }
  return Found{std::make_shared<core::MemoryTree>(std::move(files)), directory_};
}

// The chart's values.yaml.
core::Result<File> Inflation::OwnValues(const Found& found) const {
  const std::string path = found.path + "/values.yaml";
  core::Result<std::string> text = found.fetched->Read(path);
  if (!text) return text.error();
  return File{path, build_->arena->Keep(std::move(*text))};
}

// `file` is not used again.
core::Result<Node*> Inflation::Merge(Node* file, Node* own) const {
  HoldTags(file);
  HoldTags(own);
  const bool file_wins = chart_.values_merge == "merge";
  Node* base = file_wins ? own : file;
  Node* patch = file_wins ? file : own;
  const core::Result<MergeOutcome> outcome =
      MergePatch(*build_->schema, patch, base, build_->arena);
  if (!outcome) return outcome.error();
  return *outcome == MergeOutcome::kDeleted ? build_->arena->NewMapping() : base;
}

// The values file, and valuesInline over it or below it.
core::Result<std::string> Inflation::MergeInline(const File& values, std::string_view shown) const {
  yaml::Arena* arena = build_->arena;
  core::Result<Node*> own = InJson(*chart_.values_inline, chart_.old_booleans, arena);
  if (!own) return own.error().In("valuesInline");
  Node* merged = *own;
  if (chart_.values_merge != "replace") {
    const core::Result<std::vector<Node*>> documents =
        yaml::Parse(values.text, shown, arena, {.unique_keys = false, .first_only = true});
    if (!documents) return documents.error();
    const Node* document = documents->empty() ? nullptr : documents->front();
    const bool nothing = document && document->is_null() && !document->text().empty();  // "null"
    if (!nothing && (!document || !document->is_mapping())) {
      return core::Invalid(
          fmt::format("{}: a mapping expected, for valuesInline to merge with", shown));
    }
    Node* file = nothing ? arena->NewMapping() : arena->Clone(*document);
    core::Result<Node*> both = Merge(file, merged);
    if (!both) return both.error().In("valuesInline");
    // A null that wins leaves nothing.
    merged = nothing && chart_.values_merge == "merge" ? file : *both;
  }
  DropStyles(merged);
  std::string text;
  core::Status printed = yaml::EmitValue(*merged, &text);
  if (!printed) return printed.error().In("valuesInline");
  return text;
}

core::Status Inflation::AddValues(const Found& found, helm::ChartOptions* options) const {
  const auto load = [&](std::string_view path, std::string_view field) {
    core::Result<const File*> file = loader_.Load(path);
    return file ? file : file.error().In(std::string(field));
  };
  const std::string values =
      chart_.values_file.empty() ? directory_ + "/values.yaml" : std::string(chart_.values_file);
  const bool inlined = chart_.values_inline && chart_.values_inline->size > 0;
  if (inlined && chart_.values_merge == "replace") {
    core::Result<std::string> text = MergeInline({}, "");
    if (!text) return text.error();
    options->values_files.push_back({"valuesInline", std::move(*text)});
  } else {
    core::Result<File> file = core::NotFound("");
    if (found.fetched && chart_.values_file.empty()) {
      file = OwnValues(found);
    } else if (const core::Result<const File*> loaded = load(values, "valuesFile"); loaded) {
      file = **loaded;
    } else {
      file = loaded.error();
    }
    if (!file) return file.error();
    const std::string shown = loader_.files().Show(file->path);
    core::Result<std::string> text = std::string(file->text);
    if (inlined) text = MergeInline(*file, build_->arena->Copy(shown));
    if (!text) return text.error();
    options->values_files.push_back({shown + (inlined ? " with valuesInline" : ""), *text});
  }
  for (std::string_view path : chart_.additional_values_files) {
    const core::Result<const File*> file = load(path, "additionalValuesFiles");
    if (!file) return file.error();
    const std::string shown = loader_.files().Show((*file)->path);
    options->values_files.push_back({shown, std::string((*file)->text)});
  }
  return core::Ok();
}

core::Status Inflation::Name(helm::ChartOptions* options) const {
  if (!chart_.release_name.empty() && !chart_.name_template.empty()) {
    return core::Invalid("releaseName and nameTemplate exclude each other");
  }
  if (!chart_.release_name.empty()) options->release = chart_.release_name;
  if (chart_.name_template.empty()) return core::Ok();
  core::Result<std::string> name = helm::RenderReleaseName(std::string(chart_.name_template));
  if (!name) return name.error().In("nameTemplate");
  options->release = std::move(*name);
  return core::Ok();
}

core::Result<helm::ChartOptions> Inflation::Options(const Found& found) const {
  helm::ChartOptions options;
  if (core::Status named = Name(&options); !named) return named.error();
  if (!chart_.namespace_name.empty()) options.namespace_name = chart_.namespace_name;
  if (core::Status added = AddValues(found, &options); !added) return added.error();
  options.api_versions = build_->charts.api_versions;
  if (!chart_.api_versions.empty()) {
    options.api_versions.assign(chart_.api_versions.begin(), chart_.api_versions.end());
  }
  std::string_view version = chart_.kube_version;
  if (version.empty()) version = build_->charts.kube_version;
  if (!version.empty()) {
    core::Result<helm::KubeVersion> parsed = helm::ParseKubeVersion(version);
    if (!parsed) return parsed.error().In("kubeVersion");
    options.kube_version = std::move(*parsed);
  }
  options.include_crds = chart_.include_crds;
  options.sources = build_->charts.sources;
  return options;
}

core::Result<std::vector<std::unique_ptr<Resource>>> Inflation::Run() {
  if (core::Status fine = Check(); !fine) return fine.error();
  const core::Result<Found> at = FindChart();
  if (!at) return at.error();
  const core::Result<helm::ChartOptions> options = Options(*at);
  if (!options) return options.error();
  const core::FileTree& files = at->fetched ? *at->fetched : *build_->files;
  const core::Result<helm::RenderedChart> rendered = helm::RenderChart(files, at->path, *options);
  if (!rendered) return rendered.error();
  const helm::ShowOptions shown{.hooks = !chart_.skip_hooks, .tests = !chart_.skip_tests};
  core::Result<std::string> text = helm::ShowChart(*rendered, shown);
  if (!text) return text.error();
  for (const std::string& note : rendered->notes) build_->warnings.push_back(note);

  yaml::Arena* arena = build_->arena;
  const std::string_view name =
      arena->Copy(fmt::format("what chart {} renders to", loader_.files().Show(at->path)));
  const core::Result<std::vector<Node*>> objects =
      ReadObjects(arena->Keep(std::move(*text)), name, arena);
  if (!objects) return objects.error();
  std::vector<std::unique_ptr<Resource>> resources;
  resources.reserve(objects->size());
  for (Node* body : *objects) {
    Node* metadata = body->MakeMapping(arena, "metadata");
    Node* annotations = metadata ? metadata->MakeMapping(arena, "annotations") : nullptr;
    if (annotations) annotations->Set(arena, kFromHelm, arena->NewScalar("true"));
    resources.push_back(MakeResource(body, name, name, build_));
  }
  return resources;
}

}  // namespace

core::Result<std::vector<std::unique_ptr<Resource>>> InflateChart(const HelmChart& chart,
                                                                  const HelmGlobals& globals,
                                                                  const Loader& loader,
                                                                  Build* build) {
  Inflation inflation(chart, globals, loader, build);
  core::Result<std::vector<std::unique_ptr<Resource>>> made = inflation.Run();
  if (!made) return made.error().In(fmt::format("chart {}", chart.name));
  return made;
}

}  // namespace headgate::templating::kustomize
