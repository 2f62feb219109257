#pragma once

#include <string_view>

#include "core/file_tree.h"
#include "core/result.h"
#include "templating/helm/chart/chart.h"
#include "templating/helm/chart/limits.h"
#include "templating/helm/chart/sources.h"

namespace headgate::templating::helm {

// Loads a chart with all the charts in it: a directory, whose .helmignore is obeyed, or a packaged
// one (.tgz). kInvalid names the file that Helm would refuse too, or the bound. With `sources`
// dependencies that charts/ does not hold come from where Chart.yaml says: another directory of the
// tree (file://), or a repository; in the versions of Chart.lock, where there is one.
core::Result<LoadedChart> LoadChart(const core::FileTree& files, std::string_view path,
                                    const ChartLimits& limits, ChartSources* sources = nullptr);

// The values of one file, of several documents the later ones merged into the earlier. The map and
// its texts live in the heap. kInvalid: "FILE:LINE:COLUMN: ...".
core::Result<Map*> ReadValues(std::string_view text, std::string_view file, Heap* heap,
                              const ChartLimits& limits);

// Puts the entries of `over` into `base`, maps into maps.
void MergeMaps(Map* base, Map* over, Heap* heap);

}  // namespace headgate::templating::helm
