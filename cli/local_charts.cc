#include "cli/charts.h"
#include "templating/helm/source/fetcher.h"

namespace headgate::cli {

std::shared_ptr<templating::helm::ChartSources> LocalCharts() {
  return std::make_shared<templating::helm::ChartFetcher>(nullptr, nullptr,
                                                          templating::helm::FetchRules{});
}

}  // namespace headgate::cli
