#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "templating/helm/value.h"

namespace headgate::templating::helm {

// A file of a chart; its path is relative to the chart. The texts live in the chart's heap.
struct ChartFile {
  std::string_view name;
  std::string_view data;
};

struct Maintainer {
  std::string_view name, email, url;
};

// An entry of `dependencies` in Chart.yaml (or of requirements.yaml).
struct Dependency {
  std::string_view name, version, repository, condition;
  std::vector<std::string_view> tags;
  bool enabled = false;
  std::vector<Value> import_values;
  std::string_view alias;
};

// Chart.yaml.
struct ChartMetadata {
  std::string_view name, home, version, description, icon, api_version, condition, tags;
  std::string_view app_version, kube_version, type;
  std::vector<std::string_view> sources, keywords;
  std::vector<Maintainer*> maintainers;
  bool deprecated = false;
  Map* annotations = nullptr;  // of texts; nullptr where there are none
  // Nothing and none are different: Helm looks at subcharts' own dependencies only below a chart
  // that has a list of them, if an empty one.
  std::optional<std::vector<Dependency*>> dependencies;
};

// A chart, and the charts in it. Made by LoadChart, and changed while its dependencies are
// processed: aliased charts are copies that share what they do not change, as in Helm.
struct Chart {
  ChartMetadata* metadata = nullptr;
  std::vector<ChartFile> templates;  // below templates/
  std::vector<ChartFile> files;      // what has no other meaning, crds/ among it
  Map* values = nullptr;             // nullptr where there is no values.yaml
  std::optional<std::string_view> schema;
  Chart* parent = nullptr;
  std::vector<Chart*> dependencies;

  std::string_view name() const { return metadata->name; }
  bool is_root() const { return parent == nullptr; }
  bool is_library() const;
  std::string FullPath() const;  // "parent/charts/child"
  void SetDependencies(std::vector<Chart*> charts);
};

// A chart with all that its parts view.
struct LoadedChart {
  std::unique_ptr<Heap> heap;
  Chart* chart = nullptr;
  std::vector<std::string> warnings;  // for people
};

// A custom resource definition of crds/, of a chart or one of its dependencies.
struct CrdFile {
  std::string path;  // with the chart's
  std::string_view data;
};
std::vector<CrdFile> CrdFiles(const Chart& chart);

}  // namespace headgate::templating::helm
