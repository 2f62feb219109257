#pragma once

#include <memory>
#include <string>
#include <vector>

namespace headgate::templating::helm {
class ChartSources;
}

namespace headgate::cli {

// Finds charts for `template` and `build --allow-remote`: repositories and registries of these
// hosts, over https. Credentials are those of the file that $HELM_REGISTRY_CONFIG names, or of
// Docker's config.json ("auths"); each goes to its own host alone. Archives are kept below
// $XDG_CACHE_HOME/headgate/charts by their digest. SSL_CERT_FILE names authorities to trust instead
// of the system's.
std::shared_ptr<templating::helm::ChartSources> NewCharts(const std::vector<std::string>& hosts);

// The same without any host, for what stands in the tree (file://).
std::shared_ptr<templating::helm::ChartSources> LocalCharts();

}  // namespace headgate::cli
