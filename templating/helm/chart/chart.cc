#include "templating/helm/chart/chart.h"

#include <algorithm>

#include "templating/helm/chart/paths.h"
#include "templating/helm/chart/text.h"

namespace headgate::templating::helm {
namespace {

bool IsManifest(std::string_view name) {
  const std::string_view extension = PathExtension(name);
  return EqualsIgnoringCase(extension, ".yaml") || EqualsIgnoringCase(extension, ".yml") ||
         EqualsIgnoringCase(extension, ".json");
}

void AddCrdFiles(const Chart& chart, std::vector<CrdFile>* found) {
  for (const ChartFile& file : chart.files) {
    if (!file.name.starts_with("crds/") || !IsManifest(file.name)) continue;
    found->push_back({PathJoin(chart.FullPath(), file.name), file.data});
  }
  for (const Chart* dependency : chart.dependencies) AddCrdFiles(*dependency, found);
}

}  // namespace

bool Chart::is_library() const { return EqualsIgnoringCase(metadata->type, "library"); }

std::string Chart::FullPath() const {
  return parent ? parent->FullPath() + "/charts/" + std::string(name()) : std::string(name());
}

void Chart::SetDependencies(std::vector<Chart*> charts) {
  dependencies = std::move(charts);
  for (Chart* dependency : dependencies) dependency->parent = this;
}

std::vector<CrdFile> CrdFiles(const Chart& chart) {
  std::vector<CrdFile> found;
  AddCrdFiles(chart, &found);
  return found;
}

}  // namespace headgate::templating::helm
