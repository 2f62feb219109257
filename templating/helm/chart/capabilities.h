#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "templating/helm/value.h"

namespace headgate::templating::helm {

// A Kubernetes version, as --kube-version gives it.
struct KubeVersion {
  std::string version;     // as given, with a "v"
  std::string normalized;  // without what distributors add; constraints see it
  std::string major, minor;
};

// At least two numbers, and anything behind them.
core::Result<KubeVersion> ParseKubeVersion(std::string_view text);
// What Helm 4.1.4 assumes without a cluster.
KubeVersion DefaultKubeVersion();
const std::vector<std::string_view>& DefaultApiVersions();

// The object .Capabilities; `more` API versions come behind those of the default.
Value MakeCapabilities(const KubeVersion& version, const std::vector<std::string>& more,
                       Heap* heap);

}  // namespace headgate::templating::helm
