#pragma once

#include "core/result.h"
#include "templating/helm/chart/chart.h"
#include "templating/helm/chart/limits.h"

namespace headgate::templating::helm {

// Checks the values of a chart and of its dependencies against their values.schema.json. kInvalid
// names the charts and the values' paths, never a value.
core::Status CheckSchemas(const Chart& chart, Map* values, const ChartLimits& limits);

}  // namespace headgate::templating::helm
