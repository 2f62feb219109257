#pragma once

#include <string>
#include <vector>

#include "templating/helm/chart/chart.h"
#include "templating/helm/function.h"

namespace headgate::templating::helm {

// A template of a chart or one of its dependencies, and what it is rendered with.
struct ChartTemplate {
  std::string path;  // with the chart's
  std::string_view text;
  Map* dot = nullptr;     // the same for all templates of a chart
  std::string base_path;  // .Template.BasePath
};

// .Release, .Capabilities and the coalesced values.
struct TopValues {
  Map* release = nullptr;
  Value capabilities;
  Map* values = nullptr;
};
Map* MakeRelease(std::string_view name, std::string_view namespace_name, bool upgrade, Heap* heap);

// All templates, in the order in which Helm parses and renders them: what is deepest in the tree of
// files comes first.
std::vector<ChartTemplate> GatherTemplates(const Chart& chart, const TopValues& top, Heap* heap);

// Says which template is being rendered: .Template.
void SetTemplate(const ChartTemplate& rendered, Heap* heap);

// The methods of .Files, .Capabilities and .Values.
void AddChartMethods(FunctionTable* table);

}  // namespace headgate::templating::helm
