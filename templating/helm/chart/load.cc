#include "templating/helm/chart/load.h"

#include <fmt/format.h>

#include <map>
#include <string>
#include <utility>

#include "templating/helm/chart/archive.h"
#include "templating/helm/chart/dependencies.h"
#include "templating/helm/chart/ignore.h"
#include "templating/helm/chart/lock.h"
#include "templating/helm/chart/metadata.h"
#include "templating/helm/chart/paths.h"
#include "templating/helm/chart/text.h"

namespace headgate::templating::helm {
namespace {

using FileType = core::FileTree::Type;

constexpr std::string_view kChartFile = "Chart.yaml";

class Loader {
 public:
  Loader(const core::FileTree& files, const ChartLimits& limits, LoadedChart* loaded)
      : tree_(files), limits_(limits), heap_(loaded->heap.get()), loaded_(*loaded) {}

  core::Result<std::vector<ChartFile>> GatherDirectory(const std::string& root);
  core::Result<std::vector<ChartFile>> Unpack(std::string_view archive);
  core::Result<Chart*> Load(const std::vector<ChartFile>& files, size_t depth);
  // The chart again, with the dependencies that it lacks added to its files.
  core::Result<Chart*> Complete(const Chart& chart, const std::string& root, ChartSources* sources,
                                std::vector<ChartFile>* files);

 private:
  core::Status Gather(const std::string& root, const std::string& below, const IgnoreRules& rules,
                      size_t depth, std::vector<ChartFile>* found);
  core::Status Keep(std::string_view name, std::string_view data, std::vector<ChartFile>* found);
  core::Status Take(const ChartFile& file, Chart* chart);
  core::Status AddLocal(const Dependency& wanted, const std::string& root,
                        std::vector<ChartFile>* files);
  core::Result<Chart*> LoadSubchart(std::string_view name, const std::vector<ChartFile>& files,
                                    size_t depth);

  const core::FileTree& tree_;
  const ChartLimits& limits_;
  Heap* heap_;
  LoadedChart& loaded_;
  size_t files_ = 0, bytes_ = 0, charts_ = 0;
};

std::string Below(std::string_view directory, std::string_view name) {
  return directory.empty() ? std::string(name) : fmt::format("{}/{}", directory, name);
}

core::Status Loader::Keep(std::string_view name, std::string_view data,
                          std::vector<ChartFile>* found) {
  if (++files_ > limits_.files) {
    return core::Invalid(fmt::format("more than {} files in the chart", limits_.files));
  }
  bytes_ += data.size();
  if (bytes_ > limits_.chart_bytes) {
    return core::Invalid(fmt::format("the chart is larger than {} bytes", limits_.chart_bytes));
  }
  found->push_back({heap_->Copy(name), heap_->Copy(data)});
  return core::Ok();
}

core::Status Loader::Gather(const std::string& root, const std::string& below,
                            const IgnoreRules& rules, size_t depth, std::vector<ChartFile>* found) {
  if (depth > limits_.directory_depth) {
    return core::Invalid(
        fmt::format("{}: directories nested deeper than {}", below, limits_.directory_depth));
  }
  core::Result<std::vector<core::FileTree::Entry>> entries =
      tree_.List(below.empty() ? root : Below(root, below));
  if (!entries) return entries.error();
  for (const core::FileTree::Entry& entry : *entries) {
    const std::string path = Below(below, entry.name);
    if (rules.Ignores(path, entry.type == FileType::kDirectory)) continue;
    if (entry.type == FileType::kDirectory) {
      const core::Status gathered = Gather(root, path, rules, depth + 1, found);
      if (!gathered) return gathered;
      continue;
    }
    if (entry.type == FileType::kNone) {
      return core::Invalid(
          fmt::format("{}: neither a file nor a directory, nor a link to one", path));
    }
    core::Result<std::string> data = tree_.Read(Below(root, path));
    if (!data) return data.error();
    if (data->size() > limits_.file_bytes) {
      return core::Invalid(fmt::format("chart file {} is larger than the maximum file size {}",
                                       path, limits_.file_bytes));
    }
    std::string_view text = *data;
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    const core::Status kept = Keep(path, text, found);
    if (!kept) return kept;
  }
  return core::Ok();
}

core::Result<std::vector<ChartFile>> Loader::GatherDirectory(const std::string& root) {
  if (tree_.TypeOf(Below(root, kChartFile)) != FileType::kFile) {
    return core::Invalid(fmt::format("{}: no such file; a chart has one", Below(root, kChartFile)));
  }
  core::Result<IgnoreRules> rules = IgnoreRules();
  const std::string ignore = Below(root, ".helmignore");
  if (tree_.TypeOf(ignore) == FileType::kFile) {
    core::Result<std::string> text = tree_.Read(ignore);
    if (!text) return text.error();
    rules = IgnoreRules::Parse(*text);
    if (!rules) return rules.error();
  }
  std::vector<ChartFile> found;
  const core::Status gathered = Gather(root, "", *rules, 0, &found);
  if (!gathered) return gathered.error();
  return found;
}

core::Result<std::vector<ChartFile>> Loader::Unpack(std::string_view archive) {
  core::Result<std::vector<ArchiveFile>> files = ReadArchive(archive, limits_);
  if (!files) return files.error();
  std::vector<ChartFile> found;
  for (const ArchiveFile& file : *files) {
    const core::Status kept = Keep(file.name, file.data, &found);
    if (!kept) return kept.error();
  }
  return found;
}

// A file that is neither Chart.yaml nor part of another chart.
core::Status Loader::Take(const ChartFile& file, Chart* chart) {
  const bool old = chart->metadata->api_version == "v1";
  if (file.name == "values.yaml") {
    core::Result<Map*> values = ReadValues(file.data, file.name, heap_, limits_);
    if (!values) return values.error();
    chart->values = *values;
  } else if (file.name == "values.schema.json") {
    chart->schema = file.data;
  } else if (file.name == "Chart.lock") {
    return CheckLock(file.data, file.name);
  } else if (file.name == "requirements.lock") {
    if (old) chart->files.push_back(file);
    return CheckLock(file.data, file.name);
  } else if (file.name == "requirements.yaml") {
    if (old) chart->files.push_back(file);
    if (!old) {
      loaded_.warnings.push_back(
          fmt::format("{}: dependencies stand in Chart.yaml since apiVersion v2", file.name));
    }
    return ReadMetadata(file.data, file.name, heap_, chart->metadata);
  } else if (file.name.starts_with("templates/")) {
    chart->templates.push_back(file);
  } else {
    chart->files.push_back(file);
  }
  return core::Ok();
}

core::Result<Chart*> Loader::LoadSubchart(std::string_view name,
                                          const std::vector<ChartFile>& files, size_t depth) {
  if (PathExtension(name) == ".tgz") {
    if (files.front().name != name) return core::Invalid("an archive expected, a directory found");
    core::Result<std::vector<ChartFile>> unpacked = Unpack(files.front().data);
    if (!unpacked) return unpacked.error();
    return Load(*unpacked, depth);
  }
  std::vector<ChartFile> own;
  for (const ChartFile& file : files) {
    const size_t slash = file.name.find('/');
    if (slash != std::string_view::npos) own.push_back({file.name.substr(slash + 1), file.data});
  }
  return Load(own, depth);
}

core::Result<Chart*> Loader::Load(const std::vector<ChartFile>& files, size_t depth) {
  if (++charts_ > limits_.charts) {
    return core::Invalid(fmt::format("more than {} charts in the chart", limits_.charts));
  }
  if (depth > limits_.chart_depth) {
    return core::Invalid(fmt::format("charts nested deeper than {}", limits_.chart_depth));
  }
  Chart* chart = heap_->New<Chart>();
  chart->metadata = heap_->New<ChartMetadata>();
  bool found = false;
  for (const ChartFile& file : files) {
    if (file.name != kChartFile) continue;
    found = true;
    core::Status read = ReadMetadata(file.data, file.name, heap_, chart->metadata);
    if (!read) return read.error();
  }
  if (!found) return core::Invalid("Chart.yaml file is missing");
  if (chart->metadata->api_version.empty()) chart->metadata->api_version = "v1";

  constexpr std::string_view kCharts = "charts/";
  std::map<std::string_view, std::vector<ChartFile>> subcharts;
  for (const ChartFile& file : files) {
    if (file.name == kChartFile) continue;
    if (file.name.starts_with(kCharts) && PathExtension(file.name) != ".prov") {
      const std::string_view name = file.name.substr(kCharts.size());
      subcharts[name.substr(0, name.find('/'))].push_back({name, file.data});
      continue;
    }
    core::Status taken = Take(file, chart);
    if (!taken) return taken.error();
  }
  core::Status valid = ValidateMetadata(chart->metadata, heap_);
  if (!valid) return valid.error();

  std::vector<Chart*> dependencies;
  for (const auto& [name, own] : subcharts) {
    if (name.starts_with('_') || name.starts_with('.')) continue;
    core::Result<Chart*> subchart = LoadSubchart(name, own, depth + 1);
    if (!subchart) {
      return subchart.error().In(fmt::format("subchart {} in {}", name, chart->name()));
    }
    dependencies.push_back(*subchart);
  }
  chart->SetDependencies(std::move(dependencies));
  return chart;
}

// A directory of the same tree: "file://../common".
core::Status Loader::AddLocal(const Dependency& wanted, const std::string& root,
                              std::vector<ChartFile>* files) {
  const core::Result<std::string> at =
      core::Clean(root, wanted.repository.substr(kLocalRepository.size()));
  if (!at) return at.error();
  const core::Result<std::vector<ChartFile>> own = GatherDirectory(*at);
  if (!own) return own.error();
  for (const ChartFile& file : *own) {
    files->push_back({heap_->Copy(fmt::format("charts/{}/{}", wanted.name, file.name)), file.data});
  }
  return core::Ok();
}

core::Result<Chart*> Loader::Complete(const Chart& chart, const std::string& root,
                                      ChartSources* sources, std::vector<ChartFile>* files) {
  const core::Result<std::vector<Dependency>> wanted = WantedDependencies(chart, *files, heap_);
  if (!wanted) return wanted.error();
  for (const Dependency& each : *wanted) {
    const std::string doing = fmt::format("dependency {}", each.name);
    if (each.repository.starts_with(kLocalRepository)) {
      const core::Status added = AddLocal(each, root, files);
      if (!added) return added.error().In(doing);
      continue;
    }
    const core::Result<FoundChart> found = sources->Find(
        {std::string(each.repository), std::string(each.name), std::string(each.version)});
    if (!found) return found.error().In(doing);
    const core::Status kept =
        Keep(fmt::format("charts/{}-{}.tgz", each.name, found->version), found->archive, files);
    if (!kept) return kept.error();
  }
  charts_ = 0;
  loaded_.warnings.clear();
  return Load(*files, 0);
}

}  // namespace

core::Result<LoadedChart> LoadChart(const core::FileTree& files, std::string_view path,
                                    const ChartLimits& limits, ChartSources* sources) {
  LoadedChart loaded;
  loaded.heap = std::make_unique<Heap>();
  Loader loader(files, limits, &loaded);
  const std::string at(path), shown = at.empty() ? "." : at;
  const bool is_file = files.TypeOf(at) == FileType::kFile;
  core::Result<std::vector<ChartFile>> found = std::vector<ChartFile>();
  if (is_file) {
    core::Result<std::string> archive = files.Read(at);
    if (!archive) return archive.error();
    found = loader.Unpack(*archive);
  } else {
    found = loader.GatherDirectory(at);
  }
  if (!found) return found.error().In(shown);
  core::Result<Chart*> chart = loader.Load(*found, 0);
  if (chart && sources && !MissingDependencies(**chart).empty()) {
    chart = loader.Complete(**chart, at, sources, &*found);
  }
  if (!chart) return chart.error().In(shown);
  const std::string_view version = (*chart)->metadata->api_version;
  // Helm knows charts of v3, and does not render them either.
  if (version != "v1" && version != "v2") {
    return core::Invalid(
        fmt::format("{}: Chart.yaml: apiVersion: v1 or v2 expected, {} found", shown, version));
  }
  loaded.chart = *chart;
  return loaded;
}

}  // namespace headgate::templating::helm
