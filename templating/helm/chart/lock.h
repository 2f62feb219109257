#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "templating/helm/chart/chart.h"

namespace headgate::templating::helm {

inline constexpr std::string_view kLocalRepository = "file://";

// The dependencies that a chart lists and does not hold, with where they are to be found: as
// Chart.lock (or requirements.lock) has them, else as Chart.yaml does. kInvalid where the lock is
// of other dependencies than Chart.yaml's, and where no repository is named, or none by a URL.
core::Result<std::vector<Dependency>> WantedDependencies(const Chart& chart,
                                                         const std::vector<ChartFile>& files,
                                                         Heap* heap);

// What a lock says of the dependencies that it was made for: "sha256:...", as Helm 3 and 4 compute
// it.
std::string LockDigest(const std::vector<Dependency*>& listed,
                       const std::vector<Dependency*>& locked, Heap* heap);

}  // namespace headgate::templating::helm
