#pragma once

#include <memory>
#include <vector>

#include "core/result.h"
#include "templating/kustomize/build.h"
#include "templating/kustomize/kustomization.h"
#include "templating/kustomize/loader.h"
#include "templating/kustomize/resource.h"

namespace headgate::templating::kustomize {

// HelmChartInflationGenerator, an entry of helmCharts: what a chart below chartHome renders to, in
// process, as kustomize has `helm template` render it. Each resource is marked as a chart's: the
// namespace of kustomizations does not touch it. kInvalid without ChartRules::enabled, for a chart
// that would have to be fetched, and for what the chart's engine refuses.
core::Result<std::vector<std::unique_ptr<Resource>>> InflateChart(const HelmChart& chart,
                                                                  const HelmGlobals& globals,
                                                                  const Loader& loader,
                                                                  Build* build);

}  // namespace headgate::templating::kustomize
