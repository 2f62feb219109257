#include "templating/chart.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "templating/helm/chart/render.h"
#include "templating/helm/chart/user_values.h"
#include "templating/helm/yaml_read.h"
#include "templating/objects.h"

namespace headgate::templating {
namespace {

// A file of values, somewhere in the tree.
core::Result<helm::ValuesFile> ReadValues(const core::FileTree& files, std::string_view directory,
                                          const std::string& name) {
  const core::Result<std::string> path = core::Clean(directory, name);
  if (!path) return path.error();
  core::Result<std::string> text = files.Read(*path);
  if (!text) return text.error();
  return helm::ValuesFile{*path, std::move(*text)};
}

core::Result<helm::ChartOptions> OptionsFor(const RenderOptions& from, const core::FileTree& files,
                                            std::string_view directory) {
  const core::Render::Helm& helm = from.render.helm;
  helm::ChartOptions options;
  options.release = helm.release_name.empty() ? from.release : helm.release_name;
  options.namespace_name = from.namespace_name;
  for (size_t i = 0; i < helm.values_files.size(); ++i) {
    core::Result<helm::ValuesFile> file = ReadValues(files, directory, helm.values_files[i]);
    if (!file) return file.error().In(fmt::format("spec.render.helm.valuesFiles[{}]", i));
    options.values_files.push_back(std::move(*file));
  }
  options.values = helm.values;
  options.include_crds = !helm.skip_crds;
  options.check_schema = !helm.skip_schema_validation;
  options.api_versions = helm.api_versions;
  if (helm.kube_version.empty()) return options;
  core::Result<helm::KubeVersion> version = helm::ParseKubeVersion(helm.kube_version);
  if (!version) return version.error().In("spec.render.helm.kubeVersion");
  options.kube_version = std::move(*version);
  return options;
}

// What manifests hold, each named by the template that it came from.
class Gathering {
 public:
  explicit Gathering(std::string_view directory) : directory_(directory) {}

  core::Status Add(const helm::Manifest& manifest) {
    const std::string file = FileOf(manifest.path);
    helm::Heap heap;
    core::Result<helm::Value> document =
        helm::ReadYaml(manifest.text, file, &heap, {.keep_numbers = true});
    if (!document) return document.error().In("rendered");
    if (document->is_nil()) return core::Ok();  // comments only
    return AppendObjects(helm::ToDocument(*document), file, &objects_);
  }
  // A file of several documents.
  core::Status AddFile(const helm::Manifest& file) {
    for (const std::string_view text : helm::SplitManifests(file.text)) {
      core::Status added = Add({file.path, std::string(text), ""});
      if (!added) return added;
    }
    return core::Ok();
  }
  core::Result<core::Objects> Finish() {
    if (core::Status unique = CheckUnique(objects_); !unique) return unique.error();
    return std::move(objects_);
  }

 private:
  // Helm's paths begin with the chart's name; ours with its directory.
  std::string FileOf(std::string_view path) const {
    const std::string_view below = path.substr(path.find('/') + 1);
    return directory_.empty() ? std::string(below) : fmt::format("{}/{}", directory_, below);
  }

  std::string directory_;
  core::Objects objects_;
};

}  // namespace

core::Result<core::Objects> ChartRenderer::Render(const core::FileTree& files,
                                                  std::string_view path) const {
  const core::Result<helm::ChartOptions> options = OptionsFor(options_, files, path);
  if (!options) return options.error();
  const core::Result<helm::RenderedChart> chart = helm::RenderChart(files, path, *options);
  if (!chart) return chart.error();

  Gathering gathering(path);
  core::Status added = core::Ok();
  for (const helm::Manifest& crd : chart->crds) {
    if (added) added = gathering.AddFile(crd);
  }
  for (const helm::Manifest& manifest : chart->manifests.ordinary) {
    if (added) added = gathering.Add(manifest);
  }
  for (const helm::Hook& hook : chart->manifests.hooks) {
    if (added && !hook.test) added = gathering.Add(hook.manifest);
  }
  if (!added) return added.error();
  return gathering.Finish();
}

}  // namespace headgate::templating
