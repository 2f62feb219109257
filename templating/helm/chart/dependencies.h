#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "templating/helm/chart/chart.h"
#include "templating/helm/chart/limits.h"

namespace headgate::templating::helm {

// The names of dependencies that Chart.yaml lists and charts/ does not hold.
std::vector<std::string> MissingDependencies(const Chart& chart);

// Takes out the dependencies that conditions and tags of `values` disable, gives aliases, and
// imports values of children into their parents. Changes the chart. kInvalid where the values of a
// subchart are no map.
core::Status ProcessDependencies(LoadedChart* loaded, Map* values, const ChartLimits& limits);

}  // namespace headgate::templating::helm
