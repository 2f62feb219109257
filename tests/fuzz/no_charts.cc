// Stands for the chart engine, which is no part of what is tried here: charts are refused.
#include "templating/kustomize/charts.h"

namespace headgate::templating::kustomize {

core::Result<std::vector<std::unique_ptr<Resource>>> InflateChart(const HelmChart&,
                                                                  const HelmGlobals&, const Loader&,
                                                                  Build*) {
  return core::Invalid("charts are not rendered here");
}

}  // namespace headgate::templating::kustomize
