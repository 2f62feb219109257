#include "templating/chart.h"

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <string>
#include <utility>

#include "templating/helm/chart/render.h"
#include "templating/helm/chart/user_values.h"
#include "templating/helm/source/fetcher.h"
#include "templating/helm/yaml_read.h"
#include "templating/objects.h"

namespace headgate::templating {
namespace {

// Of one rendering, so that a chart cannot keep a worker. The largest public ones need some tenths
// of a second.
constexpr std::chrono::seconds kTimeMax{60};

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
  const auto until = std::chrono::steady_clock::now() + kTimeMax;
  options.expired = [until] { return std::chrono::steady_clock::now() > until; };
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

// Helm's paths begin with the chart's name; ours with its directory.
std::string FileOf(std::string_view directory, std::string_view path) {
  const std::string_view below = path.substr(path.find('/') + 1);
  return directory.empty() ? std::string(below) : fmt::format("{}/{}", directory, below);
}

// What manifests hold, each named by the template that it came from.
class Gathering {
 public:
  explicit Gathering(std::string_view directory) : directory_(directory) {}

  core::Status Add(const helm::Manifest& manifest) {
    const std::string file = FileOf(directory_, manifest.path);
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
  std::string directory_;
  core::Objects objects_;
};

core::Result<core::Objects> ObjectsOf(const helm::RenderedChart& chart, std::string_view path) {
  Gathering gathering(path);
  core::Status added = core::Ok();
  for (const helm::Manifest& crd : chart.crds) {
    if (added) added = gathering.AddFile(crd);
  }
  for (const helm::Manifest& manifest : chart.manifests.ordinary) {
    if (added) added = gathering.Add(manifest);
  }
  for (const helm::Hook& hook : chart.manifests.hooks) {
    if (added && !hook.test) added = gathering.Add(hook.manifest);
  }
  if (!added) return added.error();
  return gathering.Finish();
}

// A second, minute, hour, day, month and year later, so that every part of a date is another.
constexpr std::chrono::seconds kLater{1 + 60 + 3600 + 86400 * (1 + 31 + 365)};

// Finds the fields in which two renderings of a chart differ.
class Comparison {
 public:
  Comparison(const std::vector<helm::VaryingCall>& calls, std::string_view directory) {
    for (const helm::VaryingCall& call : calls) {
      std::string& why = why_[FileOf(directory, call.template_path)];
      why += (why.empty() ? "" : ", ") + call.function;
    }
  }

  // Objects are compared by their places: a name may vary, too.
  void Compare(const core::Objects& first, const core::Objects& second,
               std::vector<VaryingField>* found) {
    for (size_t i = 0; i < first.size(); ++i) {
      const core::Value& body = first[i].body;
      const auto why = why_.find(first[i].file);
      field_ = {core::RefOf(body),
                std::string(body.StringAt("apiVersion")),
                {},
                why == why_.end() ? "" : fmt::format("{} in {}", why->second, why->first)};
      found_ = found;
      if (i < second.size()) {
        CompareValues(body, second[i].body);
      } else {
        found->push_back(field_);
      }
    }
  }

 private:
  void CompareAt(std::string key, const core::Value& a, const core::Value& b) {
    field_.path.push_back(std::move(key));
    CompareValues(a, b);
    field_.path.pop_back();
  }
  void CompareValues(const core::Value& a, const core::Value& b) {
    if (a == b) return;
    const core::List *items = a.AsList(), *others = b.AsList();
    if (items && others && items->size() == others->size()) {
      for (size_t i = 0; i < items->size(); ++i) {
        CompareAt(std::to_string(i), (*items)[i], (*others)[i]);
      }
    } else if (a.is_map() && b.is_map()) {
      const core::Value nothing;
      for (const auto& [key, value] : *a.AsMap()) {
        const core::Value* other = b.Find(key);
        CompareAt(key, value, other ? *other : nothing);
      }
    } else {
      found_->push_back(field_);
    }
  }

  std::map<std::string, std::string> why_;  // by file
  VaryingField field_;
  std::vector<VaryingField>* found_ = nullptr;
};

}  // namespace

core::Result<core::Objects> ChartRenderer::Render(const core::FileTree& files,
                                                  std::string_view path) const {
  core::Result<helm::ChartOptions> options = OptionsFor(options_, files, path);
  if (!options) return options.error();
  helm::ChartFetcher local(nullptr, nullptr, {});  // of the tree alone: it may ask no host
  options->sources = &local;
  const core::Result<helm::RenderedChart> chart = helm::RenderChart(files, path, *options);
  if (!chart) return chart.error();
  return ObjectsOf(*chart, path);
}

core::Result<Rendering> ChartRenderer::RenderAndCompare(const core::FileTree& files,
                                                        std::string_view path) const {
  core::Result<helm::ChartOptions> options = OptionsFor(options_, files, path);
  if (!options) return options.error();
  helm::ChartFetcher local(nullptr, nullptr, {});
  options->sources = &local;
  const core::Result<helm::RenderedChart> chart = helm::RenderChart(files, path, *options);
  if (!chart) return chart.error();
  core::Result<core::Objects> objects = ObjectsOf(*chart, path);
  if (!objects) return objects.error();
  Rendering rendering{std::move(*objects)};
  if (chart->varying.empty()) return rendering;

  // Random bytes are others by themselves, the time has to be another one.
  options->now = [] { return std::chrono::system_clock::now() + kLater; };
  const core::Result<helm::RenderedChart> again = helm::RenderChart(files, path, *options);
  if (!again) return again.error().In("rendered again at another time");
  const core::Result<core::Objects> others = ObjectsOf(*again, path);
  if (!others) return others.error().In("rendered again at another time");
  Comparison comparison(chart->varying, path);
  comparison.Compare(rendering.objects, *others, &rendering.varying);
  return rendering;
}

}  // namespace headgate::templating
